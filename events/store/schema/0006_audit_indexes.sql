-- What auditors look for in the log. Expressions of the columns that the hash covers, never columns of their own:
-- there is nothing beside the chain that could be made to say something else.

CREATE INDEX events_by_time ON events (recorded_at, position);
CREATE INDEX events_by_type ON events (type, position);
CREATE INDEX events_by_actor ON events ((metadata::json ->> 'actor'), position);
CREATE INDEX events_by_person ON events ((metadata::json ->> 'on_behalf_of'), position)
    WHERE metadata::json ->> 'on_behalf_of' IS NOT NULL;

-- Which migrations had to do with an app (in a region): each has claimed its name, on the stream of that name.
CREATE INDEX events_by_app ON events (split_part(stream, '/', 3), split_part(stream, '/', 2))
    WHERE type = 'AppClaimed';

-- What concerns a migration and is not on its own stream.
CREATE INDEX events_about_migration ON events ((data::json ->> 'migration_id'), position)
    WHERE type IN ('AppClaimed', 'AppReleased', 'CommandRejected');
