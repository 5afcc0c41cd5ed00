"""Databases and files to remove: noted in the transaction that makes them useless, removed after it."""

from services.region.state.database import Connection, Executor
from services.region.state.statements import load

SQL = load("discarded")


async def app(connection: Connection, app_id: str) -> None:
    """Discard an app's builds, databases and backups."""
    await connection.execute(SQL["app_databases"], app_id)
    await connection.execute(SQL["app_files"], app_id)


async def addon(connection: Connection, addon_id: str) -> None:
    """Discard an addon's database and backups."""
    await connection.execute(SQL["addon_database"], addon_id)
    await connection.execute(SQL["addon_files"], addon_id)


async def file(connection: Connection, name: str) -> None:
    """Discard what is kept under a name below the region's directory."""
    await connection.execute(SQL["file"], name)


async def every(connection: Executor) -> list[tuple[str, str]]:
    """Return what is to be removed: kind and name."""
    return [(row["kind"], row["name"]) for row in await connection.fetch(SQL["every"])]


async def gone(connection: Executor, kind: str, name: str) -> None:
    """Forget what has been removed."""
    await connection.execute(SQL["gone"], kind, name)
