-- A rebuild, and the gateway's answers, read what was archived, too.
GRANT SELECT ON archives, archived_events TO storky_projection_writer, storky_viewer;
