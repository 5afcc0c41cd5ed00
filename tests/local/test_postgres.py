import os
from pathlib import Path

import asyncpg
import pytest

from local import unprivileged
from local.postgres import PostgresServer
from tests.local.processes import parent, using, wait_until_unused

pytestmark = pytest.mark.anyio


async def test_a_restart_on_the_same_directory_keeps_data_and_address(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path)
    await server.start()
    await _execute(server.url(), "CREATE TABLE kept ()")
    await server.stop()

    again = PostgresServer(tmp_path)
    await again.start()
    await _execute(again.url(), "SELECT FROM kept")
    assert again.url() == server.url()
    await again.stop()
    assert using(tmp_path) == set()


async def test_it_works_where_only_the_owner_may_enter_and_changes_no_permission(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = PostgresServer(closed / ("deep" * 30))
    await server.start()
    await server.stop()
    assert closed.stat().st_mode & 0o777 == 0o700


async def test_root_may_run_it_without_user_namespaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unprivileged, "_namespaces_allowed", lambda: False)
    server = PostgresServer(tmp_path)
    await server.start()
    await _execute(server.url(), "CREATE TABLE there ()")
    await server.stop()


async def test_nobody_enters_without_the_password(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path)
    await server.start()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(host="127.0.0.1", port=server.port, user="postgres", password="wrong")
    await server.stop()
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


async def test_it_does_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    program = """
        import sys, anyio
        from pathlib import Path
        from local.postgres import PostgresServer

        async def main():
            await PostgresServer(Path(sys.argv[1])).start()
            print("running", flush=True)
            await anyio.sleep_forever()

        anyio.run(main)
    """
    with parent(program, tmp_path) as process:
        assert len(using(tmp_path) - {os.getpid(), process.pid}) > 0
    wait_until_unused(tmp_path)

    survivor = PostgresServer(tmp_path)
    await survivor.start()
    await survivor.stop()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()
