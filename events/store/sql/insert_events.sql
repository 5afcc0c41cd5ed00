INSERT INTO events (
    position, stream, version, id, type, schema_version, data, metadata, recorded_at, hash
)
SELECT * FROM unnest(
    $1::bigint[], $2::text[], $3::integer[], $4::uuid[], $5::text[], $6::integer[], $7::text[], $8::text[],
    $9::timestamptz[], $10::bytea[]
)
