-- name: formation
select name, amount, size, command from formation where app_id = $1 order by name;

-- name: put
insert into formation (app_id, name, amount, size, command) values ($1, $2, $3, $4, $5)
on conflict (app_id, name) do update
set amount = excluded.amount, size = excluded.size, command = excluded.command;

-- name: add
insert into formation (app_id, name, amount, size, command) values ($1, $2, $3, $4, '')
on conflict (app_id, name) do nothing;

-- name: keep_only
delete from formation where app_id = $1 and name <> all ($2::text[]);
