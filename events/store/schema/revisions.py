"""Bring a database to the schema of this release."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from events.store.statements import statement

# Where else there are files to apply, in this order: component -> package.
_BUILT_ON_EVENTS = {
    "projections": "projections",
    "gateway": "services.gateway.identity",
    "webhooks": "services.webhooks",
}


class SchemaChangedError(Exception):
    """A file that was applied to this database is not what it was."""


@dataclass(frozen=True, slots=True)
class _Revision:
    """A numbered file of a component, such as 0001_events.sql."""

    component: str
    number: int
    path: Path

    @property
    def name(self) -> str:
        return f"{self.component}/{self.path.name}"

    @property
    def sha256(self) -> str:
        return sha256(self.path.read_bytes()).hexdigest()


async def upgrade(superuser_url: str, folders: Mapping[str, Path] | None = None) -> list[str]:
    """Apply the files this database has not seen, each in a transaction, and return their names.

    `folders` maps a component to its folder of numbered .sql files, in the order in which they depend on each
    other; by default the log's and, where they are installed, those of what builds on it. Installers of one
    database wait for each other. Raises SchemaChangedError when an applied file differs from its
    record.
    """
    connection = await asyncpg.connect(superuser_url)
    try:
        await connection.execute(statement("lock_schema"))
        await connection.execute(statement("create_schema_migrations"))
        return [
            revision.name
            for component, folder in (folders or _default_folders()).items()
            for revision in _revisions(component, folder)
            if await _apply(connection, revision)
        ]
    finally:
        await connection.close()


def _default_folders() -> dict[str, Path]:
    folders = {"events": Path(__file__).parent}
    # Found, not imported: others build on events, never the other way round.
    for component, package in _BUILT_ON_EVENTS.items():
        for folder in _schema_folders(package):
            folders[component] = folder
    return folders


def _schema_folders(package: str) -> Iterator[Path]:
    try:
        spec = find_spec(package)
    except ModuleNotFoundError:  # the package that it is in is missing, too
        return
    for location in (spec.submodule_search_locations or ()) if spec else ():
        if (folder := Path(location) / "schema").is_dir():
            yield folder


def _revisions(component: str, folder: Path) -> Iterator[_Revision]:
    for path in sorted(folder.glob("[0-9]*_*.sql")):
        yield _Revision(component, int(path.name.partition("_")[0]), path)


async def _apply(connection: asyncpg.Connection, revision: _Revision) -> bool:
    async with connection.transaction():
        key = (revision.component, revision.number)
        applied = await connection.fetchrow(statement("read_schema_migration"), *key)
        if applied is None:
            await connection.execute(revision.path.read_text(encoding="utf-8"))
            record = (*key, revision.path.name, revision.sha256)
            await connection.execute(statement("insert_schema_migration"), *record)
        elif (applied["name"], applied["sha256"]) != (revision.path.name, revision.sha256):
            raise SchemaChangedError(
                f"{revision.name} is not the file that was applied to this database as {applied['name']}: "
                f"put that file back, and make the change in a new one with the next number"
            )
    return applied is None
