-- Whoever was invited has no user_id yet; whoever has accepted has one.
create table collaborators (
    id          text primary key,
    app_id      text not null references apps on delete cascade,
    email       text not null,
    user_id     text,
    username    text not null,
    created_at  timestamptz not null,
    constraint collaborator_email unique (app_id, email)
);

create index on collaborators (user_id);

create table scm_links (
    id                                     text primary key,
    app_id                                 text not null constraint scm_link_app unique references apps on delete cascade,
    linker                                 jsonb not null,
    url                                    text not null,
    scm_type                               text not null,
    branch                                 text not null,
    auth_integration_uuid                  text not null,
    auto_deploy_enabled                    boolean not null,
    deploy_review_apps_enabled             boolean not null,
    delete_on_close_enabled                boolean not null,
    hours_before_delete_on_close           integer not null,
    delete_stale_enabled                   boolean not null,
    hours_before_delete_stale              integer not null,
    automatic_creation_from_forks_allowed  boolean not null,
    created_at                             timestamptz not null,
    updated_at                             timestamptz not null
);

create table notifiers (
    id                  text primary key,
    app_id              text not null references apps on delete cascade,
    made_by             uuid,
    source_id           text,
    name                text not null,
    type                text not null,
    active              boolean not null,
    send_all_events     boolean not null,
    send_all_alerts     boolean not null,
    selected_event_ids  text[] not null,
    type_data           jsonb not null,
    created_at          timestamptz not null,
    updated_at          timestamptz not null,
    constraint notifier_copy unique (app_id, made_by, source_id)
);

-- Durations are in nanoseconds, as clients send them.
create table alerts (
    id                       text primary key,
    app_id                   text not null references apps on delete cascade,
    made_by                  uuid,
    source_id                text,
    container_type           text not null,
    metric                   text not null,
    "limit"                  double precision not null,
    disabled                 boolean not null,
    send_when_below          boolean not null,
    duration_before_trigger  bigint not null,
    remind_every             bigint not null,
    notifiers                text[] not null,
    created_at               timestamptz not null,
    updated_at               timestamptz not null,
    constraint alert_copy unique (app_id, made_by, source_id)
);

create table autoscalers (
    id              text primary key,
    app_id          text not null references apps on delete cascade,
    container_type  text not null,
    metric          text not null,
    target          double precision not null,
    min_containers  integer not null,
    max_containers  integer not null,
    disabled        boolean not null,
    created_at      timestamptz not null,
    constraint autoscaler_metric unique (app_id, container_type, metric),
    check (min_containers <= max_containers)
);

create table log_drains (
    id          text primary key,
    app_id      text not null references apps on delete cascade,
    addon_id    text references addons on delete cascade,
    url         text not null,
    created_at  timestamptz not null,
    constraint log_drain_url unique nulls not distinct (app_id, addon_id, url)
);

alter table apps add column max_image_bytes bigint;

drop view app_states;

create view app_states as
select
    apps.*,
    deployments.created_at as last_deployed_at,
    deployments.pusher ->> 'username' as last_deployed_by,
    (
        select operations.type
        from operations
        where operations.app_id = apps.id
            and operations.status in ('pending', 'running')
            and operations.type in ('restart', 'scale')
        limit 1
    ) as busy,
    (select coalesce(sum(amount), 0) from formation where formation.app_id = apps.id) as containers
from apps
left join deployments on deployments.id = apps.build_id;

-- Until now only the running build was kept.
alter table deployments add column build_discarded boolean not null default false;

update deployments set build_discarded = true
where not exists (select from apps where apps.build_id = deployments.id);
