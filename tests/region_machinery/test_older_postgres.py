"""A region may have servers of several versions; collected where Debian's PostgreSQL 15 is installed."""

from pathlib import Path

import pytest

from local.postgres import PostgresServer, debian
from services.region.machinery.engines import Database, DumpUnreadableError
from services.region.machinery.postgres_engine import PostgresEngine
from services.region.machinery.progress import Progress
from tests.region_machinery.sql import run, value
from tests.region_machinery.test_dumps import CONTENTS
from tests.region_machinery.test_fingerprints import EVERY_TYPE

pytestmark = pytest.mark.anyio


async def test_data_go_from_an_older_version_to_a_newer_one(
    server: PostgresEngine, database: Database, tmp_path: Path
) -> None:
    folder = debian("15")
    assert folder
    postgres = PostgresServer(tmp_path / "15", bin=folder)
    await postgres.start()
    try:
        older = PostgresEngine(postgres.url(), folder)
        assert await older.version() == "15"
        await moves(older, server, database, tmp_path / "dump")
    finally:
        await postgres.stop()


async def moves(older: PostgresEngine, newer: PostgresEngine, database: Database, file: Path) -> None:
    old = Database("old", "old-password")
    await older.create(old)
    await run(older.url(old), CONTENTS)
    await run(older.url(old), "".join(EVERY_TYPE.splitlines(keepends=True)[3:]))  # less what is there
    before = await older.fingerprint(old)
    await older.dump(old, file, Progress())
    await newer.restore(database, file, Progress())
    assert await newer.fingerprint(database) == before
    assert {each.kind for each in before} == {"large_objects", "sequence", "table"}
    # What is written by the newer version is the same, too; but it does not go back.
    await run(newer.url(database), "INSERT INTO people (mail, age) VALUES ('new', 1)")
    await run(older.url(old), "INSERT INTO people (mail, age) VALUES ('new', 1)")
    after = await newer.fingerprint(database)
    assert after == await older.fingerprint(old) != before
    await newer.dump(database, file, Progress())
    with pytest.raises(DumpUnreadableError, match="newer PostgreSQL"):
        await older.restore(old, file, Progress())
    assert await value(older.url(old), "SELECT last_value FROM people_id_seq") == 101
