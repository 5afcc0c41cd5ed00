create table apps (
    id              text primary key,
    name            text not null constraint app_name unique,
    owner           jsonb not null,
    stack_id        text not null,
    force_https     boolean not null default false,
    sticky_session  boolean not null default false,
    router_logs     boolean not null default false,
    desired         text not null default 'stopped' check (desired in ('started', 'stopped')),
    build_id        text,
    made_by         uuid,
    source_id       text,
    frozen_by       uuid,
    inventory       jsonb,
    migrated_to     text,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now()
);

create table deployments (
    id           text primary key,
    app_id       text not null references apps on delete cascade,
    status       text not null,
    git_ref      text not null,
    stack_id     text not null,
    pusher       jsonb not null,
    digest       text,
    size_bytes   bigint,
    procfile     jsonb not null default '{}',
    output       text not null default '',
    created_at   timestamptz not null default now(),
    finished_at  timestamptz
);

create index on deployments (app_id, created_at);

alter table apps add foreign key (build_id) references deployments;

create table formation (
    app_id   text not null references apps on delete cascade,
    name     text not null,
    amount   integer not null check (amount >= 0),
    size     text not null,
    command  text not null,
    primary key (app_id, name)
);

create table addons (
    id              text primary key,
    app_id          text not null references apps on delete cascade,
    provider_id     text not null,
    plan_id         text not null,
    version         text not null,
    status          text not null default 'provisioning',
    resource_id     text not null unique,
    password        text not null,
    made_by         uuid,
    source_id       text,
    provisioned_at  timestamptz not null default now(),
    constraint addon_provider unique (app_id, provider_id)
);

create table variables (
    id        text primary key,
    app_id    text not null references apps on delete cascade,
    name      text not null,
    value     text not null,
    addon_id  text references addons on delete cascade,
    unique (app_id, name)
);

create table domains (
    id                   text primary key,
    app_id               text not null references apps on delete cascade,
    name                 text not null constraint domain_name unique,
    canonical            boolean not null,
    letsencrypt_enabled  boolean not null,
    created_at           timestamptz not null default now()
);

-- Whoever runs the region's process runs these; `lane` is what no two may work on at the same time.
create table operations (
    position      bigint generated always as identity unique,
    id            text primary key,
    app_id        text not null references apps on delete cascade,
    lane          text not null,
    type          text not null,
    status        text not null default 'pending' check (status in ('pending', 'running', 'done', 'error')),
    arguments     jsonb not null,
    result        jsonb,
    error         text not null default '',
    code          text not null default '',
    migration_id  uuid,
    epoch         integer,
    created_at    timestamptz not null default now(),
    finished_at   timestamptz
);

create index on operations (app_id);
create index on operations (lane, position) where status in ('pending', 'running');

create table backups (
    id            text primary key,
    addon_id      text not null references addons on delete cascade,
    operation_id  text not null references operations on delete cascade,
    digest        text,
    size_bytes    bigint not null default 0,
    created_at    timestamptz not null default now()
);

create table handovers (
    app_id        text primary key references apps on delete cascade,
    migration_id  uuid not null,
    region        text not null,
    app           text not null,
    front         text not null,
    host          text not null,
    expires_at    timestamptz not null
);

-- The highest epoch of each migration; outlives its apps.
create table fences (
    migration_id  uuid primary key,
    epoch         integer not null
);

-- The successes of service calls, written in the transaction of their effect.
create table remembered (
    migration_id  uuid not null,
    key           text not null,
    request       text not null,
    status        integer not null,
    body          bytea not null,
    location      text,
    primary key (migration_id, key)
);

-- Databases and files that nothing names any more; gone once their row is.
create table discarded (
    kind  text not null check (kind in ('database', 'file')),
    name  text not null,
    primary key (kind, name)
);

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
