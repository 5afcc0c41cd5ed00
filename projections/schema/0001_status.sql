-- The state of every migration and its tasks, as people and the gateway ask for it.
-- Group roles: a login of the projector is a member of storky_projection_writer, the gateway's of storky_viewer.

DO $$
BEGIN
    CREATE ROLE storky_projection_writer NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;  -- roles belong to the whole server: another database's installation was first
END
$$;

DO $$
BEGIN
    CREATE ROLE storky_viewer NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$$;

CREATE SCHEMA projections;

CREATE TABLE projections.status_migrations (
    id uuid PRIMARY KEY,
    source_region text NOT NULL,
    source_app text NOT NULL,
    destination_region text NOT NULL,
    destination_app text NOT NULL,
    app_id text NOT NULL DEFAULT '',
    new_app_id text NOT NULL DEFAULT '',
    status text NOT NULL,
    version integer NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz
);

CREATE INDEX status_migrations_by_app
    ON projections.status_migrations (source_region, source_app, started_at DESC);

CREATE TABLE projections.status_tasks (
    task_id uuid PRIMARY KEY,
    migration_id uuid NOT NULL REFERENCES projections.status_migrations (id),
    step text NOT NULL,
    run integer NOT NULL,
    place integer NOT NULL,
    name text NOT NULL,
    item text,
    label text NOT NULL,
    service text NOT NULL,
    state text NOT NULL,
    skipped boolean NOT NULL DEFAULT false,
    started_at timestamptz,
    finished_at timestamptz,
    reasons jsonb NOT NULL DEFAULT '[]',
    result jsonb NOT NULL DEFAULT '{}'
);

CREATE INDEX status_tasks_by_migration ON projections.status_tasks (migration_id, run, place);

GRANT USAGE ON SCHEMA projections TO storky_projection_writer, storky_viewer;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA projections TO storky_projection_writer;
GRANT SELECT ON ALL TABLES IN SCHEMA projections TO storky_viewer;
GRANT SELECT ON events, checkpoints TO storky_projection_writer;
GRANT INSERT, UPDATE ON checkpoints TO storky_projection_writer;
GRANT SELECT ON checkpoints TO storky_viewer;
