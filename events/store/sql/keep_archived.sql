INSERT INTO archived_events (position, hash, archive)
SELECT position, hash, $1 FROM archiving JOIN events USING (position)
