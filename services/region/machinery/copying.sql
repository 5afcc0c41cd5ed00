-- The tables that are being copied in or out now, each with the rows that are done.
SELECT relid::bigint AS table, tuples_processed AS rows
  FROM pg_stat_progress_copy
 WHERE datname = $1
