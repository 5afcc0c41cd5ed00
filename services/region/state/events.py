"""The timeline: what was done to apps, when and by whom. An event is written with what it tells of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.region.ids import new_id
from services.region.state.apps import App
from services.region.state.database import Connection, Executor
from services.region.state.people import Person
from services.region.state.statements import load

SQL = load("events")


@dataclass(frozen=True)
class Event:
    """One event; `actor` is a user as apps show one, `data` what the event's type tells besides."""

    id: str
    app_id: str
    app_name: str
    type: str
    actor: Person = field(repr=False)
    data: dict[str, Any] = field(repr=False)
    created_at: datetime


async def insert(connection: Connection, app: App, kind: str, actor: Person, data: Mapping[str, Any]) -> None:
    """Add an event to an app's timeline."""
    values = (new_id(), app.id, app.name, app.owner["id"], kind, actor, data)
    await connection.execute(SQL["insert"], *values)


async def of_app(connection: Executor, app_id: str, limit: int, offset: int) -> list[Event]:
    """Return some of an app's events, newest first."""
    return [Event(**row) for row in await connection.fetch(SQL["of_app"], app_id, limit, offset)]


async def count_of_app(connection: Executor, app_id: str) -> int:
    """Return how many events an app has."""
    return int(await connection.fetchval(SQL["count_of_app"], app_id))


async def of_user(connection: Executor, user_id: str | None, limit: int, offset: int) -> list[Event]:
    """Return some events of the apps that a user owns or works on, or of all apps, newest first.

    Those an owner has deleted are among them.
    """
    return [Event(**row) for row in await connection.fetch(SQL["of_user"], user_id, limit, offset)]


async def count_of_user(connection: Executor, user_id: str | None) -> int:
    """Return how many events `of_user` has to tell."""
    return int(await connection.fetchval(SQL["count_of_user"], user_id))


async def forget(connection: Connection, app_id: str) -> None:
    """Delete an app's events."""
    await connection.execute(SQL["forget"], app_id)
