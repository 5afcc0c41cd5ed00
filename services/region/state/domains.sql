-- name: insert
insert into domains
    (id, app_id, name, canonical, letsencrypt_enabled, tlscert, tlskey, valid_from, valid_until)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict on constraint domain_name do nothing;

-- name: named
select * from domains where name = $1;

-- name: find
select * from domains where app_id = $1 and id = $2;

-- name: of_app
select * from domains where app_id = $1 order by name;

-- name: every
select * from domains order by name;

-- name: only_canonical
update domains set canonical = false where app_id = $1 and id <> $2;

-- name: set_canonical
update domains set canonical = $2 where id = $1;

-- name: set_certificate
update domains
set letsencrypt_enabled = $2, tlscert = $3, tlskey = $4, valid_from = $5, valid_until = $6
where id = $1;

-- name: of_letsencrypt
select domains.*
from domains join apps on apps.id = domains.app_id
where domains.letsencrypt_enabled and apps.migrated_to is null
order by domains.name;

-- name: renew
update domains
set tlscert = $2, tlskey = $3, valid_from = $4, valid_until = $5
where id = $1 and letsencrypt_enabled;

-- name: release
delete from domains
using apps
where domains.name = $1
    and apps.id = domains.app_id
    and apps.migrated_to is not null
    and apps.owner ->> 'id' = $2;

-- name: delete
delete from domains where id = $1;
