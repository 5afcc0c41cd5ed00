-- Held until the connection closes: one archiver at a time in this database.
SELECT pg_advisory_lock(4973261085114)
