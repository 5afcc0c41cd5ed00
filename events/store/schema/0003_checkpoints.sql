-- How far each subscription has read.
CREATE TABLE checkpoints (
    name       text        NOT NULL COLLATE "C",
    position   bigint      NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT checkpoints_name_key PRIMARY KEY (name),
    CONSTRAINT checkpoints_not_negative CHECK (position >= 0)
);
