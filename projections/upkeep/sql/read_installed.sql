SELECT name, version, build, building FROM projections.installed WHERE name = $1
