-- It is delivered, also if the lease was over; the endpoint is freed by whoever has it.
WITH delivered AS (
    DELETE FROM webhooks.deliveries WHERE endpoint = $1 AND id = $2
)
UPDATE webhooks.endpoints SET busy_until = '-infinity', delivered_at = now() WHERE name = $1 AND busy_until = $3
