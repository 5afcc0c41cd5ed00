-- Due before everything that waits. One of long ago is of a gateway that ended before its test did.
WITH left_over AS (
    DELETE FROM webhooks.deliveries WHERE endpoint = $1 AND position = 0 AND tried_since < now() - interval '1 hour'
)
INSERT INTO webhooks.deliveries (endpoint, id, position, type, body, due_at) VALUES ($1, $2, 0, $3, $4, 'epoch')
