SELECT tablename FROM pg_tables WHERE schemaname = $1 AND tablename <> $2 AND NOT starts_with(tablename, $2 || '_')
