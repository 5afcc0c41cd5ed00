DELETE FROM webhooks.endpoints WHERE name = $1 RETURNING name
