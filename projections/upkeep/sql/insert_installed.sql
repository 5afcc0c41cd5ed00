-- Nothing is returned when it is installed already; a twin that is installing it now is waited for.
INSERT INTO projections.installed (name, version, build) VALUES ($1, $2, 1)
ON CONFLICT (name) DO NOTHING
RETURNING build
