CREATE TEMPORARY TABLE archiving (position bigint PRIMARY KEY)
