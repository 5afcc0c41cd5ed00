DELETE FROM webhooks.deliveries WHERE endpoint = $1 AND id = $2
