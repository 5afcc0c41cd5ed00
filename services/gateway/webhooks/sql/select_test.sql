-- No row: the webhook is gone. Nulls: the test is, which was delivered.
SELECT attempts, problem
FROM webhooks.endpoints
LEFT JOIN webhooks.deliveries ON endpoint = name AND id = $2
WHERE name = $1
