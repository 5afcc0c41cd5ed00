-- One writer at a time, until its transaction ends. Reading the head must be a later statement: a snapshot
-- taken before the lock was granted would show an old head.
SELECT pg_advisory_xact_lock(4973261085112);

-- From here on a writer that falls silent would block all others, so it loses its session after a while.
-- transaction_timeout came with PostgreSQL 17; before it, silence between two messages that belong together
-- (parse and bind) is only ended by TCP.
SELECT set_config(name, '5s', true)
FROM (VALUES ('idle_in_transaction_session_timeout'), ('transaction_timeout')) AS limits (name)
WHERE current_setting(name, true) IS NOT NULL;
