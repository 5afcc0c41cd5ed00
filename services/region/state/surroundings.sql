-- name: collaborators
select * from collaborators where app_id = $1 order by created_at, id;

-- name: put_collaborator
insert into collaborators (id, app_id, email, user_id, username, created_at) values ($1, $2, $3, $4, $5, $6)
on conflict (id) do update set user_id = excluded.user_id, username = excluded.username;

-- name: delete_collaborator
delete from collaborators where id = $1;

-- name: collaborates
select exists (select from collaborators where app_id = $1 and user_id = $2);

-- name: invited
select exists (select from collaborators where app_id = $1 and email = $2);

-- name: scm_links
select * from scm_links where app_id = $1;

-- name: put_scm_link
insert into scm_links (
    id, app_id, linker, url, scm_type, branch, auth_integration_uuid, auto_deploy_enabled,
    deploy_review_apps_enabled, delete_on_close_enabled, hours_before_delete_on_close, delete_stale_enabled,
    hours_before_delete_stale, automatic_creation_from_forks_allowed, created_at, updated_at
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
on conflict (id) do update
set branch = excluded.branch,
    auth_integration_uuid = excluded.auth_integration_uuid,
    auto_deploy_enabled = excluded.auto_deploy_enabled,
    deploy_review_apps_enabled = excluded.deploy_review_apps_enabled,
    delete_on_close_enabled = excluded.delete_on_close_enabled,
    hours_before_delete_on_close = excluded.hours_before_delete_on_close,
    delete_stale_enabled = excluded.delete_stale_enabled,
    hours_before_delete_stale = excluded.hours_before_delete_stale,
    automatic_creation_from_forks_allowed = excluded.automatic_creation_from_forks_allowed,
    updated_at = excluded.updated_at;

-- name: delete_scm_link
delete from scm_links where id = $1;

-- name: notifiers
select * from notifiers where app_id = $1 order by created_at, id;

-- name: put_notifier
insert into notifiers (
    id, app_id, made_by, source_id, name, type, active, send_all_events, send_all_alerts, selected_event_ids,
    type_data, created_at, updated_at
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (id) do update
set name = excluded.name,
    active = excluded.active,
    send_all_events = excluded.send_all_events,
    send_all_alerts = excluded.send_all_alerts,
    selected_event_ids = excluded.selected_event_ids,
    type_data = excluded.type_data,
    updated_at = excluded.updated_at;

-- name: delete_notifier
with gone as (delete from notifiers where id = $1 returning app_id, id)
update alerts set notifiers = array_remove(notifiers, gone.id) from gone where alerts.app_id = gone.app_id;

-- name: alerts
select * from alerts where app_id = $1 order by created_at, id;

-- name: put_alert
insert into alerts (
    id, app_id, made_by, source_id, container_type, metric, "limit", disabled, send_when_below,
    duration_before_trigger, remind_every, notifiers, created_at, updated_at
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (id) do update
set container_type = excluded.container_type,
    metric = excluded.metric,
    "limit" = excluded."limit",
    disabled = excluded.disabled,
    send_when_below = excluded.send_when_below,
    duration_before_trigger = excluded.duration_before_trigger,
    remind_every = excluded.remind_every,
    notifiers = excluded.notifiers,
    updated_at = excluded.updated_at;

-- name: delete_alert
delete from alerts where id = $1;

-- name: autoscalers
select * from autoscalers where app_id = $1 order by container_type, metric;

-- name: put_autoscaler
insert into autoscalers (
    id, app_id, container_type, metric, target, min_containers, max_containers, disabled, created_at
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (id) do update
set metric = excluded.metric,
    target = excluded.target,
    min_containers = excluded.min_containers,
    max_containers = excluded.max_containers,
    disabled = excluded.disabled;

-- name: delete_autoscaler
delete from autoscalers where id = $1;

-- name: log_drains
select * from log_drains where app_id = $1 order by created_at, id;

-- name: put_log_drain
insert into log_drains (id, app_id, addon_id, url, created_at) values ($1, $2, $3, $4, $5);

-- name: delete_log_drain
delete from log_drains where id = $1;

-- name: counts
select
    (select count(*) from collaborators where app_id = $1 and user_id is not null) as collaborators,
    (select count(*) from collaborators where app_id = $1 and user_id is null) as pending_collaborators,
    exists (select from scm_links where app_id = $1) as scm_link,
    (select count(*) from notifiers where app_id = $1) as notifiers,
    (select count(*) from alerts where app_id = $1) as alerts,
    (select count(*) from log_drains where app_id = $1 and addon_id is null) as log_drains,
    (select count(*) from autoscalers where app_id = $1) as autoscalers;
