-- The tables of a projection stand in a schema of their own for each build, projections_<name>_<build>; views in
-- the schema projections, with the tables' names, lead readers to the build that is live. So a new build is filled
-- beside the live one, and takes its place by leading the views to it. All of it belongs to the role that fills it.

CREATE TABLE projections.installed (
    name text PRIMARY KEY,
    version integer NOT NULL,  -- of the projection, when it began to fill the live build
    build integer NOT NULL,
    building integer  -- the version that fills build + 1; null: no build is under way
);

-- Where a subscription stopped, as it could not handle an event. Never a word of the event's data.
CREATE TABLE projections.faults (
    subscription text PRIMARY KEY,
    position bigint NOT NULL,
    event_id uuid NOT NULL,
    event_type text NOT NULL,
    error text NOT NULL,  -- the class of the error
    failed_at timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT, INSERT, UPDATE, DELETE ON projections.installed, projections.faults TO storky_projection_writer;
GRANT SELECT ON projections.installed, projections.faults TO storky_viewer;
GRANT CREATE ON SCHEMA projections TO storky_projection_writer;
GRANT DELETE ON checkpoints TO storky_projection_writer;

-- A new schema takes a privilege on the whole database; this much of it is enough.
CREATE FUNCTION projections.create_build(name text, build integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF name !~ '^[a-z][a-z0-9_]{0,39}$' THEN
        RAISE EXCEPTION '% cannot be the name of a projection', name USING ERRCODE = 'invalid_name';
    END IF;
    EXECUTE format('CREATE SCHEMA %I AUTHORIZATION storky_projection_writer', 'projections_' || name || '_' || build);
END
$$;
REVOKE ALL ON FUNCTION projections.create_build FROM PUBLIC;
GRANT EXECUTE ON FUNCTION projections.create_build TO storky_projection_writer;

-- What there was until now is the first build of each.
SELECT projections.create_build('status', 1), projections.create_build('timers', 1);
ALTER TABLE projections.status_migrations SET SCHEMA projections_status_1;
ALTER TABLE projections.status_tasks SET SCHEMA projections_status_1;
ALTER TABLE projections.timers_handovers SET SCHEMA projections_timers_1;
ALTER TABLE projections_status_1.status_migrations OWNER TO storky_projection_writer;
ALTER TABLE projections_status_1.status_tasks OWNER TO storky_projection_writer;
ALTER TABLE projections_timers_1.timers_handovers OWNER TO storky_projection_writer;
CREATE VIEW projections.status_migrations AS SELECT * FROM projections_status_1.status_migrations;
CREATE VIEW projections.status_tasks AS SELECT * FROM projections_status_1.status_tasks;
CREATE VIEW projections.timers_handovers AS SELECT * FROM projections_timers_1.timers_handovers;
ALTER VIEW projections.status_migrations OWNER TO storky_projection_writer;
ALTER VIEW projections.status_tasks OWNER TO storky_projection_writer;
ALTER VIEW projections.timers_handovers OWNER TO storky_projection_writer;
GRANT SELECT ON projections.status_migrations, projections.status_tasks, projections.timers_handovers TO storky_viewer;
INSERT INTO projections.installed (name, version, build) VALUES ('status', 1, 1), ('timers', 1, 1);
