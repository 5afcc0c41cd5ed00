UPDATE projections.installed SET version = building, build = build + 1, building = NULL WHERE name = $1
