-- name: insert
insert into app_events (id, app_id, app_name, owner_id, type, actor, data) values ($1, $2, $3, $4, $5, $6, $7);

-- name: of_app
select id, app_id, app_name, type, actor, data, created_at
from app_events
where app_id = $1
order by position desc
limit $2 offset $3;

-- name: count_of_app
select count(*) from app_events where app_id = $1;

-- name: of_user
select id, app_id, app_name, type, actor, data, created_at
from app_events
where $1::text is null
    or owner_id = $1
    or app_id in (select collaborators.app_id from collaborators where user_id = $1)
order by position desc
limit $2 offset $3;

-- name: count_of_user
select count(*)
from app_events
where $1::text is null
    or owner_id = $1
    or app_id in (select collaborators.app_id from collaborators where user_id = $1);

-- name: forget
delete from app_events where app_id = $1;
