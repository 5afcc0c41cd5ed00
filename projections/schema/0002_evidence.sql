-- The gateway reads a migration's events for its evidence, and how long earlier tasks took for a plan.
GRANT SELECT ON events TO storky_viewer;

CREATE INDEX status_tasks_by_end ON projections.status_tasks (name, finished_at DESC) WHERE state = 'done';
