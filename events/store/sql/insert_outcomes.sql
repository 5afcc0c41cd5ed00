INSERT INTO command_outcomes (
    command_id, accepted, stream, version, position, code, reason, digest, recorded_at
)
SELECT *, $9::timestamptz FROM unnest(
    $1::uuid[], $2::boolean[], $3::text[], $4::integer[], $5::bigint[], $6::text[], $7::text[], $8::bytea[]
)
