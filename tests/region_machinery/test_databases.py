from pathlib import Path

import anyio
import asyncpg
import pytest

from services.region.machinery.engines import Database
from services.region.machinery.postgres_engine import PostgresEngine
from services.region.machinery.progress import Progress
from services.region.state.database import connect
from tests.region_machinery.sql import run, value

pytestmark = pytest.mark.anyio


async def test_the_server_offers_the_major_version_that_it_runs(server: PostgresEngine) -> None:
    assert await server.version() == "18"


async def test_an_app_owns_its_database(server: PostgresEngine, database: Database) -> None:
    url = server.url(database)
    await run(url, "CREATE SCHEMA mine CREATE TABLE t (n int); CREATE EXTENSION citext")
    assert await value(url, "SELECT current_user::text") == database.name
    assert await value(url, "SELECT current_database()::text") == database.name


async def test_creating_again_sets_the_password_and_keeps_the_contents(
    server: PostgresEngine, database: Database
) -> None:
    await run(server.url(database), "CREATE TABLE t AS SELECT 1 AS n")
    changed = Database(database.name, "second-password")
    await server.create(changed)
    assert await value(server.url(changed), "SELECT n FROM t") == 1
    with pytest.raises(asyncpg.InvalidPasswordError):
        await run(server.url(database), "SELECT 1")


async def test_no_other_app_may_connect(
    server: PostgresEngine, database: Database, other_database: Database
) -> None:
    stranger = server.url(other_database).removesuffix(other_database.name) + database.name
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await run(stranger, "SELECT 1")


async def test_no_app_may_connect_to_the_region_s_own_database(
    server: PostgresEngine, database: Database, database_url: str
) -> None:
    async with connect(database_url):
        own = database_url.rpartition("/")[2]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await run(server.url(database).removesuffix(database.name) + own, "SELECT 1")


@pytest.mark.parametrize("name", ['Odd "name"', "it's \\a= b", "dots.and/slash?x", "été%20"])
async def test_odd_names_are_taken_as_they_are(server: PostgresEngine, name: str, tmp_path: Path) -> None:
    database = Database(name, "p@ss:word/%'")
    await server.create(database)
    try:
        url = server.url(database)
        await run(url, "CREATE TABLE t AS SELECT 1 AS n")
        await server.dump(database, tmp_path / "dump", Progress())
        await server.restore(database, tmp_path / "dump", Progress())
        assert await value(url, "SELECT current_database()::text") == name
        assert await value(url, "SELECT tableowner::text FROM pg_tables WHERE tablename = 't'") == name
    finally:
        await server.drop(name)


@pytest.mark.parametrize("name", ["", "zero\0byte", "x" * 64])
async def test_a_name_that_the_server_would_change_is_refused(server: PostgresEngine, name: str) -> None:
    with pytest.raises(ValueError, match="1 to 63 bytes"):
        await server.create(Database(name, "password"))


async def test_recreating_empties_the_database_under_whoever_is_connected(
    server: PostgresEngine, database: Database
) -> None:
    url = server.url(database)
    connected = await asyncpg.connect(url)
    await connected.execute("CREATE TABLE t AS SELECT 1 AS n")
    await server.recreate(database.name)
    assert await value(url, "SELECT to_regclass('t') IS NULL")
    with pytest.raises((asyncpg.AdminShutdownError, asyncpg.InterfaceError)):
        await connected.execute("SELECT 1")
    await connected.close()


async def test_dropping_takes_the_role_along_and_may_be_repeated(
    server: PostgresEngine, postgres_url: str
) -> None:
    database = Database("short-lived", "password")
    await server.create(database)
    connected = await asyncpg.connect(server.url(database))
    await server.drop("short-lived")
    await server.drop("short-lived")
    connected.terminate()
    assert await value(postgres_url, "SELECT count(*) FROM pg_roles WHERE rolname = 'short-lived'") == 0
    assert await value(postgres_url, "SELECT count(*) FROM pg_database WHERE datname = 'short-lived'") == 0


async def test_two_creations_of_one_name_at_the_same_time_both_succeed(server: PostgresEngine) -> None:
    twins = Database("twins", "password")
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(server.create, twins)
            group.start_soon(server.create, twins)
        assert await value(server.url(twins), "SELECT 1") == 1
    finally:
        await server.drop("twins")
