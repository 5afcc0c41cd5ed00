-- name: insert
insert into deployments (id, app_id, status, git_ref, stack_id, pusher) values ($1, $2, $3, $4, $5, $6);

-- name: find
select * from deployments where app_id = $1 and id = $2;

-- name: page
select * from deployments where app_id = $1 order by created_at desc, id limit $2 offset $3;

-- name: count
select count(*) from deployments where app_id = $1;

-- name: set_status
update deployments set status = $2 where id = $1;

-- name: write
update deployments set output = output || $2 where id = $1;

-- name: begin_again
update deployments set status = 'building', output = '' where id = $1;

-- name: set_build
update deployments set digest = $2, size_bytes = $3, procfile = $4 where id = $1;

-- name: finish
update deployments set status = $2, finished_at = now() where id = $1;

-- name: discard_old_builds
with old as (
    update deployments set build_discarded = true
    where id in (
        select id from deployments
        where app_id = $1 and status = 'success' and not build_discarded and id <> $2
        order by created_at desc, id
        offset $3
    )
    returning id
)
insert into discarded (kind, name) select 'file', 'builds/' || id from old on conflict do nothing;
