-- Who opened each migration, and what a search of all migrations goes by.

ALTER TABLE projections.status_migrations ADD COLUMN started_by text;

UPDATE projections.status_migrations AS migrations
SET started_by = coalesce(events.metadata::json ->> 'on_behalf_of', events.metadata::json ->> 'actor')
FROM events
WHERE events.stream = 'migration/' || migrations.id AND events.version = 1;

ALTER TABLE projections.status_migrations ALTER COLUMN started_by SET NOT NULL;

CREATE INDEX status_migrations_newest ON projections.status_migrations (started_at DESC, id);
CREATE INDEX status_migrations_by_starter ON projections.status_migrations (started_by, started_at DESC);
CREATE INDEX status_migrations_by_app_id ON projections.status_migrations (source_region, app_id);
CREATE INDEX status_migrations_by_new_app_id ON projections.status_migrations (destination_region, new_app_id);
