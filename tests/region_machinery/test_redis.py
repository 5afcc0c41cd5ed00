import os
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import anyio
import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError

from services.region.machinery.engines import (
    Database,
    DumpFailedError,
    DumpUnreadableError,
    Fingerprint,
    PlanTooSmallError,
)
from services.region.machinery.files import digest
from services.region.machinery.processes import ContainerSupervisor
from services.region.machinery.progress import Progress
from services.region.machinery.redis_engine import RedisEngine

pytestmark = pytest.mark.anyio

AT_ONCE = Retry(NoBackoff(), 0)
BIN = Path(shutil.which("redis-server") or "redis-server").parent


@pytest.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[ContainerSupervisor]:
    async with ContainerSupervisor(tmp_path / "logs") as supervisor:
        yield supervisor


@pytest.fixture
def servers(tmp_path: Path, supervisor: ContainerSupervisor) -> RedisEngine:
    (tmp_path / "a folder").mkdir()
    return RedisEngine(tmp_path / "a folder", BIN, supervisor)


async def created(servers: RedisEngine) -> Database:
    database = Database(f"addon-{uuid4().hex}", "p@ss:word/%'", servers.choose_port([]))
    await servers.create(database)
    return database


def client(servers: RedisEngine, database: Database, number: int = 0) -> Redis:
    return Redis.from_url(servers.url(database), db=number)


async def fill(redis: Redis) -> None:
    await redis.set("text", "é\0")
    await redis.set("fleeting", "x", ex=1000)
    await redis.rpush("list", *range(1000))
    await redis.hset("hash", mapping={str(n): n for n in range(1000)})
    await redis.sadd("set", "a", "b", 1)
    await redis.zadd("sorted", {"a": 0.1, "b": 1e300})
    await redis.xadd("stream", {"field": "value"}, id="1-1")


async def test_a_database_moves_to_another_server_whole(servers: RedisEngine, tmp_path: Path) -> None:
    source, destination = await created(servers), await created(servers)
    async with client(servers, source) as redis, client(servers, source, 3) as third:
        await fill(redis)
        await third.set("text", "other")
    async with client(servers, destination) as redis:
        await redis.set("before", "goes")

    progress, file = Progress(), tmp_path / "dump"
    dump = await servers.dump(source, file, progress)
    assert (dump.size_bytes, dump.sha256) == (file.stat().st_size, await digest(file))
    await servers.restore(destination, file, progress, 10_000_000)

    found = await servers.fingerprint(destination)
    assert found == await servers.fingerprint(source)
    assert [(each.kind, each.name, each.rows) for each in found] == [
        ("keyspace", "db0", 6),
        ("keyspace", "db3", 1),
    ]
    async with client(servers, destination) as redis:
        assert await redis.dbsize() == 7
        assert 0 < await redis.ttl("fleeting") <= 1000
        assert await redis.get("text") == "é\0".encode()
    await a_killed_server_comes_back_with_its_data(servers, destination, found)


async def a_killed_server_comes_back_with_its_data(
    servers: RedisEngine, database: Database, found: list[Fingerprint]
) -> None:
    async with client(servers, database) as redis:
        await redis.set("more", "x")
        os.kill((await redis.info("server"))["process_id"], signal.SIGKILL)
    with anyio.fail_after(30):
        while True:
            try:
                again = await servers.fingerprint(database)
                break
            except ConnectionError:
                await anyio.sleep(0.05)
    assert [each.rows for each in again] == [found[0].rows + 1, found[1].rows]


async def test_any_difference_shows_and_none_in_how_it_is_stored(servers: RedisEngine) -> None:
    database = await created(servers)
    async with client(servers, database) as redis:
        seen = set()
        changes = [
            ("SET", "text", "a"),
            ("SET", "text", "b"),
            ("RENAME", "text", "other"),
            ("RPUSH", "list", "1", "2"),
            ("RPOPLPUSH", "list", "list"),
            ("SADD", "numbers", "1", "2"),
            ("ZADD", "sorted", "1", "a"),
            ("ZADD", "sorted", "1.0000000000000002", "a"),
            ("EXPIRE", "other", "1000"),
            ("PERSIST", "numbers"),  # changes nothing
        ]
        for change in changes:
            await redis.execute_command(*change)  # type: ignore[no-untyped-call]
            seen.add(tuple(await servers.fingerprint(database)))
        assert len(seen) == len(changes) - 1
        before = await servers.fingerprint(database)
        # From one encoding to another, and back in contents.
        await redis.sadd("numbers", "x")
        await redis.srem("numbers", "x")
        assert await servers.fingerprint(database) == before
        await redis.flushall()
        assert await servers.fingerprint(database) == []


async def test_what_is_no_whole_dump_is_refused_and_nothing_is_dropped(
    servers: RedisEngine, tmp_path: Path
) -> None:
    database, file = await created(servers), tmp_path / "dump"
    async with client(servers, database) as redis:
        await fill(redis)
        await servers.dump(database, file, Progress())
        whole, before = file.read_bytes(), await servers.fingerprint(database)
        newer = whole.replace(whole[:9], b"REDIS9999", 1)
        flipped = whole[:500] + bytes([whole[500] ^ 0xFF]) + whole[501:]
        for content in (
            b"",
            whole[:3],
            whole[: len(whole) // 2],
            whole[:-1],
            newer,
            flipped,
            b"PGDMP" + whole,
        ):
            file.write_bytes(content)
            with pytest.raises(DumpUnreadableError):
                await servers.restore(database, file, Progress())
        assert await servers.fingerprint(database) == before
        file.write_bytes(whole)
        with pytest.raises(PlanTooSmallError):
            await servers.restore(database, file, Progress(), 1000)
        assert await servers.fingerprint(database) == []


async def test_a_full_disk_is_told_from_other_failures(servers: RedisEngine, tmp_path: Path) -> None:
    database = await created(servers)
    async with client(servers, database) as redis:
        await fill(redis)
    (tmp_path / "dump.partial").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left on device"):
        await servers.dump(database, tmp_path / "dump", Progress())
    stranger = Database(database.name, database.password, servers.choose_port([]))
    with pytest.raises((DumpFailedError, ConnectionError)):
        await servers.dump(stranger, tmp_path / "dump", Progress())


async def test_an_app_may_use_its_database_and_not_administer_it(
    servers: RedisEngine, supervisor: ContainerSupervisor, tmp_path: Path
) -> None:
    database = await created(servers)
    async with client(servers, database) as redis:
        assert await redis.set("key", "value")
        for command in ("CONFIG GET dir", "DEBUG SLEEP 0", "MODULE LIST", "REPLICAOF NO ONE", "ACL LIST"):
            with pytest.raises(NoPermissionError):
                await redis.execute_command(*command.split())  # type: ignore[no-untyped-call]
    for user in ("default", "region"):
        stranger = Redis(port=database.port or 0, username=user, password="wrong", retry=AT_ONCE)
        async with stranger as redis:
            with pytest.raises(AuthenticationError):
                await redis.ping()
    assert await servers.size(database) > 0
    await servers.drop(database.name)
    await servers.drop(database.name)
    assert supervisor.states(database.name) == []
    assert list((tmp_path / "a folder").iterdir()) == []
    assert list((tmp_path / "logs").iterdir()) == []
