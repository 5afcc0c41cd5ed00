-- The statements that lead readers to a build. REPLACE keeps what others have built on a view, and refuses to take
-- a column away from them.
SELECT format('CREATE OR REPLACE VIEW projections.%1$I AS SELECT * FROM %2$I.%1$I', tablename, schemaname)
FROM pg_tables WHERE schemaname = $1
UNION ALL
SELECT format('GRANT SELECT ON projections.%I TO storky_viewer', tablename)
FROM pg_tables WHERE schemaname = $1
