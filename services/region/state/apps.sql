-- name: insert
insert into apps (id, name, owner, stack_id, made_by, source_id)
values ($1, $2, $3, $4, $5, $6)
on conflict on constraint app_name do nothing;

-- name: lock
select id from apps where name = $1 or id = $1 order by name = $1 desc limit 1 for update;

-- name: find
select * from app_states where name = $1 or id = $1 order by name = $1 desc limit 1;

-- name: every
select * from app_states
where $1::text is null
    or owner ->> 'id' = $1
    or exists (
        select from collaborators where collaborators.app_id = app_states.id and collaborators.user_id = $1
    )
order by name;

-- name: change
update apps
set force_https = coalesce($2, force_https),
    sticky_session = coalesce($3, sticky_session),
    router_logs = coalesce($4, router_logs),
    stack_id = coalesce($5, stack_id),
    updated_at = now()
where id = $1;

-- name: set_limits
update apps set max_image_bytes = $2, updated_at = now() where id = $1;

-- name: set_desired
update apps set desired = $2, updated_at = now() where id = $1;

-- name: set_build
update apps set build_id = $2, updated_at = now() where id = $1;

-- name: freeze
update apps set frozen_by = $2, inventory = coalesce($3, inventory), updated_at = now() where id = $1;

-- name: unfreeze
update apps
set desired = case when inventory ->> 'status' = 'running' then 'started' else desired end,
    frozen_by = null,
    inventory = null,
    migrated_to = null,
    updated_at = now()
where id = $1;

-- name: mark_migrated
update apps set frozen_by = $2, migrated_to = $3, updated_at = now() where id = $1;

-- name: delete
delete from apps where id = $1;

-- name: made_by
select * from app_states where made_by = $1 order by name;
