"""What a check has at hand: the region by the port and by plain HTTP, and apps of its own."""

import secrets
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import anyio
import httpx

from events.vocabulary import AppRef
from regions import model
from regions.errors import RefusedError
from regions.port import Grant, Region

OPERATION_SECONDS = 120.0
POLL_SECONDS = 0.1
LAST_EPOCH = 1_000
TEMPLATE = model.App(
    id="storky-check",
    name="storky-check",
    status="new",
    owner=model.Owner(id="storky-check", username="storky-check", email="storky-check@example.com"),
)
ELSEWHERE = AppRef(region="elsewhere", app="storky-check")


class CheckFailedError(Exception):
    """The region does not do what it should; the text says what that is."""


def expect(kept: bool, requirement: str) -> None:
    """Fail the check unless the requirement is kept."""
    if not kept:
        raise CheckFailedError(requirement)


@dataclass
class Migration:
    """A migration that nobody but the suite knows of."""

    id: UUID = field(default_factory=uuid4)
    epoch: int = 1

    def grant(self, key: str | None = None, epoch: int | None = None) -> Grant:
        """Return a grant, with a key of its own unless one is given."""
        return Grant(self.id, epoch or self.epoch, key or f"{uuid4()}/check/")


class Probe:
    """One check's access to the region."""

    def __init__(self, region: Region, http: httpx.AsyncClient) -> None:
        self.region = region
        self.http = http
        self._apps: list[str] = []
        self._migrations: list[Migration] = []

    def migration(self) -> Migration:
        """Return a new migration."""
        self._migrations.append(Migration())
        return self._migrations[-1]

    def name(self) -> str:
        """Return a name for an app; what comes to exist under it is deleted after the check."""
        self._apps.append(f"storky-check-{secrets.token_hex(4)}")
        return self._apps[-1]

    async def create(self, name: str, grant: Grant) -> model.App:
        """Ask for an app of that name."""
        return await self.region.create_app(name, TEMPLATE, AppRef(region="elsewhere", app=name), grant)

    async def app(self, migration: Migration) -> str:
        """Return the name of a new app that the migration made."""
        return (await self.create(self.name(), migration.grant())).name

    async def change(self, app: str, grant: Grant) -> None:
        """Ask for a harmless change of the app."""
        await self.region.set_variables(app, [model.Variable(name="STORKY_CHECK", value="1")], grant)

    async def send(
        self, method: str, path: str, grant: Grant, body: dict[str, Any] | None = None
    ) -> httpx.Response:
        """Send a mutating call and return the answer, whatever it is."""
        headers = {
            "Storky-Migration": str(grant.migration_id),
            "Storky-Epoch": str(grant.epoch),
            "Idempotency-Key": grant.key,
        }
        return await self.http.request(method, path, headers=headers, json=body)

    async def finish(self, app: str, started: model.Operation) -> model.Operation:
        """Return the operation when it has ended."""
        with anyio.move_on_after(OPERATION_SECONDS):
            while True:
                operation = await self.region.operation(app, started.id)
                if operation.status in ("done", "error"):
                    return operation
                await anyio.sleep(POLL_SECONDS)
        raise CheckFailedError(f"an operation {started.type} ends within {OPERATION_SECONDS:.0f} s")

    async def done(self, app: str, started: model.Operation) -> dict[str, Any]:
        """Return the result of the operation, which must succeed."""
        operation = await self.finish(app, started)
        expect(operation.status == "done", f"{operation.type} succeeds, and not with code {operation.code}")
        return operation.result or {}

    async def clean(self) -> None:
        """Delete what the check has made, whoever has frozen it."""
        for name in self._apps:
            for undo in (self.region.take_back, self.region.unfreeze, self.region.delete_app):
                for migration in self._migrations:
                    with suppress(RefusedError):
                        await undo(name, migration.grant(epoch=LAST_EPOCH))
            await refused(self.region.app(name), "not_found", "an app that was deleted")


async def refused(call: Awaitable[object], code: str, why: str) -> None:
    """Expect the call to be refused with that code."""
    try:
        await call
    except RefusedError as error:
        expect(error.code == code, f"{why}: refused with code {code}, not {error.code}")
    else:
        raise CheckFailedError(f"{why}: refused with code {code}, not accepted")
