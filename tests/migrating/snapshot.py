"""Everything that a migration could change, in a form that is equal when nothing has changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from redis.asyncio import Redis

from tests.region.harness import PLAIN, Client, Place

Snapshot = dict[str, Any]

RESOURCES = (
    "variables?aliases=false",
    "containers",
    "domains",
    "addons",
    "deployments",
    "collaborators",
    "scm_repo_link",
    "notifiers",
    "alerts",
    "autoscalers",
    "log_drains",
)

# Changes by itself: when something was last touched, and what a database takes up on its disk.
VOLATILE = frozenset({"updated_at", "size_bytes"})

# What was done stays known: operations, the answers to a migration's calls, its fences, the timeline.
HISTORY = ["operations", "remembered", "fences", "app_events"]
TABLES = """
select relname::text from pg_class
where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> all ($1) order by relname
"""
OF_AN_APP = """
select table_name::text from information_schema.columns
where table_schema = 'public' and column_name = 'app_id' and table_name = any ($1)
"""
OF_ADDONS = "addon_id in (select id from addons where app_id = '{}')"
DATABASES = "select datname::text from pg_database order by datname"
ROLES = "select rolname::text from pg_roles order by rolname"
SEQUENCES = "select concat(sequencename, ' ', last_value) from pg_sequences order by 1"
LARGE_OBJECTS = "select encode(lo_get(oid), 'hex') from pg_largeobject_metadata order by 1"


@dataclass(frozen=True)
class Home:
    """An app in its region, its hosts, and those who may look at it there."""

    place: Place
    app: str
    hosts: Sequence[str]
    owner: Client
    storky: Client
    state: asyncpg.Connection

    async def snapshot(self) -> Snapshot:
        """Return what the app is: its rows in all tables, its containers, its data, and what visitors get."""
        return {
            "app": (await _get(self.owner, f"/v1/apps/{self.app}"))["app"],
            "containers": await self._containers(),
            "visitors": await self._visits(),
            "rows": await self._rows(),
            "data": await self._data(),
        }

    async def shown(self) -> Snapshot:
        """Return everything that the API tells of the app: its owner, and storky."""
        return {"owner": await self._shown_to(self.owner), "storky": await self._shown_to(self.storky)}

    async def _shown_to(self, caller: Client) -> Snapshot:
        path = f"/v1/apps/{self.app}"
        shown = {resource: await _get(caller, f"{path}/{resource}") for resource in RESOURCES}
        for addon in shown["addons"]["addons"]:
            drains = f"addons/{addon['id']}/log_drains"
            shown[drains] = await _get(caller, f"{path}/{drains}")
        if caller is self.storky:
            build = await _get(caller, f"{path}/build")
            shown["build"] = build.get("build", {}) | {"url": "signed anew for each who asks"}
        return shown

    async def _containers(self) -> list[tuple[str, str]]:
        running = (await _get(self.storky, f"/v1/apps/{self.app}/ps"))["containers"]
        return sorted((each["label"], each["command"]) for each in running)

    async def _visits(self) -> Snapshot:
        """Ask for a page at each host, with and without TLS, as a browser would that follows no redirect."""
        async with Client(**PLAIN) as visitor:
            return {
                f"{scheme}://{host}": await _visit(visitor, front, host)
                for scheme, front in (
                    ("http", self.place.front.front_url),
                    ("https", self.place.front.front_tls_url),
                )
                for host in self.hosts
            }

    async def _rows(self) -> Snapshot:
        app_id = await self.state.fetchval("select id from apps where name = $1", self.app)
        tables = await _column(self.state, OF_AN_APP, await _column(self.state, TABLES, HISTORY))
        rows = {table: await _table(self.state, table, f"app_id = '{app_id}'") for table in tables}
        return rows | {
            "apps": await _table(self.state, "apps", f"id = '{app_id}'"),
            "backups": await _table(self.state, "backups", OF_ADDONS.format(app_id)),
        }

    async def _data(self) -> Snapshot:
        """Return all that is in the app's databases, as the app itself reads it."""
        answer = await _get(self.owner, f"/v1/apps/{self.app}/variables?aliases=true")
        variables = {each["name"]: each["value"] for each in answer["variables"]}
        readers = {"SCALINGO_POSTGRESQL_URL": _postgresql, "SCALINGO_REDIS_URL": _redis}
        return {name: await read(variables[name]) for name, read in readers.items() if name in variables}


@dataclass(frozen=True)
class Ground:
    """All that a region stands on: its own state, its folder, its server's databases, its processes."""

    place: Place
    folder: Path
    state: asyncpg.Connection

    async def snapshot(self) -> Snapshot:
        """Return what there is, whoever it belongs to."""
        tables = await _column(self.state, TABLES, HISTORY)
        return {
            "rows": {table: await _table(self.state, table, "true") for table in tables},
            "databases": await _column(self.state, DATABASES),
            "roles": await _column(self.state, ROLES),
            "files": sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*")),
            "processes": sorted(self._processes()),
        }

    def _processes(self) -> Iterator[str]:
        """Yield the command of each process that the region has started."""
        for process in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == self.place.process.pid:
                    yield (process / "cmdline").read_text().replace("\0", " ")
            except OSError:  # ended meanwhile
                continue


def differences(before: Snapshot, now: Snapshot, where: str = "") -> list[str]:
    """Return the paths at which two snapshots differ, with what is there."""
    if before == now:
        return []
    if not (isinstance(before, dict) and isinstance(now, dict)):
        return [f"{where}: {before!r} became {now!r}"]
    return [
        found
        for key in sorted(before.keys() | now.keys())
        for found in differences(before.get(key, {}), now.get(key, {}), f"{where}/{key}")
    ]


async def _get(caller: Client, path: str) -> Any:
    """Return an answer less what changes by itself; also that there is nothing."""
    answer = await caller.get(path)
    assert answer.status_code in (httpx.codes.OK, httpx.codes.NOT_FOUND), f"{path}: {answer.text}"
    return _without_volatile(answer.json())


def _without_volatile(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_volatile(each) for key, each in value.items() if key not in VOLATILE}
    return [_without_volatile(each) for each in value] if isinstance(value, list) else value


async def _visit(visitor: Client, front: str, host: str) -> tuple[int, str, str | None, str | None]:
    """Return the status, the text, where it leads, and the digest of the certificate that was shown."""
    request = visitor.build_request("GET", front, headers={"Host": host}, extensions={"sni_hostname": host})
    answer = await visitor.send(request, stream=True)
    try:
        tls = answer.extensions["network_stream"].get_extra_info("ssl_object")
        certificate = sha256(tls.getpeercert(binary_form=True)).hexdigest() if tls else None
        text = (await answer.aread()).decode()
        return answer.status_code, text, answer.headers.get("Location"), certificate
    finally:
        await answer.aclose()


async def _postgresql(url: str) -> Snapshot:
    connection = await asyncpg.connect(url)
    try:
        tables = await _column(connection, TABLES, [])
        return {table: await _table(connection, table, "true") for table in tables} | {
            "sequences": await _column(connection, SEQUENCES),
            "large objects": await _column(connection, LARGE_OBJECTS),
        }
    finally:
        await connection.close()


async def _redis(url: str) -> Snapshot:
    async with Redis.from_url(url) as redis:
        return {str(key): await redis.dump(key) for key in await redis.keys()}


async def _table(connection: asyncpg.Connection, table: str, condition: str) -> list[str]:
    query = f"select (to_jsonb(t) - 'updated_at')::text from {table} as t where {condition} order by 1"  # noqa: S608
    return await _column(connection, query)


async def _column(connection: asyncpg.Connection, query: str, *arguments: Any) -> list[str]:
    return [row[0] for row in await connection.fetch(query, *arguments)]
