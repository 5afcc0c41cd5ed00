-- For this transaction, a table's name alone means the one of the live build, and no other build can take its place.
SELECT version, set_config('search_path', format('projections_%s_%s, public', name, build), true)
FROM (SELECT name, version, build FROM projections.installed WHERE name = $1 FOR SHARE) AS installed
