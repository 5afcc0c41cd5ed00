SELECT id, user_id, username, email, role, label, created_at, expires_at, revoked_at
FROM gateway.api_tokens
WHERE id = $1
