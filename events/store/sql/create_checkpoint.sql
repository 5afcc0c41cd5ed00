INSERT INTO checkpoints (name, position, updated_at) VALUES ($1, 0, now())
ON CONFLICT ON CONSTRAINT checkpoints_name_key DO NOTHING
