SELECT file, sha256, coalesce((SELECT min(position) FROM archived_events WHERE archive = number), 0) AS first
FROM archives
ORDER BY number
