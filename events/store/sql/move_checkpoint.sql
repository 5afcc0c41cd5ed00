-- Matches nothing when another process has moved the checkpoint since it was read.
UPDATE checkpoints SET position = $3, updated_at = now()
WHERE name = $1 AND position = $2
RETURNING position
