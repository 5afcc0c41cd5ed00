-- name: exclude_others
select pg_advisory_xact_lock(hashtextextended('fence/' || $1::uuid, 0));

-- name: exclude_raising
select pg_advisory_xact_lock_shared(hashtextextended('fence/' || $1::uuid, 0));

-- name: epoch
select epoch from fences where migration_id = $1;

-- name: record
insert into fences (migration_id, epoch) values ($1, $2)
on conflict (migration_id) do update set epoch = greatest(fences.epoch, excluded.epoch);
