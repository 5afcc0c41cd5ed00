-- Every sequence, those of identity columns too; not those that an extension made.
SELECT n.nspname AS schema,
       c.relname AS name
  FROM pg_class AS c
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind = 'S'
   AND c.relpersistence <> 't'
   AND n.nspname <> 'information_schema'
   AND n.nspname NOT LIKE 'pg\_%'
   AND NOT EXISTS (
           SELECT
             FROM pg_depend AS d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
       )
 ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"
