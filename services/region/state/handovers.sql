-- name: put
insert into handovers (app_id, migration_id, region, app, front, host, expires_at, app_name, owner_id)
select apps.id, $2, $3, $4, $5, $6, $7, apps.name, apps.owner ->> 'id'
from apps
where apps.id = $1
on conflict (app_id) do update
set migration_id = excluded.migration_id, region = excluded.region, app = excluded.app,
    front = excluded.front, host = excluded.host, expires_at = excluded.expires_at, created_at = now();

-- name: forget_domains
delete from handover_domains where app_id = $1;

-- name: keep_domains
insert into handover_domains (app_id, name, tlscert, tlskey, valid_from, valid_until)
select app_id, name, tlscert, tlskey, valid_from, valid_until from domains where app_id = $1;

-- name: take_back
delete from handovers where migration_id = $1 and (app_name = $2 or app_id = $2);

-- name: delete
delete from handovers where app_id = $1;

-- name: current
select * from handovers where expires_at > now() order by created_at desc, app_id;

-- name: domains
select handover_domains.*
from handover_domains join handovers using (app_id)
where handovers.expires_at > now()
order by handover_domains.name;

-- name: made_by
select * from handovers where migration_id = $1 order by app_name;

-- name: name_kept_until
select max(expires_at) from handovers where app_name = $1 and owner_id <> $2 and expires_at > now();

-- name: domain_kept_until
select max(handovers.expires_at)
from handover_domains join handovers using (app_id)
where handover_domains.name = $1 and handovers.owner_id <> $2 and handovers.expires_at > now();

-- name: delete_expired
delete from handovers where expires_at <= now();
