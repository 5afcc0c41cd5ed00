-- Of the migrations that are wanted: how many there are, and the ids of a page, newest first. NOT MATERIALIZED: the
-- page walks its index and stops, whatever it takes to count all. What may be seen is looked up first (ARRAY), so that
-- few are found at once among many.
WITH found AS NOT MATERIALIZED (
    SELECT id, started_at
    FROM projections.status_migrations
    WHERE ($1::text IS NULL OR strpos(source_app, $1) > 0 OR strpos(destination_app, $1) > 0
           OR starts_with(id::text, $1))
      AND ($2::text IS NULL OR $2 IN (source_region, destination_region))
      AND ($3::text[] IS NULL OR status = ANY ($3))
      AND ($4::text IS NULL OR id = ANY (ARRAY(
            SELECT id FROM projections.status_migrations WHERE started_by = $4
            UNION ALL
            SELECT migrations.id
            FROM unnest($5::text[], $6::text[]) AS apps (region, id)
            JOIN projections.status_migrations AS migrations
                ON (migrations.source_region, migrations.app_id) = (apps.region, apps.id)
            UNION ALL
            SELECT migrations.id
            FROM unnest($5::text[], $6::text[]) AS apps (region, id)
            JOIN projections.status_migrations AS migrations
                ON (migrations.destination_region, migrations.new_app_id) = (apps.region, apps.id)
            UNION ALL
            SELECT migrations.id  -- nothing has told the app's id yet
            FROM unnest($5::text[], $7::text[]) AS apps (region, name)
            JOIN projections.status_migrations AS migrations
                ON (migrations.source_region, migrations.source_app) = (apps.region, apps.name)
            WHERE migrations.app_id = ''
      )))
)
SELECT
    (SELECT count(*) FROM found) AS total_count,
    ARRAY(SELECT id FROM found ORDER BY started_at DESC, id LIMIT $8 OFFSET $9) AS ids
