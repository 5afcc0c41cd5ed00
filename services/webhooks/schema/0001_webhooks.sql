-- Who is told of events over HTTP, and what is still to be told. The gateway writes the endpoints, as operators
-- want them; the deliveries are its service's, for which there is a group role of its own.

-- Roles belong to the whole server: installers of other databases wait here for each other.
LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'storky_webhook_sender') THEN
        CREATE ROLE storky_webhook_sender NOLOGIN;
        GRANT storky_subscriber TO storky_webhook_sender;
    END IF;
END
$$;

CREATE SCHEMA webhooks;

CREATE TABLE webhooks.endpoints (
    name text PRIMARY KEY COLLATE "C",
    host text NOT NULL,  -- of the URL, which may hold a secret
    sealed_url bytea NOT NULL,
    sealed_secret bytea NOT NULL,
    subscriptions text[] NOT NULL,
    since bigint NOT NULL,  -- the log's end when it was added: what came later is delivered
    created_at timestamptz NOT NULL DEFAULT now(),
    paused_at timestamptz,  -- when it answered that it is gone; null: it is sent to
    delivered_at timestamptz,  -- the last success
    busy_until timestamptz NOT NULL DEFAULT '-infinity',  -- somebody is sending to it, or has died meanwhile
    rests_until timestamptz NOT NULL DEFAULT '-infinity'  -- it gave no answer, or could bear no more
);

CREATE TABLE webhooks.deliveries (
    endpoint text NOT NULL COLLATE "C" REFERENCES webhooks.endpoints ON DELETE CASCADE,
    id uuid NOT NULL,  -- the event's
    position bigint NOT NULL,  -- the event's; 0: a test
    type text NOT NULL,
    body bytea NOT NULL,
    due_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,  -- that have failed
    tried_since timestamptz,  -- the first of them
    problem text,  -- of the last of them
    parked_at timestamptz,  -- null: it is tried
    PRIMARY KEY (endpoint, id)
);

CREATE INDEX deliveries_due ON webhooks.deliveries (endpoint, due_at, position) WHERE parked_at IS NULL;
CREATE INDEX deliveries_parked ON webhooks.deliveries (endpoint, position, id) WHERE parked_at IS NOT NULL;

-- What may be shown of it. A test is no delivery that anybody misses.
CREATE VIEW webhooks.overview AS
SELECT
    name,
    host,
    subscriptions,
    created_at,
    paused_at,
    delivered_at,
    (
        SELECT count(*) FROM webhooks.deliveries WHERE endpoint = name AND parked_at IS NULL AND position > 0
    ) AS waiting,
    (SELECT count(*) FROM webhooks.deliveries WHERE endpoint = name AND parked_at IS NOT NULL) AS parked,
    (
        SELECT problem
        FROM webhooks.deliveries
        WHERE endpoint = name AND parked_at IS NULL AND attempts > 0 AND position > 0
        ORDER BY due_at DESC
        LIMIT 1
    ) AS problem
FROM webhooks.endpoints;

GRANT USAGE ON SCHEMA webhooks TO storky_webhook_sender, storky_token_keeper, storky_viewer;
GRANT SELECT ON webhooks.overview TO storky_viewer;
GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks.endpoints, webhooks.deliveries TO storky_token_keeper;
GRANT SELECT, UPDATE (paused_at, delivered_at, busy_until, rests_until) ON webhooks.endpoints TO storky_webhook_sender;
GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks.deliveries TO storky_webhook_sender;
