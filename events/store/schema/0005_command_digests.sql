-- What tells a command from another one under the same id (SHA-256); null where any such is the same.
ALTER TABLE command_outcomes ADD COLUMN digest bytea;
