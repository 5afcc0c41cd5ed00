-- The API tokens of people and programs: the gateway's own, and nobody else's to read.
-- A group role for it alone, which may also do what any viewer may.

-- Roles belong to the whole server: installers of other databases wait here for each other.
LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'storky_token_keeper') THEN
        CREATE ROLE storky_token_keeper NOLOGIN;
        GRANT storky_viewer TO storky_token_keeper;
    END IF;
END
$$;

CREATE SCHEMA gateway;

CREATE TABLE gateway.api_tokens (
    id uuid PRIMARY KEY,
    sha256 text NOT NULL UNIQUE,  -- of 32 random bytes: nothing to guess, so no slow hash
    user_id text NOT NULL,
    username text NOT NULL,
    email text NOT NULL,
    role text NOT NULL CHECK (role IN ('user', 'operator', 'auditor')),
    label text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,  -- null: never
    revoked_at timestamptz
);

CREATE INDEX api_tokens_by_user ON gateway.api_tokens (user_id, created_at DESC);

GRANT USAGE ON SCHEMA gateway TO storky_token_keeper;
GRANT SELECT, INSERT, UPDATE ON gateway.api_tokens TO storky_token_keeper;
