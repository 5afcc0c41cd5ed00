import logging
import random
from pathlib import Path

import anyio
import asyncpg
import pytest

from services.region.machinery.engines import (
    Database,
    DumpFailedError,
    DumpUnreadableError,
    PlanTooSmallError,
    RestoreFailedError,
)
from services.region.machinery.files import digest
from services.region.machinery.postgres_engine import PostgresEngine
from services.region.machinery.progress import Progress
from tests.region_machinery.sql import run, value

pytestmark = pytest.mark.anyio

# What an app does with its database, and what a restore can go wrong with.
CONTENTS = """
CREATE EXTENSION hstore;
CREATE EXTENSION citext;
CREATE SCHEMA "Odd ""x"" schema";
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n * 2';
CREATE TABLE people (
    id serial PRIMARY KEY,
    mail citext UNIQUE NOT NULL,
    mood mood,
    age positive,
    twice int GENERATED ALWAYS AS (twice(age)) STORED,
    attributes hstore
);
INSERT INTO people (mail, mood, age, attributes)
SELECT 'p' || n || '@example.org', 'good', n, hstore('n', n::text) FROM generate_series(1, 100) AS n;
CREATE INDEX by_twice ON people (twice(age));
CREATE TABLE "Odd ""x"" schema"."Odd.table" (person int REFERENCES people, content bytea);
INSERT INTO "Odd ""x"" schema"."Odd.table" SELECT 1, decode(repeat('00ff', 5000000), 'hex');
CREATE VIEW moods AS SELECT mood, count(*) AS people FROM people GROUP BY mood;
CREATE MATERIALIZED VIEW ages AS SELECT sum(age) AS total FROM people;
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.mood := ''bad''; RETURN NEW; END';
CREATE TRIGGER note BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION note();
ALTER TABLE people ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody ON people USING (age < 50);
SELECT lo_from_bytea(0, 'a large object');
GRANT SELECT ON people TO PUBLIC;
COMMENT ON SCHEMA public IS 'with a comment';
"""

FOREIGN_RELATIONS = """
SELECT count(*) FROM pg_class
 WHERE relowner <> current_user::regrole AND relnamespace = 'public'::regnamespace
   AND relkind IN ('r', 'v', 'm', 'S')
"""


async def test_a_restored_database_is_the_same_and_belongs_to_its_app(
    server: PostgresEngine, database: Database, other_database: Database, tmp_path: Path
) -> None:
    file, url = tmp_path / "dump", server.url(other_database)
    await run(server.url(database), CONTENTS)
    dump = await server.dump(database, file, Progress())
    assert (dump.size_bytes, dump.sha256) == (file.stat().st_size, await digest(file))
    await server.restore(other_database, file, Progress())
    fingerprint = await server.fingerprint(other_database)
    assert fingerprint == await server.fingerprint(database)
    assert [(each.kind, each.name, each.rows) for each in fingerprint] == [
        ("large_objects", "large_objects", 1),
        ("sequence", "public.people_id_seq", 0),
        ("table", '"Odd ""x"" schema"."Odd.table"', 1),
        ("table", "public.people", 100),
    ]
    assert await value(url, FOREIGN_RELATIONS) == 0
    # The sequence goes on, trigger and policy work, and everything can be changed by its owner.
    assert (
        await value(url, "INSERT INTO people (mail, age) VALUES ('new', 1) RETURNING id || mood::text")
        == "101bad"
    )
    assert await value(url, "SELECT count(*) FROM people") == 50
    assert await value(url, "SELECT total FROM ages") == 5050
    assert (
        await value(url, "SELECT convert_from(lo_get(oid), 'UTF8') FROM pg_largeobject_metadata")
        == "a large object"
    )
    await run(url, "ALTER TABLE people ADD COLUMN more int; DROP VIEW moods; DROP EXTENSION hstore CASCADE")


async def test_restoring_again_starts_from_an_empty_database(
    server: PostgresEngine, database: Database, tmp_path: Path
) -> None:
    url = server.url(database)
    await run(url, "CREATE TABLE t AS SELECT 1 AS n")
    await server.dump(database, tmp_path / "dump", Progress())
    await run(url, "INSERT INTO t VALUES (2); CREATE TABLE later (n int)")
    for _ in range(2):
        await server.restore(database, tmp_path / "dump", Progress())
        assert [(table.name, table.rows) for table in await server.fingerprint(database)] == [("public.t", 1)]


async def test_a_public_schema_that_was_dropped_or_made_anew_is_restored(
    server: PostgresEngine, database: Database, tmp_path: Path
) -> None:
    url = server.url(database)
    await run(url, "DROP SCHEMA public; CREATE SCHEMA public; CREATE TABLE t AS SELECT 1 AS n")
    await server.dump(database, tmp_path / "dump", Progress())
    await server.restore(database, tmp_path / "dump", Progress())
    assert await value(url, "SELECT n FROM t") == 1


@pytest.mark.parametrize("kept", [0, 3, 100, 5000, -1])
async def test_a_truncated_archive_is_refused_before_anything_is_dropped(
    server: PostgresEngine, database: Database, tmp_path: Path, kept: int
) -> None:
    url, file = server.url(database), tmp_path / "dump"
    await run(url, "CREATE TABLE t AS SELECT n, md5(n::text) AS text FROM generate_series(1, 10000) AS n")
    await server.dump(database, file, Progress())
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(DumpUnreadableError):
        await server.restore(database, file, Progress())
    assert await value(url, "SELECT count(*) FROM t") == 10_000


async def test_a_corrupt_archive_is_refused_or_restores_the_same(
    server: PostgresEngine, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "dump"
    await run(
        server.url(database),
        "CREATE TABLE t AS SELECT n, md5(n::text) AS text FROM generate_series(1, 10000) AS n",
    )
    await server.dump(database, file, Progress())
    whole = file.read_bytes()
    for place in random.Random(1).sample(range(len(whole) // 2, len(whole)), 5):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        with pytest.raises(DumpUnreadableError):
            await server.restore(database, file, Progress())


async def test_what_the_server_refuses_is_said_without_any_row(
    server: PostgresEngine,
    database: Database,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    url = server.url(database)
    # A check that passed when the row was written, and does not any more.
    await run(
        url,
        """
        CREATE TABLE allowed AS SELECT 'the secret row' AS text;
        CREATE FUNCTION is_allowed(t text) RETURNS bool LANGUAGE sql
            AS 'SELECT EXISTS (SELECT FROM public.allowed WHERE text = t)';
        CREATE TABLE t (text text CHECK (is_allowed(text)));
        INSERT INTO t VALUES ('the secret row');
        DELETE FROM allowed;
    """,
    )
    await server.dump(database, tmp_path / "dump", Progress())
    with caplog.at_level(logging.DEBUG), pytest.raises(RestoreFailedError) as raised:
        await server.restore(database, tmp_path / "dump", Progress())
    printed = capfd.readouterr()
    assert "secret" not in "".join((str(raised.value), repr(raised.value.__context__), caplog.text, *printed))


async def test_the_code_in_a_dump_never_runs_as_a_superuser(
    server: PostgresEngine, database: Database, postgres_url: str, tmp_path: Path
) -> None:
    await run(
        server.url(database),
        """
        CREATE FUNCTION rise(n int) RETURNS bool LANGUAGE plpgsql AS $$
        BEGIN
            RESET ROLE;
            EXECUTE format('ALTER ROLE %I SUPERUSER', current_database());
            RETURN true;
        EXCEPTION WHEN insufficient_privilege THEN RETURN true;
        END $$;
        CREATE TABLE t (n int CHECK (rise(n)));
        INSERT INTO t VALUES (1);
    """,
    )
    await server.dump(database, tmp_path / "dump", Progress())
    await server.restore(database, tmp_path / "dump", Progress())
    assert (
        await value(postgres_url, "SELECT rolsuper FROM pg_roles WHERE rolname = $1", database.name) is False
    )
    assert await value(postgres_url, "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'restore-%'") == 0


async def test_a_full_disk_is_told_from_other_failures(
    server: PostgresEngine, database: Database, tmp_path: Path
) -> None:
    # Random, so that it does not compress: more than a program keeps to itself.
    await run(
        server.url(database),
        """
        CREATE TABLE t AS SELECT sha512(n::text::bytea) AS content FROM generate_series(1, 3000) AS n;
        CREATE FUNCTION fits(content bytea) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN true; END';
        ALTER TABLE t ADD CHECK (fits(content));
        """,
    )
    (tmp_path / "dump.partial").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left on device"):
        await server.dump(database, tmp_path / "dump", Progress())
    # What a server says when it has no room for rows.
    await run(
        server.url(database),
        """
        CREATE OR REPLACE FUNCTION fits(content bytea) RETURNS bool LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION USING
                ERRCODE = '53100', MESSAGE = 'could not extend file "base/1": No space left on device';
        END $$;
        """,
    )
    await server.dump(database, tmp_path / "dump", Progress())
    with pytest.raises(OSError, match="No space left on device"):
        await server.restore(database, tmp_path / "dump", Progress())


async def test_data_that_exceed_the_plan_do_not_stay(
    server: PostgresEngine, database: Database, tmp_path: Path
) -> None:
    await run(
        server.url(database), "CREATE TABLE t AS SELECT repeat('x', 1000) FROM generate_series(1, 9000)"
    )
    await server.dump(database, tmp_path / "dump", Progress())
    size = await server.size(database)
    await server.restore(database, tmp_path / "dump", Progress(), size + 1_000_000)
    assert len(await server.fingerprint(database)) == 1
    with pytest.raises(PlanTooSmallError):
        await server.restore(database, tmp_path / "dump", Progress(), size - 2_000_000)
    assert await server.fingerprint(database) == []


async def test_a_database_that_is_not_there_cannot_be_dumped(server: PostgresEngine, tmp_path: Path) -> None:
    with pytest.raises(DumpFailedError):
        await server.dump(Database("missing", ""), tmp_path / "dump", Progress())
    assert list(tmp_path.iterdir()) == []


async def test_a_cancelled_dump_leaves_neither_a_file_nor_a_session(
    server: PostgresEngine, database: Database, postgres_url: str, tmp_path: Path
) -> None:
    url = server.url(database)
    await run(url, "CREATE TABLE t AS SELECT 1 AS n")
    blocker = await asyncpg.connect(url)
    async with blocker.transaction():
        await blocker.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        with anyio.move_on_after(1) as scope:
            await server.dump(database, tmp_path / "dump", Progress())
        assert scope.cancelled_caught
        assert list(tmp_path.iterdir()) == []
        with anyio.fail_after(30):
            while await sessions(postgres_url, database.name) > 1:
                await anyio.sleep(0.05)
    await blocker.close()


TABLE_WITH_CHECK = """
CREATE FUNCTION passes(n int) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN true; END';
CREATE TABLE t (n int CHECK (passes(n)));
INSERT INTO t SELECT n FROM generate_series(1, 3000) AS n;
ANALYZE t;
"""
# Rows are counted a thousand at a time.
SLOW_CHECK = """
CREATE OR REPLACE FUNCTION passes(n int) RETURNS bool LANGUAGE plpgsql
    AS 'BEGIN IF n > 2000 THEN PERFORM pg_sleep(60); END IF; RETURN true; END';
"""


async def test_a_restore_tells_how_far_it_is_and_can_be_cancelled_and_repeated(
    server: PostgresEngine, database: Database, postgres_url: str, tmp_path: Path
) -> None:
    url, dumping, restoring = server.url(database), Progress(), Progress()
    await run(url, TABLE_WITH_CHECK)
    dump = await server.dump(database, tmp_path / "fast", dumping)
    assert (dumping.bytes, dumping.total_rows) == (dump.size_bytes, 3000)
    await run(url, SLOW_CHECK)
    await server.dump(database, tmp_path / "slow", Progress())
    async with anyio.create_task_group() as group:
        group.start_soon(server.restore, database, tmp_path / "slow", restoring)
        with anyio.fail_after(30):
            while not (restoring.rows and restoring.bytes):
                await anyio.sleep(0.05)
        group.cancel_scope.cancel()
    assert restoring.rows in (1000, 2000)
    assert restoring.bytes <= (tmp_path / "slow").stat().st_size
    assert await sessions(postgres_url, database.name) == 0
    await server.restore(database, tmp_path / "fast", Progress())
    assert await value(url, "SELECT count(*) FROM t") == 3000


async def sessions(postgres_url: str, database: str) -> int:
    found = await value(postgres_url, "SELECT count(*) FROM pg_stat_activity WHERE datname = $1", database)
    return int(found)
