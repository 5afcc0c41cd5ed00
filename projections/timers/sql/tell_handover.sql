-- A reminder that comes after a later one, or after the end, changes nothing.
UPDATE timers_handovers SET told_seconds = least(told_seconds, $2) WHERE migration_id = $1
