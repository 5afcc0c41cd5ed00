-- name: insert
insert into operations (id, app_id, lane, type, arguments, migration_id, epoch)
values ($1, $2, $3, $4, $5, $6, $7)
returning *;

-- name: find
select * from operations where app_id = $1 and id = $2;

-- name: others_unfinished
select type from operations
where app_id = $1 and status in ('pending', 'running') and migration_id is distinct from $2
order by position;

-- name: requeue
update operations set status = 'pending' where status = 'running' and id <> all ($1::text[]);

-- name: claim
update operations
set status = 'running'
where id = (
    select waiting.id
    from operations as waiting
    where waiting.status = 'pending'
        and not exists (
            select from operations as busy where busy.lane = waiting.lane and busy.status = 'running'
        )
        and not exists (
            select from fences
            where fences.migration_id = waiting.migration_id and fences.epoch > waiting.epoch
        )
    order by waiting.position
    limit 1
)
returning *;

-- name: lock_running
select true from operations where id = $1 and status = 'running' for update;

-- name: succeed
update operations set status = 'done', result = $2, finished_at = now() where id = $1;

-- name: fail
update operations
set status = 'error', code = $2, error = $3, finished_at = now()
where id = $1 and status = 'running';

-- name: abandon
update operations
set status = 'error', code = 'resource_deleted', error = 'what this operation worked on was deleted',
    finished_at = now()
where lane = $1 and status in ('pending', 'running');

-- name: fence
update operations
set status = 'error', code = 'fenced', error = 'a newer epoch of the migration has fenced this operation',
    finished_at = now()
from fences
where fences.migration_id = operations.migration_id
    and fences.epoch > operations.epoch
    and operations.status in ('pending', 'running');
