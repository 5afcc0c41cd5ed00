-- One that is there is of a twin that was faster, before whose checkpoint this transaction gives way.
INSERT INTO webhooks.deliveries (endpoint, id, position, type, body) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (endpoint, id) DO NOTHING
