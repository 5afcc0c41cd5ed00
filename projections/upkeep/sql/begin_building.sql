UPDATE projections.installed SET building = $2 WHERE name = $1
