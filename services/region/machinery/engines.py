"""What the region asks of whatever keeps an addon's data, be it PostgreSQL or Redis."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from services.region.machinery.progress import Progress

EngineName = Literal["postgresql", "redis"]
Engines = Mapping[tuple[str, str], "DatabaseEngine"]  # by name and version


@dataclass(frozen=True)
class Database:
    """An addon's database: its name and its user's password; `port` is that of a server of its own."""

    name: str
    password: str = field(repr=False)
    port: int | None = None


@dataclass(frozen=True)
class Dump:
    """A dump that was written."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Fingerprint:
    """What a part of a database holds, such as a table; `checksum` is in hexadecimal."""

    kind: str
    name: str
    rows: int
    checksum: str


class DumpError(Exception):
    """A dump or a restore did not succeed; `code` is a stable word for it. No text quotes the data."""

    code: str


class DumpFailedError(DumpError):
    """The database could not be dumped."""

    code = "dump_failed"


class DumpUnreadableError(DumpError):
    """The dump is truncated or corrupt, or no dump at all."""

    code = "dump_unreadable"


class RestoreFailedError(DumpError):
    """The dump is whole, and the server refused something in it."""

    code = "restore_failed"


class PlanTooSmallError(DumpError):
    """The dump's data take up more than the addon's plan allows."""

    code = "plan_too_small"


class DatabaseEngine(Protocol):
    """A kind of database in one version.

    A disk that is full is raised as OSError (ENOSPC), a server out of reach as ConnectionError or as the
    error of its client.
    """

    async def version(self) -> str:
        """Return the version that an addon of this engine has."""
        ...

    def choose_port(self, taken: Collection[int]) -> int | None:
        """Return a port for the server of a new database; None where all databases share a server."""
        ...

    def url(self, database: Database) -> str:
        """Return the URL under which an app reaches its database."""
        ...

    async def create(self, database: Database) -> None:
        """Make a database that can be used; where it exists, it keeps its contents."""
        ...

    async def resume(self, database: Database) -> None:
        """Let a created database be used again after the region's own restart."""
        ...

    async def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it. It need not exist."""
        ...

    async def dump(self, database: Database, file: Path, progress: Progress) -> Dump:
        """Write the contents to a file; raises DumpFailedError."""
        ...

    async def restore(
        self, database: Database, file: Path, progress: Progress, largest: int | None = None
    ) -> None:
        """Replace the contents by those of a dump, which take up `largest` bytes at most.

        Raises DumpUnreadableError, before anything is dropped; RestoreFailedError; and PlanTooSmallError,
        after which the database is empty.
        """
        ...

    async def fingerprint(self, database: Database) -> list[Fingerprint]:
        """Return what each part holds, by kind and name: the same for the same contents in any version."""
        ...

    async def size(self, database: Database) -> int:
        """Return how many bytes the contents take up."""
        ...


def versions(engines: Iterable[tuple[str, str]], name: EngineName) -> list[str]:
    """Return the versions of an engine, oldest first."""
    return sorted((version for each, version in engines if each == name), key=_numbers)


def too_small(size: int, largest: int) -> PlanTooSmallError:
    """Return the error of a restore that is larger than its plan."""
    return PlanTooSmallError(f"the data take up {size} bytes or more, the plan allows {largest}")


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
