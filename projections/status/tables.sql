CREATE TABLE status_migrations (
    id uuid PRIMARY KEY,
    source_region text NOT NULL,
    source_app text NOT NULL,
    destination_region text NOT NULL,
    destination_app text NOT NULL,
    app_id text NOT NULL,
    new_app_id text NOT NULL,
    status text NOT NULL,
    version integer NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    started_by text NOT NULL
);

CREATE INDEX status_migrations_newest ON status_migrations (started_at DESC, id);
CREATE INDEX status_migrations_by_app ON status_migrations (source_region, source_app, started_at DESC);
CREATE INDEX status_migrations_by_starter ON status_migrations (started_by, started_at DESC);
CREATE INDEX status_migrations_by_app_id ON status_migrations (source_region, app_id);
CREATE INDEX status_migrations_by_new_app_id ON status_migrations (destination_region, new_app_id);

CREATE TABLE status_tasks (
    task_id uuid PRIMARY KEY,
    migration_id uuid NOT NULL,
    step text NOT NULL,
    run integer NOT NULL,
    place integer NOT NULL,
    name text NOT NULL,
    item text,
    label text NOT NULL,
    service text NOT NULL,
    state text NOT NULL,
    skipped boolean NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    reasons jsonb NOT NULL,
    result jsonb NOT NULL
);

CREATE INDEX status_tasks_by_migration ON status_tasks (migration_id, run, place);
CREATE INDEX status_tasks_by_end ON status_tasks (name, finished_at DESC) WHERE state = 'done';
