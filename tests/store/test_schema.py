"""Installing, upgrading, and who may sign in."""

from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import anyio
import asyncpg
import pytest

from events.store.schema import SchemaChangedError, create_login, upgrade
from local.postgres import PostgresServer

pytestmark = pytest.mark.anyio

OWN = ["events/0001_events.sql", "events/0002_command_outcomes.sql", "events/0003_checkpoints.sql"]


async def test_everything_is_applied_once_the_log_first(database_url: str) -> None:
    applied = await upgrade(database_url)
    assert applied[:3] == OWN
    assert [name.partition("/")[0] for name in applied[-3:]] == ["projections", "gateway", "webhooks"]
    assert await upgrade(database_url) == []


async def test_installers_wait_for_each_other(database_url: str) -> None:
    applied: list[str] = []

    async def install() -> None:
        applied.extend(await upgrade(database_url))

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(install)
    assert applied[:3] == OWN
    assert len(applied) == len(set(applied))


async def test_installers_of_several_databases_share_a_new_server(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path)
    await server.start()
    try:
        connection = await asyncpg.connect(server.url())
        for number in range(3):
            await connection.execute(f"CREATE DATABASE d{number}")
        await connection.close()
        async with anyio.create_task_group() as tasks:
            for number in range(3):
                tasks.start_soon(upgrade, server.url(f"d{number}"))
    finally:
        await server.stop()


async def test_a_later_release_brings_new_files(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE one (); CREATE TABLE two ();")
    (tmp_path / "readme.txt").write_text("not ours")
    assert await upgrade(database_url, {"own": tmp_path}) == ["own/0001_first.sql"]
    (tmp_path / "0002_second.sql").write_text("DROP TABLE two;")
    (tmp_path / "0010_third.sql").write_text("DROP TABLE one;")
    assert await upgrade(database_url, {"own": tmp_path}) == ["own/0002_second.sql", "own/0010_third.sql"]


@pytest.mark.parametrize("new_name", ["0001_first.sql", "0001_other.sql"])
async def test_an_applied_file_must_stay_as_it_is(database_url: str, tmp_path: Path, new_name: str) -> None:
    (tmp_path / "0001_first.sql").write_text("CREATE TABLE one ();")
    await upgrade(database_url, {"own": tmp_path})
    (tmp_path / "0001_first.sql").rename(tmp_path / new_name).write_text("CREATE TABLE one (a int);")
    with pytest.raises(SchemaChangedError, match=f"own/{new_name} is not the file .* next number"):
        await upgrade(database_url, {"own": tmp_path})


async def test_a_file_that_fails_leaves_nothing_behind(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "0001_good.sql").write_text("CREATE TABLE one ();")
    (tmp_path / "0002_bad.sql").write_text("CREATE TABLE two (); SELECT 1 / 0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await upgrade(database_url, {"own": tmp_path})
    (tmp_path / "0002_bad.sql").write_text("CREATE TABLE two ();")
    assert await upgrade(database_url, {"own": tmp_path}) == ["own/0002_bad.sql"]


async def test_a_login_is_created_once_and_its_password_can_be_changed(database_url: str) -> None:
    await upgrade(database_url)
    user = f"Test-{uuid4()}"  # a name that needs quoting
    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(create_login, database_url, user, "first", "storky_reader")
    await create_login(database_url, user, "sec'ond", "storky_reader")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await sign_in(database_url, user, "first")
    connection = await sign_in(database_url, user, "sec'ond")
    assert await connection.fetchval("SELECT count(*) FROM events") == 0
    await connection.close()


async def sign_in(url: str, user: str, password: str) -> asyncpg.Connection:
    parts = urlsplit(url)
    return await asyncpg.connect(
        host=parts.hostname, port=parts.port, database=parts.path[1:], user=user, password=password
    )


async def test_a_password_that_would_need_normalising_is_refused() -> None:
    with pytest.raises(ValueError, match="ASCII"):
        await create_login("postgresql://nowhere", "u", "pässword", "storky_reader")
