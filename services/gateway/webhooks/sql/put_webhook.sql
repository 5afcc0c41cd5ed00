-- One that is there keeps its secret, unless another one is wanted, and goes on if it was paused.
INSERT INTO webhooks.endpoints AS known (name, host, sealed_url, sealed_secret, subscriptions, since)
VALUES ($1, $2, $3, $4, $5, (SELECT coalesce(max(position), 0) FROM events))
ON CONFLICT (name) DO UPDATE SET
    host = excluded.host,
    sealed_url = excluded.sealed_url,
    sealed_secret = CASE WHEN $6 THEN excluded.sealed_secret ELSE known.sealed_secret END,
    subscriptions = excluded.subscriptions,
    paused_at = NULL,
    rests_until = '-infinity'
RETURNING sealed_secret = $4
