-- name: put
insert into handovers (app_id, migration_id, region, app, front, host, expires_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (app_id) do update
set migration_id = excluded.migration_id, region = excluded.region, app = excluded.app,
    front = excluded.front, host = excluded.host, expires_at = excluded.expires_at;

-- name: delete
delete from handovers where app_id = $1;

-- name: current
select handovers.*, apps.name as app_name
from handovers join apps on apps.id = handovers.app_id
where handovers.expires_at > now()
order by apps.name;

-- name: made_by
select handovers.*, apps.name as app_name
from handovers join apps on apps.id = handovers.app_id
where handovers.migration_id = $1
order by apps.name;
