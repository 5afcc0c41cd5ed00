SELECT projections.create_build($1, $2)
