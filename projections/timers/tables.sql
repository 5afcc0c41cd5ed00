-- When each hand-over ends, and what was told of that so far: what the timers go by.
CREATE TABLE timers_handovers (
    migration_id uuid PRIMARY KEY,
    expires_at timestamptz NOT NULL,
    done_at timestamptz,  -- null: the migration is not done, and nothing is due
    told_seconds integer  -- the last event was of this time before the end; 0 is the end itself
);

CREATE INDEX timers_handovers_open ON timers_handovers (expires_at)
    WHERE done_at IS NOT NULL AND told_seconds IS DISTINCT FROM 0;
