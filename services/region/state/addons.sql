-- name: insert
insert into addons (id, app_id, provider_id, plan_id, version, resource_id, password, made_by, source_id, port)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict on constraint addon_provider do nothing
returning *;

-- name: find
select * from addons where id = $1;

-- name: every
select * from addons where app_id = $1 order by provisioned_at, id;

-- name: running
select * from addons where status = 'running' order by provisioned_at, id;

-- name: ports
select port from addons where port is not null;

-- name: copy_of
select * from addons where app_id = $1 and made_by = $2 and source_id = $3;

-- name: made_by
select addons.*, apps.name as app_name
from addons join apps on apps.id = addons.app_id
where addons.made_by = $1
order by addons.provisioned_at, addons.id;

-- name: set_status
update addons set status = $2 where id = $1;

-- name: set_plan
update addons set plan_id = $2 where id = $1;

-- name: delete
delete from addons where id = $1;
