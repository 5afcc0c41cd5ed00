-- Held until the connection is given back: one rebuild of a projection at a time.
SELECT pg_try_advisory_lock(497326108, hashtext($1))
