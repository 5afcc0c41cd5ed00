-- name: formation
select name, amount, size, command from formation where app_id = $1 order by name;

-- name: started
select formation.name, formation.amount, formation.size, formation.command
from formation join apps on apps.id = formation.app_id
where apps.id <> $1
    and apps.build_id is not null
    and (
        apps.desired = 'started'
        or exists (
            select from operations
            where operations.app_id = apps.id
                and operations.status = 'running'
                and operations.type in ('start_app', 'restart', 'scale')
                and operations.position < $2
        )
    );

-- name: put
insert into formation (app_id, name, amount, size, command) values ($1, $2, $3, $4, $5)
on conflict (app_id, name) do update
set amount = excluded.amount, size = excluded.size, command = excluded.command;

-- name: add
insert into formation (app_id, name, amount, size, command) values ($1, $2, $3, $4, '')
on conflict (app_id, name) do nothing;

-- name: keep_only
delete from formation where app_id = $1 and name <> all ($2::text[]);
