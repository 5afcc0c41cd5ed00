alter table domains
    add column tlscert      text,
    add column tlskey       text,
    add column valid_from   timestamptz,
    add column valid_until  timestamptz;

-- A hand-over outlives its app: it keeps what it needs of it, for the visitors and for whoever owned it.
alter table handovers
    drop constraint handovers_app_id_fkey,
    add column app_name    text,
    add column owner_id    text,
    add column created_at  timestamptz not null default now();

update handovers
set app_name = apps.name, owner_id = apps.owner ->> 'id'
from apps
where apps.id = handovers.app_id;

alter table handovers
    alter column app_name set not null,
    alter column owner_id set not null;

create index on handovers (app_name);

-- The custom domains of an app that was handed over, with the certificates they had.
create table handover_domains (
    app_id       text not null references handovers on delete cascade,
    name         text not null,
    tlscert      text,
    tlskey       text,
    valid_from   timestamptz,
    valid_until  timestamptz,
    primary key (app_id, name)
);

create index on handover_domains (name);

insert into handover_domains (app_id, name)
select domains.app_id, domains.name from domains join handovers on handovers.app_id = domains.app_id;
