-- Held until the connection closes: one installer at a time in this database.
SELECT pg_advisory_lock(4973261085113)
