-- What people with psql may read. docs/audit.md has the same words in tables.
LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;  -- as in 0004

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'storky_auditor') THEN
        CREATE ROLE storky_auditor NOLOGIN;
    END IF;
END
$$;

CREATE SCHEMA audit;
GRANT USAGE ON SCHEMA audit TO storky_auditor;

CREATE VIEW audit.events AS
SELECT
    position,
    recorded_at,
    type,
    stream,
    version,
    CASE
        WHEN starts_with(stream, 'migration/') THEN substr(stream, length('migration/') + 1)::uuid
        WHEN type IN ('AppClaimed', 'AppReleased', 'CommandRejected') THEN (data::json ->> 'migration_id')::uuid
    END AS migration_id,
    metadata::json ->> 'actor' AS actor,
    metadata::json ->> 'on_behalf_of' AS on_behalf_of,
    (metadata::json ->> 'correlation_id')::uuid AS correlation_id,
    (metadata::json ->> 'causation_id')::uuid AS causation_id,
    metadata::json ->> 'traceparent' AS traceparent,
    id AS event_id,
    schema_version,
    data::json AS data,
    hash
FROM events;

COMMENT ON VIEW audit.events IS 'The whole log, an event in each row: what happened, when, and who caused it.';
COMMENT ON COLUMN audit.events.position IS 'The place in the log: 1, 2, 3 and so on, without holes but for events that were archived.';
COMMENT ON COLUMN audit.events.recorded_at IS 'When it was written; never runs backwards along the log.';
COMMENT ON COLUMN audit.events.type IS 'What happened, such as TaskFailed.';
COMMENT ON COLUMN audit.events.stream IS 'What it happened to: migration/<id>, app/<region>/<name>, publisher/<name> or platform/<name>. Indexed.';
COMMENT ON COLUMN audit.events.version IS 'The place in its stream, from 1.';
COMMENT ON COLUMN audit.events.migration_id IS 'The migration it is about; null where it is about none.';
COMMENT ON COLUMN audit.events.actor IS 'The publisher whose command caused it, as the broker has validated it.';
COMMENT ON COLUMN audit.events.on_behalf_of IS 'The end user that the gateway acted for, by an opaque id; null where there is none.';
COMMENT ON COLUMN audit.events.correlation_id IS 'The same for all that belongs to one undertaking; for a migration its id.';
COMMENT ON COLUMN audit.events.causation_id IS 'The command that caused it.';
COMMENT ON COLUMN audit.events.traceparent IS 'The W3C trace it was caused in; null where there is none.';
COMMENT ON COLUMN audit.events.event_id IS 'The id under which it is published.';
COMMENT ON COLUMN audit.events.schema_version IS 'The version of its type in which data is written.';
COMMENT ON COLUMN audit.events.data IS 'What happened in detail, byte for byte as it was written.';
COMMENT ON COLUMN audit.events.hash IS 'SHA-256 over the hash before it and all its columns (docs/audit.md has the recipe).';

CREATE VIEW audit.refusals AS
SELECT
    position,
    recorded_at,
    data::json ->> 'publisher' AS publisher,
    metadata::json ->> 'on_behalf_of' AS on_behalf_of,
    (data::json ->> 'command_id')::uuid AS command_id,
    data::json ->> 'command_type' AS command_type,
    (data::json ->> 'migration_id')::uuid AS migration_id,
    data::json -> 'app' ->> 'region' AS region,
    data::json -> 'app' ->> 'app' AS app,
    data::json ->> 'code' AS code,
    data::json ->> 'reason' AS reason
FROM events
WHERE type = 'CommandRejected';

COMMENT ON VIEW audit.refusals IS 'Commands that were refused, and changed nothing.';
COMMENT ON COLUMN audit.refusals.position IS 'The place in the log.';
COMMENT ON COLUMN audit.refusals.recorded_at IS 'When it was refused.';
COMMENT ON COLUMN audit.refusals.publisher IS 'Who had published the command.';
COMMENT ON COLUMN audit.refusals.on_behalf_of IS 'The end user that the gateway acted for, by an opaque id; null where there is none.';
COMMENT ON COLUMN audit.refusals.command_id IS 'The command, as its publisher had named it.';
COMMENT ON COLUMN audit.refusals.command_type IS 'What was asked for, such as RunStep.';
COMMENT ON COLUMN audit.refusals.migration_id IS 'The migration it was about; null where it named none.';
COMMENT ON COLUMN audit.refusals.region IS 'The region of the app it was about; null where it named none.';
COMMENT ON COLUMN audit.refusals.app IS 'The name of the app it was about; null where it named none.';
COMMENT ON COLUMN audit.refusals.code IS 'Why, in a stable word for programs.';
COMMENT ON COLUMN audit.refusals.reason IS 'Why, in a sentence.';

GRANT SELECT ON audit.events, audit.refusals TO storky_auditor;
