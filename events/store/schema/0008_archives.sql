-- What remains of events that were archived: enough for the chain, and where they are.
CREATE TABLE archives (
    number      integer     NOT NULL,
    file        text        NOT NULL,  -- its name, in the folder of the archives
    sha256      bytea       NOT NULL,  -- of the file
    events      bigint      NOT NULL,
    archived_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT archives_number_key PRIMARY KEY (number),
    CONSTRAINT archives_file_key UNIQUE (file)
);

CREATE TABLE archived_events (
    position bigint  NOT NULL,
    hash     bytea   NOT NULL,
    archive  integer NOT NULL,
    CONSTRAINT archived_events_position_key PRIMARY KEY (position),
    CONSTRAINT archived_events_archive_key FOREIGN KEY (archive) REFERENCES archives (number)
);

CREATE TRIGGER archives_append_only BEFORE UPDATE OR DELETE ON archives
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER archives_no_truncate BEFORE TRUNCATE ON archives
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER archived_events_append_only BEFORE UPDATE OR DELETE ON archived_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER archived_events_no_truncate BEFORE TRUNCATE ON archived_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE archives ENABLE ALWAYS TRIGGER archives_append_only;
ALTER TABLE archives ENABLE ALWAYS TRIGGER archives_no_truncate;
ALTER TABLE archived_events ENABLE ALWAYS TRIGGER archived_events_append_only;
ALTER TABLE archived_events ENABLE ALWAYS TRIGGER archived_events_no_truncate;

-- An event leaves the log only once it is known where it is; and only its owner may delete at all.
CREATE FUNCTION refuse_unarchived() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM archived_events AS kept WHERE kept.position = OLD.position AND kept.hash = OLD.hash
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;

DROP TRIGGER events_append_only ON events;
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION refuse_unarchived();
ALTER TABLE events ENABLE ALWAYS TRIGGER events_append_only;

GRANT SELECT ON archives, archived_events TO storky_reader, storky_subscriber;

CREATE VIEW audit.archives AS SELECT number, archived_at, file, encode(sha256, 'hex') AS sha256, events FROM archives;

COMMENT ON VIEW audit.archives IS 'The files that events of closed streams were moved to.';
COMMENT ON COLUMN audit.archives.number IS '1, 2, 3 and so on.';
COMMENT ON COLUMN audit.archives.archived_at IS 'When its events left the database.';
COMMENT ON COLUMN audit.archives.file IS 'Its name in the folder of the archives.';
COMMENT ON COLUMN audit.archives.sha256 IS 'The digest of the file, in hexadecimal.';
COMMENT ON COLUMN audit.archives.events IS 'How many events it has.';

GRANT SELECT ON audit.archives TO storky_auditor;
