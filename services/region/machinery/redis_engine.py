"""Redis: each addon has a server of its own, a process of this region that is kept running."""

import random
import re
import shlex
import socket
from collections import defaultdict
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from subprocess import PIPE
from typing import Any
from urllib.parse import quote

import anyio
from redis.asyncio import Redis

from services.region.machinery import files, programs, redis_fingerprints
from services.region.machinery.engines import (
    Database,
    Dump,
    DumpFailedError,
    DumpUnreadableError,
    Fingerprint,
    PlanTooSmallError,
    RestoreFailedError,
    too_small,
)
from services.region.machinery.files import replacing
from services.region.machinery.processes import ContainerSpec, ContainerSupervisor
from services.region.machinery.progress import Progress, watched
from services.region.machinery.redis_clients import ADMIN, HOST, RedisClients, reachable
from services.region.machinery.redis_folders import RedisFolder

# Above those that the kernel gives to outgoing connections: a server comes back to the port it had.
_PORTS = range(61_000, 65_536)
_LOOK_AGAIN = 0.02  # seconds

Info = dict[str, Any]  # what the command INFO answers


class RedisEngine:
    """The servers of a region's Redis addons; they end with the supervisor."""

    def __init__(self, folder: Path, bin: Path, supervisor: ContainerSupervisor) -> None:  # noqa: A002
        """Say where the databases are kept, where the programs are, and who keeps the servers running."""
        self._folder = folder
        self._bin = bin
        self._supervisor = supervisor
        self._clients = RedisClients()
        self._locks: defaultdict[str, anyio.Lock] = defaultdict(anyio.Lock)

    async def version(self) -> str:
        """Return the version of the program, such as 7.0: a dump fits into no older one."""
        program = self._bin / "redis-server"
        async with programs.running(program, "--version", environment={}, stdout=PIPE) as process:
            assert process.stdout
            text = b"".join([chunk async for chunk in process.stdout]).decode()
        found = re.search(r"v=(\d+\.\d+)", text)
        assert found, "redis-server tells its version"
        return found[1]

    def choose_port(self, taken: Collection[int]) -> int:
        """Return a port that nothing listens on."""
        while True:
            port = random.choice(_PORTS)  # noqa: S311 - no secret
            if port not in taken and _is_free(port):
                return port

    def url(self, database: Database) -> str:
        """Return the URL under which an app reaches its database."""
        return f"redis://default:{quote(database.password, safe='')}@{HOST}:{database.port}"

    async def create(self, database: Database) -> None:
        """Run a server; the data stay, if there are any."""
        RedisFolder(self._folder / database.name).make()
        await self.resume(database)
        await self._until_loaded(database)

    async def resume(self, database: Database) -> None:
        """Run the server of a database that was created; it may load for a while."""
        async with self._locks[database.name]:
            if not self._supervisor.states(database.name):
                await self._start(database)

    async def drop(self, name: str) -> None:
        """Stop the server and remove its data. It need not exist."""
        async with self._locks[name]:
            await self._supervisor.stop(name)
            await anyio.to_thread.run_sync(RedisFolder(self._folder / name).remove)
            self._supervisor.logs.remove(name)

    async def dump(self, database: Database, file: Path, progress: Progress) -> Dump:
        """Write an RDB file, as a replica gets one; raises DumpFailedError."""
        async with replacing(file) as output:
            partial_file = Path(str(output.name))
            async with (
                self._clients.client(database) as client,
                watched(partial(_look_at_dump, client, partial_file, progress)),
            ):
                await self._run_cli(database, "--rdb", str(partial_file))
            return Dump(files.size(partial_file), await files.digest(partial_file))

    async def restore(
        self, database: Database, file: Path, progress: Progress, largest: int | None = None
    ) -> None:
        """Replace the contents by those of an RDB file; see DatabaseEngine."""
        if await programs.run(self._bin / "redis-check-rdb", str(file)) != 0:
            raise DumpUnreadableError("the dump is truncated, corrupt, or of a newer Redis; make a new one")
        try:
            await self._begin_with(database, file)
            await self._until_loaded(database, partial(_look_at_load, progress, progress.bytes, largest))
        except (ConnectionError, PlanTooSmallError) as error:
            await self._begin_with(database, None)
            await self._until_loaded(database)
            if isinstance(error, PlanTooSmallError):
                raise
            raise RestoreFailedError("the Redis server ended while it loaded the dump") from None

    async def fingerprint(self, database: Database) -> list[Fingerprint]:
        """Return what each keyspace holds; see redis_fingerprints."""
        with reachable():
            return await redis_fingerprints.fingerprint(partial(self._clients.connect, database))

    async def size(self, database: Database) -> int:
        """Return how many bytes of memory the data take up."""
        async with self._clients.client(database) as client:
            return int((await client.info("memory"))["used_memory_dataset"])

    async def _begin_with(self, database: Database, dump: Path | None) -> None:
        async with self._locks[database.name]:
            await self._supervisor.stop(database.name)
            folder = RedisFolder(self._folder / database.name)
            await anyio.to_thread.run_sync(folder.begin_with, dump)
            await self._start(database)

    async def _start(self, database: Database) -> None:
        folder = RedisFolder(self._folder / database.name)
        folder.configure(database, self._clients.password)
        program = self._bin / "redis-server"
        await self._supervisor.start(
            ContainerSpec(
                id=database.name,
                app_id=database.name,
                type="redis",
                index=1,
                command=shlex.join(["exec", str(program), str(folder.configuration)]),
                cwd=folder.path,
                env={"LC_ALL": "C"},
            )
        )

    async def _until_loaded(self, database: Database, look: Callable[[Info], None] | None = None) -> None:
        """Return when the server has all its data; raises ConnectionError if it ends before."""
        restarts = self._restarts(database.name)
        while self._restarts(database.name) == restarts:
            info = await self._info(database)
            if info and look:
                look(info)
            if info and not info["loading"]:
                return
            await anyio.sleep(_LOOK_AGAIN)
        raise ConnectionError("the Redis server ended while it was starting")

    def _restarts(self, name: str) -> int:
        return sum((state.restarts for state in self._supervisor.states(name)), 0)

    async def _info(self, database: Database) -> Info | None:
        try:
            async with self._clients.client(database) as client:
                return dict(await client.info())
        except ConnectionError:
            return None

    async def _run_cli(self, database: Database, *arguments: str) -> None:
        code = await programs.run(
            self._bin / "redis-cli",
            *("-h", HOST, "-p", str(database.port), "--user", ADMIN, *arguments),
            environment={"REDISCLI_AUTH": self._clients.password},
        )
        if code != 0:
            raise DumpFailedError("the Redis server gave no dump; it may be short of memory")


async def _look_at_dump(client: Redis, file: Path, progress: Progress) -> None:
    info = await client.info("persistence")
    if info["rdb_bgsave_in_progress"]:
        progress.rows, progress.total_rows = (
            info["current_save_keys_processed"],
            info["current_save_keys_total"],
        )
    progress.bytes = files.size(file)


def _look_at_load(progress: Progress, before: int, largest: int | None, info: Info) -> None:
    progress.bytes = max(progress.bytes, before + info.get("loading_loaded_bytes", 0))
    if largest is not None and (size := info["used_memory_dataset"]) > largest:
        raise too_small(size, largest)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
