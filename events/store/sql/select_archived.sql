SELECT position, hash FROM archived_events WHERE position > $1 AND position <= $2
