-- name: insert
insert into domains (id, app_id, name, canonical, letsencrypt_enabled) values ($1, $2, $3, $4, $5)
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

-- name: change
update domains
set canonical = coalesce($2, canonical), letsencrypt_enabled = coalesce($3, letsencrypt_enabled)
where id = $1;

-- name: delete
delete from domains where id = $1;
