-- What was done to apps, by whom. Of a deleted app only its deletion is left, so nothing refers to apps.
create table app_events (
    position    bigint generated always as identity primary key,
    id          text not null,
    app_id      text not null,
    app_name    text not null,
    owner_id    text not null,
    type        text not null,
    actor       jsonb not null,
    data        jsonb not null,
    created_at  timestamptz not null default now()
);

create index on app_events (app_id, position);
create index on app_events (owner_id, position);
