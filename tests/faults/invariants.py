"""What must be true when the faults are over and everything has come to rest."""

import os
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import anyio
import asyncpg
import httpx

from events import bus, store
from events.bus.parking import list_parked
from local.layout import Layout
from projections.upkeep import discover
from tests.end_to_end.secrecy import kept_secrets, logs, told, values
from tests.end_to_end.world import DESTINATION, SOURCE, World
from tests.faults.subjects import Subject
from tests.projections.replaying import differences

PATIENCE = 150  # seconds for what is made good without us; the longest delay of a message is 120
RUNNING_CONTAINERS = """
select deployments.id, sum(amount)::int from app_states as apps
join deployments on deployments.id = apps.build_id join formation on formation.app_id = apps.id
where desired = 'started' and amount > 0 group by deployments.id
"""

Check = Callable[[], Awaitable[str]]  # returns what is wrong, or nothing


class Invariants:
    """The checks of one system."""

    def __init__(self, world: World, subjects: Sequence[Subject]) -> None:
        self._world = world
        self._subjects = subjects
        self._layout = Layout(world.directory, {})

    async def broken(self) -> list[str]:
        """Return what does not hold."""
        checks: list[Check] = [self._log, self._replay, self._parked, self._queues, self._secrets]
        checks += [lambda each=each: self._subject(each) for each in self._subjects]  # type: ignore[misc]
        for region in (SOURCE, DESTINATION):
            checks += [lambda region=region: self._databases(region)]  # type: ignore[misc]
            checks += [lambda region=region: self._containers(region)]  # type: ignore[misc]
        found = [await _eventually(check) for check in checks]
        found += [await self._claim(each) for each in self._subjects]
        return [problem for problem in found if problem]

    async def _subject(self, subject: Subject) -> str:
        migrations = await subject.migrations(self._world)
        states = {each["id"]: each["status"] for each in migrations}
        if unfinished := set(states.values()) - {"aborted", "done", "preflight-error"}:
            return f"{subject.name}: not at its end: {unfinished}"
        for migration, status in states.items():
            if status != "done" and (left := await self._resources(migration)):
                return f"{subject.name}: {status} migration {migration} has left {left}"
        done = "done" in states.values()
        return await (self._moved(subject) if done else self._untouched(subject))

    async def _untouched(self, subject: Subject) -> str:
        world, name = self._world, subject.name
        if (now := await world.snapshot(SOURCE, name)) != subject.before:
            return f"{name}: the source differs: {_differences(subject.before, now)}"
        if await subject.rows_in(world, SOURCE) != subject.rows:
            return f"{name}: the source's rows differ"
        if await world.exists(DESTINATION, name):
            return f"{name}: exists in the destination after an abort"
        return await self._answers(subject, SOURCE)

    async def _moved(self, subject: Subject) -> str:
        world, name = self._world, subject.name
        source = await world.snapshot(SOURCE, name)
        if (source["app"]["status"], source["ps"]) != ("migrated", []):
            return f"{name}: done, but its source is {source['app']['status']} and runs {source['ps']}"
        moved = await world.snapshot(DESTINATION, name)
        if (moved["app"]["status"], moved["ps"]) != (subject.state, subject.before["ps"]):
            return f"{name}: done, but its destination is {moved['app']['status']} and runs {moved['ps']}"
        if await self._has_data(subject) and await subject.rows_in(world, DESTINATION) != subject.rows:
            return f"{name}: done, but the rows differ"
        return await self._answers(subject, DESTINATION)

    async def _has_data(self, subject: Subject) -> bool:
        """Whether the data step was done: without it, the app moves without its addons."""
        (done,) = [each for each in await subject.migrations(self._world) if each["status"] == "done"]
        tasks = await self._world.tasks(subject.name, done["id"])
        return any(label.startswith("Verify") for label in tasks)

    async def _answers(self, subject: Subject, region: str) -> str:
        if subject.state != "running":
            return ""
        answer = await self._world.visit(SOURCE, subject.domain)
        if not answer.is_success or answer.json()["region"] != region:
            return f"{subject.name}: the source's front answers {answer.status_code} {answer.text[:100]}"
        return ""

    async def _claim(self, subject: Subject) -> str:
        """A name is free again, but an app that has moved cannot be migrated a second time."""
        migrations = await subject.migrations(self._world)
        done = any(each["status"] == "done" for each in migrations)
        answer = await self._world.create(subject.name)
        if answer.status_code != httpx.codes.CREATED:
            return f"{subject.name}: cannot be migrated again: {answer.text}"
        migration = answer.json()["id"]
        status = await self._world.through(subject.name, migration, ["preflight"])
        if status != ("preflight-error" if done else "preflight-success"):
            return f"{subject.name}: {'done' if done else 'aborted'}, and now its preflight ends as {status}"
        if not done:
            await self._world.run(subject.name, migration, "abort")
        return ""

    async def _resources(self, migration: str) -> list[Any]:
        found: list[Any] = []
        for region in self._layout.regions.values():
            headers = {"Authorization": f"Bearer {region.credential}"}
            async with httpx.AsyncClient(base_url=region.api, headers=headers) as client:
                answer = await client.get(f"/v1/migrations/{migration}/resources")
            found += answer.raise_for_status().json()["resources"]
        return found

    async def _databases(self, region: str) -> str:
        """A region's server holds the databases and roles of its addons, and nothing else."""
        server = self._layout.regions[region].postgres
        addons = await _column(
            server.url("region"), "select resource_id from addons where provider_id = 'postgresql'"
        )
        databases = await _column(server.url(), "select datname from pg_database where not datistemplate")
        roles = await _column(server.url(), "select rolname from pg_roles where rolname !~ '^pg_'")
        expected = set(addons)
        if left := (set(databases) - {"postgres", "region"}) ^ expected:
            return f"{region}: databases and addons differ by {left}"
        if left := (set(roles) - {"postgres"}) ^ expected:
            return f"{region}: roles and addons differ by {left}"
        return ""

    async def _containers(self, region: str) -> str:
        """The processes in a region's builds are those of the apps that shall run, and of this region."""
        at = self._layout.regions[region]
        connection = await asyncpg.connect(at.postgres.url("region"))
        wanted = {row[0]: row[1] for row in await connection.fetch(RUNNING_CONTAINERS)}
        await connection.close()
        found = Counter(_containers(at.directory / "builds", self._world.system.process(region).pid))
        if found != Counter(wanted):
            return f"{region}: containers of builds {dict(found)}, wanted {wanted}"
        return ""

    async def _log(self) -> str:
        async with store.connect(self._world.system.endpoints.database, "chaos") as pool:
            verified = await store.verify(pool)
        return verified.why if isinstance(verified, store.Broken) else ""

    async def _replay(self) -> str:
        """The whole log, into fresh tables, gives the rows of the live ones."""
        connection = await asyncpg.connect(self._world.system.endpoints.database)
        try:
            found = [await differences(connection, projection) for projection in discover().values()]
        finally:
            await connection.close()
        return f"a replay of the log gives other rows: {found}" if any(found) else ""

    async def _parked(self) -> str:
        async with bus.connect(self._world.system.endpoints.amqp, "chaos") as broker:
            parked = await list_parked(broker, 100)
        return f"parked: {[(each.delivery.queue, each.reason) for each in parked]}" if parked else ""

    async def _queues(self) -> str:
        """No message goes round for ever; one that waits for another try waits two minutes at most."""
        broker = self._layout.broker
        async with httpx.AsyncClient(base_url=broker.management_url, auth=broker.admin_login) as client:
            queues = (await client.get("/api/queues")).raise_for_status().json()
        full = {queue["name"]: queue["messages"] for queue in queues if queue.get("messages")}
        return f"messages in queues: {full}" if full else ""

    async def _secrets(self) -> str:
        """No log of ours, nor of a server, quotes a variable's value, a password or an address."""
        secrets = list(kept_secrets(self._world.directory))
        for subject in self._subjects:
            variables = subject.before["variables?aliases=false"]["variables"]
            secrets += values({each["name"]: each["value"] for each in variables})
        for file in logs(self._world.directory):
            if told(file.read_bytes(), secrets):
                return f"{file.relative_to(self._world.directory)} holds a secret or an e-mail address"
        return ""


async def _eventually(check: Check) -> str:
    problem = "never answered"
    with anyio.move_on_after(PATIENCE):
        while True:
            try:
                problem = await check()
            except (httpx.HTTPError, OSError, asyncpg.PostgresError) as error:
                problem = f"{type(error).__name__}: {error}"
            if not problem:
                return ""
            await anyio.sleep(1)
    return problem


def _differences(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    return {part: (before[part], now[part]) for part in before if before[part] != now[part]}


def _containers(builds: Path, region: int) -> Iterator[str]:
    """Yield the build of each container below a folder; a process that belongs to none comes as `stray`."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            folder, session = (process / "cwd").readlink(), os.getsid(int(process.name))
        except OSError:  # ended meanwhile
            continue
        if not folder.is_relative_to(builds):
            continue
        if session == int(process.name):  # a container's first process, tied to the region that started it
            yield folder.relative_to(builds).parts[0] if str(region).encode() in words else "stray"
        elif not Path(f"/proc/{session}").exists():
            yield "stray"


async def _column(url: str, query: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()
