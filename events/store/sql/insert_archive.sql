INSERT INTO archives (number, file, sha256, events) VALUES ($1, $2, $3, $4)
