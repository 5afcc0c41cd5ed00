DO $$
DECLARE
    login text := current_setting('storky.login');
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = login) THEN
        EXECUTE format('CREATE ROLE %I', login);
    END IF;
    EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', login, current_setting('storky.verifier'));
    EXECUTE format('GRANT %I TO %I', current_setting('storky.role'), login);
END
$$
