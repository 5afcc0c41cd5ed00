-- Until the transaction ends the live build stands still.
SELECT name, version, build, building FROM projections.installed WHERE name = $1 FOR UPDATE
