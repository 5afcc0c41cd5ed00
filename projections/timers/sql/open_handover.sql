UPDATE timers_handovers SET done_at = $2 WHERE migration_id = $1
