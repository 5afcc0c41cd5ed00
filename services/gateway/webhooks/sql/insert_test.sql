-- Due before everything that waits.
INSERT INTO webhooks.deliveries (endpoint, id, position, type, body, due_at) VALUES ($1, $2, 0, $3, $4, 'epoch')
