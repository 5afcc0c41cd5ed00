-- name: insert
insert into backups (id, addon_id, operation_id) values ($1, $2, $3);

-- name: find
select backups.*, operations.status
from backups join operations on operations.id = backups.operation_id
where backups.addon_id = $1 and backups.id = $2;

-- name: every
select backups.*, operations.status
from backups join operations on operations.id = backups.operation_id
where backups.addon_id = $1
order by backups.created_at desc, backups.id;

-- name: withdraw
with withdrawn as (
    delete from backups using operations
    where operations.id = backups.operation_id and operations.app_id = $1 and operations.migration_id = $2
    returning backups.id
)
insert into discarded (kind, name)
select 'file', 'backups/' || id from withdrawn
on conflict do nothing;

-- name: set_archive
update backups set digest = $2, size_bytes = $3 where id = $1;
