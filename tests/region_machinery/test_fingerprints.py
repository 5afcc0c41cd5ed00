import time

import pytest

from services.region.machinery.engines import Database, Fingerprint
from services.region.machinery.postgres_engine import PostgresEngine
from tests.region_machinery.sql import run, value

pytestmark = pytest.mark.anyio

EVERY_TYPE = """
CREATE EXTENSION hstore;
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TYPE pair AS (first int, second text);
CREATE TABLE "Every Type" (
    small float4, large float8, price numeric, cash money, at timestamptz, local timestamp, day date,
    lasts interval, content bytea, document json, binary_document jsonb, numbers int[], names text[],
    mood mood, pair pair, attributes hstore, span tstzrange, words tsvector, relation regclass, bits varbit,
    address inet, id uuid, "select" text, "Capital "" quote" text, n int
);
INSERT INTO "Every Type" VALUES (
    0.1, 'NaN', 1.10, 12.34, '2025-03-30 01:30:00+00', '2025-01-01', '2025-12-31',
    '1 year 2 days 03:04:05', '\\x00ff', '{"b": 1,  "a": 2}', '{"b": 1, "a": 2}', '{1,NULL,3}',
    '{"",NULL,"a,b"}', 'bad', '(1,"x y")', 'a=>1', '[2025-01-01 00:00Z,)', 'a b', 'pg_class', '101',
    '::1', '00000000-0000-0000-0000-000000000001', 'x', 'y', 1
);
"""


async def fingerprints(server: PostgresEngine, database: Database, statements: str) -> list[Fingerprint]:
    await server.recreate(database.name)
    await run(server.url(database), statements)
    return await server.fingerprint(database)


async def test_the_order_of_the_rows_and_how_they_are_stored_do_not_matter(
    server: PostgresEngine, database: Database
) -> None:
    straight = (
        "CREATE TABLE t AS SELECT n, md5(n::text) AS text FROM generate_series(1, 1000) AS n ORDER BY n"
    )
    reverse = """
        CREATE TABLE t (text text, gone int, n int);
        INSERT INTO t SELECT md5(n::text), 1, n FROM generate_series(1, 1000) AS n ORDER BY n DESC;
        ALTER TABLE t DROP COLUMN gone;
        UPDATE t SET n = n WHERE n % 2 = 0;
        CREATE INDEX ON t (n);
    """
    assert await fingerprints(server, database, straight) == await fingerprints(server, database, reverse)


async def test_settings_of_the_database_do_not_matter(server: PostgresEngine, database: Database) -> None:
    plain = await fingerprints(server, database, EVERY_TYPE)
    settings = {
        "datestyle": "German",
        "timezone": "America/New_York",
        "extra_float_digits": "-5",
        "intervalstyle": "iso_8601",
        "bytea_output": "escape",
        "lc_monetary": "C",
        "quote_all_identifiers": "on",
        "search_path": "public, pg_catalog",
        "statement_timeout": "1",
        "default_transaction_isolation": "serializable",
    }
    odd = "".join(
        f"ALTER DATABASE \"{database.name}\" SET {key} = '{value}';" for key, value in settings.items()
    )
    assert await fingerprints(server, database, EVERY_TYPE + odd) == plain


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE t SET text = 'b' WHERE n = 1",
        "UPDATE t SET text = NULL WHERE n = 2",
        "UPDATE t SET text = '' WHERE n = 3",
        "UPDATE t SET float = float + 1e-15 WHERE n = 1",
        "UPDATE t SET at = at + interval '1 microsecond' WHERE n = 1",
        "DELETE FROM t WHERE n = 2",
        "INSERT INTO t SELECT * FROM t WHERE n = 2",
        "UPDATE t SET text = other, other = text WHERE n = 1",
        "ALTER TABLE t RENAME text TO x; ALTER TABLE t RENAME other TO text; ALTER TABLE t RENAME x TO other",
        "UPDATE t SET text = (SELECT text FROM t WHERE n = 4) WHERE n = 1",
        "ALTER TABLE t RENAME TO u",
        "ALTER TABLE t ADD COLUMN added int",
    ],
)
async def test_any_difference_shows(server: PostgresEngine, database: Database, change: str) -> None:
    contents = """
        CREATE TABLE t (n int, text text, other text, float float8, at timestamptz);
        INSERT INTO t VALUES
            (1, 'a', 'c', 0.1, '2025-01-01Z'),
            (2, '', NULL, NULL, NULL),
            (3, NULL, 'NULL', 'NaN', 'infinity'),
            (4, ',', '"', 1, '2025-01-01Z');
    """
    before = await fingerprints(server, database, contents)
    await run(server.url(database), change)
    assert await server.fingerprint(database) != before


@pytest.mark.parametrize(
    ("change", "restored"),
    [
        ("SELECT nextval('s')", "SELECT setval('s', 7)"),
        ("SELECT setval('s', 7, false)", "SELECT setval('s', 7)"),
        ("SELECT lo_put(1, 5000, 'x')", "SELECT lo_put(1, 5000, 'b')"),
        ("SELECT lo_create(3)", "SELECT lo_unlink(3)"),
        ("SELECT lo_put(2, 9, 'x')", "SELECT lo_unlink(2), lo_create(2)"),
    ],
)
async def test_so_does_one_in_a_sequence_or_a_large_object(
    server: PostgresEngine, database: Database, change: str, restored: str
) -> None:
    contents = """
        CREATE SEQUENCE s;
        SELECT setval('s', 7), lo_from_bytea(1, convert_to(repeat('b', 6000), 'UTF8')), lo_create(2);
    """
    before = await fingerprints(server, database, contents)
    assert [(each.kind, each.rows) for each in before] == [("large_objects", 2), ("sequence", 0)]
    await run(server.url(database), change)
    assert await server.fingerprint(database) != before
    await run(server.url(database), restored)
    assert await server.fingerprint(database) == before


async def test_a_large_object_with_holes_is_what_is_read_of_it(
    server: PostgresEngine, database: Database, other_database: Database
) -> None:
    await run(server.url(database), "SELECT lo_create(1), lo_put(1, 10000, 'end'), lo_put(1, 10, 'begin')")
    read = await value(server.url(database), "SELECT encode(lo_get(1), 'hex')")
    # As a restore writes it.
    await value(server.url(other_database), "SELECT lo_from_bytea(1, decode($1, 'hex'))", read)
    assert await server.fingerprint(database) == await server.fingerprint(other_database)


async def test_every_table_with_rows_is_there_once(server: PostgresEngine, database: Database) -> None:
    found = await fingerprints(
        server,
        database,
        """
        CREATE EXTENSION hstore;
        CREATE SCHEMA "Sales.EU";
        CREATE TABLE "Sales.EU"."t""1" AS SELECT 1 AS "a.b", 2 AS "A.b";
        CREATE TABLE empty (n int);
        CREATE TABLE nothing ();
        INSERT INTO nothing DEFAULT VALUES;
        CREATE TABLE parts (n int, text text) PARTITION BY RANGE (n);
        CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (1) TO (3);
        CREATE TABLE part_2 PARTITION OF parts FOR VALUES FROM (3) TO (9);
        INSERT INTO parts SELECT n, 'x' FROM generate_series(1, 8) AS n;
        CREATE TABLE parent AS SELECT 1 AS n;
        CREATE TABLE child () INHERITS (parent);
        INSERT INTO child VALUES (2), (3);
        CREATE UNLOGGED TABLE fast AS SELECT 1 AS n;
        CREATE VIEW view AS SELECT 1 AS n;
        CREATE MATERIALIZED VIEW stored AS SELECT 1 AS n;
        CREATE TABLE "user" (r int, "ROW" text);
        """,
    )
    assert {each.name: each.rows for each in found} == {
        '"Sales.EU"."t""1"': 1,
        "public.child": 2,
        "public.empty": 0,
        "public.fast": 1,
        "public.nothing": 1,
        "public.parent": 1,
        "public.part_1": 2,
        "public.part_2": 6,
        "public.user": 0,
    }
    assert all(len(each.checksum) == 64 for each in found)


async def test_the_code_of_an_app_does_not_run_as_the_superuser(
    server: PostgresEngine, database: Database
) -> None:
    found = await fingerprints(
        server,
        database,
        """
        CREATE TABLE t AS SELECT 1 AS n;
        CREATE TABLE called (by text);
        CREATE FUNCTION tell(t t) RETURNS text LANGUAGE plpgsql
            AS 'BEGIN RAISE EXCEPTION ''called by %'', current_user; END';
        CREATE CAST (t AS text) WITH FUNCTION tell(t) AS IMPLICIT;
        CREATE FUNCTION public.concat(anyelement) RETURNS text LANGUAGE sql AS 'SELECT 1 / 0';
        """,
    )
    assert [(each.name, each.rows) for each in found] == [("public.called", 0), ("public.t", 1)]


async def test_twenty_megabytes_take_a_moment(server: PostgresEngine, database: Database) -> None:
    fill = "CREATE TABLE t AS SELECT n, repeat(md5(n::text), 5) AS text FROM generate_series(1, 100000) AS n"
    await server.recreate(database.name)
    await run(server.url(database), fill)
    began = time.monotonic()
    assert [each.rows for each in await server.fingerprint(database)] == [100_000]
    assert time.monotonic() - began < 30
