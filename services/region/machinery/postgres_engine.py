"""The databases of a PostgreSQL server: each addon has a login role and a database of its own."""

import secrets
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

import anyio
import asyncpg

from services.region.machinery import postgres_dumps, postgres_fingerprints
from services.region.machinery.engines import Database, Dump, Fingerprint, PlanTooSmallError, too_small
from services.region.machinery.logins import Login
from services.region.machinery.postgres_fingerprints import quoted
from services.region.machinery.progress import Progress, watched
from services.region.machinery.scram import verifier

_NAME_BYTES = 63  # PostgreSQL would silently cut a longer name
_CLOSE_SECONDS = 5

# The program of a cancelled restore is killed; its session would go on with the statement it is at.
_END_SESSIONS = "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE usename = $1"

_SIZE = "SELECT pg_database_size($1)"
_COPYING = Path(__file__).with_name("copying.sql").read_text()
_ESTIMATE = Path(__file__).with_name("estimate.sql").read_text()


class PostgresEngine:
    """A PostgreSQL server, used as its superuser.

    A role and its database have the same name. An app's own code never runs as the superuser: a restore
    runs what a customer's dump contains, so it connects as a role that may do no more than the addon's own.
    Settings made with ALTER DATABASE or ALTER ROLE are not part of a dump.

    A server that cannot be reached raises OSError or asyncpg.PostgresConnectionError.
    """

    def __init__(self, url: str, bin: Path) -> None:  # noqa: A002 - the name PostgreSQL has for this folder
        """Name the server by its superuser's URL, and the folder of pg_dump and pg_restore."""
        parts = urlsplit(url)
        self._superuser = Login(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or 5432,
            user=unquote(parts.username or "postgres"),
            password=unquote(parts.password or ""),
            database=unquote(parts.path.lstrip("/")) or "postgres",
        )
        self._bin = bin

    async def version(self) -> str:
        """Return the major version of the server."""
        async with self._connection() as connection:
            number = await connection.fetchval("SHOW server_version_num")
        return str(int(number) // 10_000)

    def choose_port(self, _taken: Collection[int]) -> None:
        """Return None: all databases share the server's port."""

    def url(self, database: Database) -> str:
        """Return the URL under which an app reaches its database."""
        return self._login(database.name, user=database.name, password=database.password).url

    async def create(self, database: Database) -> None:
        """Create a login role and a database owned by it; where they exist, set the password."""
        name = database.name
        async with self._changing(name) as connection:
            await _ensure_role(connection, name, database.password)
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
                await _create_database(connection, name)
            await _close_to_others(connection, name)

    async def resume(self, database: Database) -> None:
        """Do nothing: the server runs without the region."""

    async def drop(self, name: str) -> None:
        """Remove the database, whoever is connected to it, and its role. Neither has to exist."""
        async with self._changing(name) as connection:
            await connection.execute(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")
            for role in (_restorer(name), name):
                await connection.execute(f"DROP ROLE IF EXISTS {quoted(role)}")

    async def recreate(self, name: str) -> None:
        """Replace the database by an empty one, whoever is connected to it. Its role must exist."""
        async with self._changing(name) as connection:
            await connection.execute(f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")
            await _create_database(connection, name)
            await _close_to_others(connection, name)

    async def dump(self, database: Database, file: Path, progress: Progress) -> Dump:
        """Write the database's contents to a file; raises DumpFailedError."""
        login = self._login(database.name)
        progress.total_rows = await self._estimate(database.name)
        async with self._counting(database.name, progress):
            return await postgres_dumps.dump(login, self._bin, file, progress)

    async def restore(
        self, database: Database, file: Path, progress: Progress, largest: int | None = None
    ) -> None:
        """Replace the database by a dump's contents, all owned by the addon's role; see DatabaseEngine."""
        name = database.name
        await postgres_dumps.verify(self._bin, file)
        await self.recreate(name)
        try:
            async with self._restoring(name) as login, self._counting(name, progress, largest):
                await postgres_dumps.restore(login, self._bin, file, progress, role=name)
            if largest is not None and (size := await self.size(database)) > largest:
                raise too_small(size, largest)
        except PlanTooSmallError:
            await self.recreate(name)
            raise

    async def fingerprint(self, database: Database) -> list[Fingerprint]:
        """Return what every table, every sequence and the large objects hold; see postgres_fingerprints."""
        async with self._connection(database.name, postgres_fingerprints.SETTINGS) as connection:
            return await postgres_fingerprints.fingerprint(connection)

    async def size(self, database: Database) -> int:
        """Return how many bytes the database takes up on the server's disk."""
        async with self._connection() as connection:
            return int(await connection.fetchval(_SIZE, database.name))

    async def _estimate(self, name: str) -> int | None:
        try:
            async with self._connection(name, postgres_fingerprints.SETTINGS) as connection:
                return int(await connection.fetchval(_ESTIMATE))
        except asyncpg.PostgresError:
            return None  # whether it can be dumped is another matter

    def _login(self, database: str, user: str = "", password: str = "") -> Login:
        return Login(
            host=self._superuser.host,
            port=self._superuser.port,
            user=user or self._superuser.user,
            password=password or self._superuser.password,
            database=database,
        )

    @asynccontextmanager
    async def _connection(
        self, database: str | None = None, settings: dict[str, str] | None = None
    ) -> AsyncIterator[asyncpg.Connection]:
        url = self._login(database or self._superuser.database).url
        connection = await asyncpg.connect(url, server_settings=settings, statement_cache_size=0)
        try:
            yield connection
        finally:
            with anyio.move_on_after(_CLOSE_SECONDS, shield=True):
                await connection.close()

    @asynccontextmanager
    async def _changing(self, name: str) -> AsyncIterator[asyncpg.Connection]:
        """Connect, and keep everybody else from changing the role and the database meanwhile."""
        async with self._connection() as connection:
            await connection.execute("SELECT pg_advisory_lock(hashtextextended($1, 0))", _checked(name))
            yield connection

    @asynccontextmanager
    async def _counting(
        self, name: str, progress: Progress, largest: int | None = None
    ) -> AsyncIterator[None]:
        """Count the rows that are copied while the block lasts; raises PlanTooSmallError."""
        counted: dict[int, int] = {}
        async with self._connection() as connection:

            async def look() -> None:
                for row in await connection.fetch(_COPYING, name):
                    counted[row["table"]] = row["rows"]
                progress.rows = sum(counted.values())
                if largest is not None and (size := await connection.fetchval(_SIZE, name)) > largest:
                    raise too_small(size, largest)

            async with watched(look):
                yield

    @asynccontextmanager
    async def _restoring(self, name: str) -> AsyncIterator[Login]:
        role, password = _restorer(name), secrets.token_hex()
        async with self._connection() as connection:
            await _ensure_role(connection, role, password)
            await connection.execute(f"GRANT {quoted(name)} TO {quoted(role)}")
            # Rows can only be copied into a table that forces its policies by a role that passes them by.
            await connection.execute(f"ALTER ROLE {quoted(name)} BYPASSRLS")
            try:
                yield self._login(name, user=role, password=password)
            finally:
                with anyio.move_on_after(_CLOSE_SECONDS, shield=True):
                    await connection.execute(_END_SESSIONS, role)
                    await connection.execute(f"ALTER ROLE {quoted(name)} NOBYPASSRLS")
                    await connection.execute(f"DROP ROLE {quoted(role)}")


async def _ensure_role(connection: asyncpg.Connection, name: str, password: str) -> None:
    exists = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name)
    verb = "ALTER" if exists else "CREATE"
    await connection.execute(f"{verb} ROLE {quoted(name)} LOGIN PASSWORD '{verifier(password)}'")


async def _create_database(connection: asyncpg.Connection, name: str) -> None:
    identifier = quoted(name)
    await connection.execute(
        f"CREATE DATABASE {identifier} OWNER {identifier} TEMPLATE template0 ENCODING 'UTF8'"
    )


async def _close_to_others(connection: asyncpg.Connection, name: str) -> None:
    await connection.execute(f"REVOKE ALL ON DATABASE {quoted(name)} FROM PUBLIC")


def _restorer(name: str) -> str:
    # The same for each restore of a database: what a killed one left behind is taken over by the next.
    return f"restore-{sha256(name.encode()).hexdigest()[:32]}"


def _checked(name: str) -> str:
    if not name or "\0" in name or len(name.encode()) > _NAME_BYTES:
        raise ValueError(f"a database's name has 1 to {_NAME_BYTES} bytes, and no zero among them: {name!r}")
    return name
