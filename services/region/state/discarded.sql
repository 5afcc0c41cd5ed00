-- name: app_databases
insert into discarded (kind, name)
select 'database', resource_id from addons where app_id = $1
on conflict do nothing;

-- name: app_files
insert into discarded (kind, name)
select 'file', 'backups/' || backups.id
from backups join addons on addons.id = backups.addon_id
where addons.app_id = $1
union all
select 'file', 'builds/' || id from deployments where app_id = $1
union all
select 'file', 'builds/' || (arguments ->> 'deployment_id')
from operations
where app_id = $1 and type = 'import_build'
on conflict do nothing;

-- name: addon_database
insert into discarded (kind, name)
select 'database', resource_id from addons where id = $1
on conflict do nothing;

-- name: addon_files
insert into discarded (kind, name)
select 'file', 'backups/' || id from backups where addon_id = $1
on conflict do nothing;

-- name: file
insert into discarded (kind, name) values ('file', $1) on conflict do nothing;

-- name: every
select kind, name from discarded order by kind, name;

-- name: gone
delete from discarded where kind = $1 and name = $2;
