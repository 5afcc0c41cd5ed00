-- name: every
select id, name, value, addon_id from variables where app_id = $1 order by name;

-- name: put
insert into variables (id, app_id, name, value) values ($1, $2, $3, $4)
on conflict (app_id, name) do update set value = excluded.value
where variables.addon_id is null
returning id, name, value, addon_id;

-- name: provide
insert into variables (id, app_id, name, value, addon_id) values ($1, $2, $3, $4, $5)
on conflict (app_id, name) do nothing;

-- name: delete
delete from variables where app_id = $1 and id = $2;
