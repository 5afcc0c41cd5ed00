-- One writer at a time, until its transaction ends. Reading the head must be a later statement: a snapshot
-- taken before the lock was granted would show an old head.
-- A writer whose client is gone without a word loses the lane after this time.
SET LOCAL idle_in_transaction_session_timeout = '5s';
SELECT pg_advisory_xact_lock(4973261085112);
