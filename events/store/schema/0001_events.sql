-- The log. Text is compared by its bytes: the order of an index must not change with the system's locale.
CREATE TABLE events (
    position       bigint      NOT NULL,
    stream         text        NOT NULL COLLATE "C",
    version        integer     NOT NULL,
    id             uuid        NOT NULL,
    type           text        NOT NULL,
    schema_version integer     NOT NULL,
    data           text        NOT NULL,  -- JSON, kept byte for byte: the hash covers it
    metadata       text        NOT NULL,  -- JSON, as above
    recorded_at    timestamptz NOT NULL,
    hash           bytea       NOT NULL,
    CONSTRAINT events_position_key PRIMARY KEY (position),
    CONSTRAINT events_stream_version_key UNIQUE (stream, version),
    CONSTRAINT events_id_key UNIQUE (id),
    CONSTRAINT events_counted_from_one CHECK (position > 0 AND version > 0),
    CONSTRAINT events_hash_sha256 CHECK (octet_length(hash) = 32)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;

-- A row trigger, because replication fires no other; a statement trigger, because TRUNCATE knows no rows.
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ALWAYS: otherwise session_replication_role = replica switches them off.
ALTER TABLE events ENABLE ALWAYS TRIGGER events_append_only;
ALTER TABLE events ENABLE ALWAYS TRIGGER events_no_truncate;
