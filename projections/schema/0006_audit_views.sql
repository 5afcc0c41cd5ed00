-- The state of migrations for people with psql, beside what the log's own schema gives to auditors.

CREATE VIEW audit.migrations AS
SELECT
    id AS migration_id,
    status,
    source_region,
    source_app,
    destination_region,
    destination_app,
    app_id,
    new_app_id,
    started_by,
    started_at,
    finished_at,
    version
FROM projections.status_migrations;

COMMENT ON VIEW audit.migrations IS 'Where each migration stands, archived ones too.';
COMMENT ON COLUMN audit.migrations.migration_id IS 'The migration.';
COMMENT ON COLUMN audit.migrations.status IS 'created, preflight-success, preflight-error, running, prepared, data-migrated, aborting, aborted, error or done.';
COMMENT ON COLUMN audit.migrations.source_region IS 'Where the app was.';
COMMENT ON COLUMN audit.migrations.source_app IS 'Its name there.';
COMMENT ON COLUMN audit.migrations.destination_region IS 'Where it was to go.';
COMMENT ON COLUMN audit.migrations.destination_app IS 'Its name there.';
COMMENT ON COLUMN audit.migrations.app_id IS 'The id of the old app; empty until a task has told it.';
COMMENT ON COLUMN audit.migrations.new_app_id IS 'The id of the new app; empty until there is one.';
COMMENT ON COLUMN audit.migrations.started_by IS 'The end user it was opened for, else the publisher that opened it.';
COMMENT ON COLUMN audit.migrations.started_at IS 'When it was opened.';
COMMENT ON COLUMN audit.migrations.finished_at IS 'When it ended; null while it has not.';
COMMENT ON COLUMN audit.migrations.version IS 'How many events its stream has.';

CREATE VIEW audit.tasks AS
SELECT
    migration_id,
    run,
    place,
    step,
    name,
    item,
    label,
    service,
    state,
    skipped,
    started_at,
    finished_at,
    reasons,
    result,
    task_id
FROM projections.status_tasks;

COMMENT ON VIEW audit.tasks IS 'The tasks of each migration, in the order of (run, place).';
COMMENT ON COLUMN audit.tasks.migration_id IS 'The migration.';
COMMENT ON COLUMN audit.tasks.run IS 'The how manieth step it was that the migration ran.';
COMMENT ON COLUMN audit.tasks.place IS 'The place in the plan of that run, from 0.';
COMMENT ON COLUMN audit.tasks.step IS 'preflight, prepare, data, finalize or abort.';
COMMENT ON COLUMN audit.tasks.name IS 'What is done, such as copy-variables.';
COMMENT ON COLUMN audit.tasks.item IS 'Of what, where a step has several tasks of one name, such as an addon; else null.';
COMMENT ON COLUMN audit.tasks.label IS 'What people are shown.';
COMMENT ON COLUMN audit.tasks.service IS 'Who does it.';
COMMENT ON COLUMN audit.tasks.state IS 'waiting, running, done or error.';
COMMENT ON COLUMN audit.tasks.skipped IS 'Whether there was nothing to do.';
COMMENT ON COLUMN audit.tasks.started_at IS 'When it was requested; null before.';
COMMENT ON COLUMN audit.tasks.finished_at IS 'When it was reported, or overtaken by an abort; null before.';
COMMENT ON COLUMN audit.tasks.reasons IS 'Why it failed: codes with their parameters.';
COMMENT ON COLUMN audit.tasks.result IS 'What it has found or made.';
COMMENT ON COLUMN audit.tasks.task_id IS 'The task of this run; another when the step is run again.';

GRANT SELECT ON audit.migrations, audit.tasks TO storky_auditor;
