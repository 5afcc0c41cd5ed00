WITH delivered AS (
    DELETE FROM webhooks.deliveries WHERE endpoint = $1 AND id = $2
)
UPDATE webhooks.endpoints SET busy_until = '-infinity', delivered_at = now() WHERE name = $1
