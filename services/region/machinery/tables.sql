-- Every table that holds rows of its own, with its columns in an order that no physical layout changes.
-- A partitioned table has no rows; its partitions are tables here. What belongs to an extension was made by
-- CREATE EXTENSION, and may differ between versions of the extension.
SELECT n.nspname AS schema,
       c.relname AS name,
       array(
           SELECT a.attname::text
             FROM pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            ORDER BY a.attname::text COLLATE "C"
       ) AS columns
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r'
   AND c.relpersistence <> 't'
   AND n.nspname <> 'information_schema'
   AND n.nspname NOT LIKE 'pg\_%'
   AND NOT EXISTS (
           SELECT
             FROM pg_depend AS d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
       )
 ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"
