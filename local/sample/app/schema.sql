CREATE TABLE IF NOT EXISTS measurements (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sensor text NOT NULL,
    value double precision NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT now(),
    note text
)
