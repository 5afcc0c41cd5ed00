"""Environment variables: the user's own, and those that an addon provides."""

from dataclasses import dataclass, field

from services.region.ids import new_id
from services.region.state.database import Connection, Executor
from services.region.state.statements import load

SQL = load("variables")


@dataclass(frozen=True)
class Variable:
    """A variable as it was written; `addon_id` names the addon that provides it."""

    id: str
    name: str
    value: str = field(repr=False)
    addon_id: str | None


async def every(connection: Executor, app_id: str) -> list[Variable]:
    """Return an app's variables, by name."""
    return [Variable(**row) for row in await connection.fetch(SQL["every"], app_id)]


async def put(connection: Connection, app_id: str, name: str, value: str) -> Variable | None:
    """Write a user's variable; returns None, and writes nothing, where an addon provides that name."""
    row = await connection.fetchrow(SQL["put"], new_id(), app_id, name, value)
    return Variable(**row) if row else None


async def provide(connection: Connection, app_id: str, addon_id: str, name: str, value: str) -> None:
    """Write a variable for an addon; what the user has under that name stays."""
    await connection.execute(SQL["provide"], new_id(), app_id, name, value, addon_id)


async def delete(connection: Connection, app_id: str, variable_id: str) -> None:
    """Delete a variable."""
    await connection.execute(SQL["delete"], app_id, variable_id)
