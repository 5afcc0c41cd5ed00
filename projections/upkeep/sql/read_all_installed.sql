SELECT name, version, build, building FROM projections.installed
