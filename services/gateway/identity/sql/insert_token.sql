INSERT INTO gateway.api_tokens (id, sha256, user_id, username, email, role, label, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING id, user_id, username, email, role, label, created_at, expires_at, revoked_at
