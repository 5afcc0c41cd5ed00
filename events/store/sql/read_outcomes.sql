SELECT command_id, accepted, stream, version, position, code, reason, digest
FROM command_outcomes
WHERE command_id = ANY($1::uuid[])
