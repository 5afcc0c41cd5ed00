UPDATE checkpoints SET name = $2 WHERE name = $1
