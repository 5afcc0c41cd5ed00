INSERT INTO webhooks.deliveries (endpoint, id, position, type, body) VALUES ($1, $2, $3, $4, $5)
