-- A token of the settings. One that was revoked stays revoked.
INSERT INTO gateway.api_tokens (id, sha256, user_id, username, email, role, label)
VALUES ($1, $2, $3, $4, $5, $6, 'settings')
ON CONFLICT (sha256) DO UPDATE
    SET user_id = excluded.user_id, username = excluded.username, email = excluded.email, role = excluded.role
