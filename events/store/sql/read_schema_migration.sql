SELECT name, sha256 FROM schema_migrations WHERE component = $1 AND number = $2
