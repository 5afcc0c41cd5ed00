-- Where the first endpoint was added, else at the log's end: nobody is told of what came before.
INSERT INTO checkpoints (name, position, updated_at)
SELECT
    $1,
    coalesce((SELECT min(since) FROM webhooks.endpoints), (SELECT max(position) FROM events), 0),
    now()
ON CONFLICT ON CONSTRAINT checkpoints_name_key DO NOTHING
