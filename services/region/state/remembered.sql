-- name: lock
select pg_advisory_xact_lock(hashtextextended('call/' || $1::uuid || '/' || $2::text, 0));

-- name: find
select request, status, body, location from remembered where migration_id = $1 and key = $2;

-- name: insert
insert into remembered (migration_id, key, request, status, body, location)
values ($1, $2, $3, $4, $5, $6)
on conflict (migration_id, key) do nothing;

-- name: forget_bodies
update remembered set body = '' where migration_id = $1;
