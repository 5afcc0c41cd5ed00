-- What a process may do is a role of its own; logins are made members (see logins.py).
-- Roles belong to the whole server: installers of other databases wait here for each other.
LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;

DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['storky_writer', 'storky_reader', 'storky_subscriber'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        END IF;
    END LOOP;
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;  -- the default since PostgreSQL 15
GRANT USAGE ON SCHEMA public TO storky_writer, storky_reader, storky_subscriber;

GRANT SELECT, INSERT ON events, command_outcomes TO storky_writer;
GRANT SELECT ON events, command_outcomes, checkpoints TO storky_reader;
GRANT SELECT ON events TO storky_subscriber;
GRANT SELECT, INSERT, UPDATE ON checkpoints TO storky_subscriber;
