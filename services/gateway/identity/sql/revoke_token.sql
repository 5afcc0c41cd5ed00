UPDATE gateway.api_tokens
SET revoked_at = coalesce(revoked_at, now())
WHERE id = $1
RETURNING id, user_id, username, email, role, label, created_at, expires_at, revoked_at
