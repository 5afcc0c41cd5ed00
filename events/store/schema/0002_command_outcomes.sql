-- What was decided about each command, so that a command that comes again gets the same answer.
CREATE TABLE command_outcomes (
    command_id  uuid        NOT NULL,
    accepted    boolean     NOT NULL,
    stream      text        NOT NULL COLLATE "C",
    version     integer     NOT NULL,
    position    bigint      NOT NULL,
    code        text,
    reason      text,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT command_outcomes_command_id_key PRIMARY KEY (command_id),
    CONSTRAINT command_outcomes_refusal_has_reason CHECK (
        accepted = (code IS NULL) AND accepted = (reason IS NULL)
    )
);

CREATE TRIGGER command_outcomes_append_only BEFORE UPDATE OR DELETE ON command_outcomes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER command_outcomes_no_truncate BEFORE TRUNCATE ON command_outcomes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE command_outcomes ENABLE ALWAYS TRIGGER command_outcomes_append_only;
ALTER TABLE command_outcomes ENABLE ALWAYS TRIGGER command_outcomes_no_truncate;
