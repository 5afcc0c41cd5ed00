SELECT id, user_id, username, email, role, label, created_at, expires_at, revoked_at
FROM gateway.api_tokens
WHERE user_id = $1
ORDER BY created_at DESC
LIMIT 1
