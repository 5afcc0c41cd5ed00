-- The size of each large object, and each page of one. A page that was never written is read as zeros and
-- dumped as such, so what is zero at the end of a page counts as not being there.
SELECT concat(m.oid, ' ', coalesce(
           (
               SELECT p.pageno::bigint * (current_setting('block_size')::bigint / 4) + length(p.data)
                 FROM pg_largeobject AS p
                WHERE p.loid = m.oid
                ORDER BY p.pageno DESC
                LIMIT 1
           ),
           0
       )) AS item
  FROM pg_largeobject_metadata AS m
 UNION ALL
SELECT concat(p.loid, ' ', p.pageno, ' ', encode(p.data, 'hex')) AS item
  FROM (SELECT loid, pageno, rtrim(data, '\x00'::bytea) AS data FROM pg_largeobject) AS p
 WHERE length(p.data) > 0
