-- Advisory locks belong to one database, roles to the server; this catalog is the server's.
LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE
