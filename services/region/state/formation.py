"""The formation: how many containers of each process type an app shall have."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.region.state.database import Connection, Executor
from services.region.state.statements import load

SQL = load("formation")


@dataclass(frozen=True)
class ProcessType:
    """One process type; an empty command means the Procfile's."""

    name: str
    amount: int
    size: str
    command: str


async def read(connection: Executor, app_id: str) -> list[ProcessType]:
    """Return the formation, by name."""
    return [ProcessType(**row) for row in await connection.fetch(SQL["formation"], app_id)]


async def started(connection: Executor, but: str = "", before: int | None = None) -> list[ProcessType]:
    """Return the process types of all apps that are started, and of those that an operation is starting.

    One app can be left out, and so can operations that came later than a position.
    """
    return [ProcessType(**row) for row in await connection.fetch(SQL["started"], but, before)]


async def put(connection: Connection, app_id: str, types: Iterable[ProcessType]) -> None:
    """Add or change process types."""
    rows = [(app_id, each.name, each.amount, each.size, each.command) for each in types]
    await connection.executemany(SQL["put"], rows)


async def add(connection: Connection, app_id: str, name: str, amount: int, size: str) -> None:
    """Add a process type unless it is there."""
    await connection.execute(SQL["add"], app_id, name, amount, size)


async def keep_only(connection: Connection, app_id: str, names: Iterable[str]) -> None:
    """Remove the process types that are not named."""
    await connection.execute(SQL["keep_only"], app_id, list(names))
