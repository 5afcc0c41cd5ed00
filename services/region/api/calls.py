"""Every mutating call goes through here: who, fenced or not, done before or not, one transaction, aftermath.

A handler that returns commits, whatever status it returns; one that raises undoes all it did. Of service
calls, the successes (2xx) are remembered in that same transaction.
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from fastapi.routing import APIRoute

from services.common.bodies import BodyTooLongError, with_whole_body
from services.region.api.access import Caller, Service, User, database_caller, region_caller
from services.region.api.admission import Admissions
from services.region.api.errors import fenced, invalid, refused
from services.region.ids import new_id
from services.region.operations.engine import Engine
from services.region.region import Region
from services.region.rules.idempotency import digest
from services.region.state import database, events, fences, operations, remembered
from services.region.state.apps import App
from services.region.state.database import Connection
from services.region.state.operations import Operation
from services.region.state.people import Person
from services.region.state.remembered import Remembered

LONGEST_KEY = 200
HIGHEST_EPOCH = 2**31 - 1
SUCCESSES = range(200, 300)
LARGEST_BODY = 8_000_000  # bytes

# Whom an app belongs to that a migration made without saying so, and who does what a migration does.
PLATFORM: Person = {"id": "platform", "username": "platform", "email": ""}


@dataclass(frozen=True)
class Mandate:
    """In whose name storky calls."""

    migration_id: UUID
    epoch: int
    key: str


@dataclass
class Call:
    """One mutating call: its transaction, who makes it, and what is to be done once it is committed."""

    region: Region
    engine: Engine
    connection: Connection
    caller: Caller
    mandate: Mandate | None
    aftermath: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    @property
    def migration_id(self) -> UUID | None:
        """The migration that calls, if one does."""
        return self.mandate.migration_id if self.mandate else None

    @property
    def user(self) -> User | None:
        """The user who calls, if one does."""
        return self.caller if isinstance(self.caller, User) else None

    @property
    def actor(self) -> Person:
        """Who calls, as timelines name them."""
        return self.user.public if self.user else PLATFORM

    async def record(self, app: App, kind: str, data: Mapping[str, Any]) -> None:
        """Add to an app's timeline what this call does."""
        await events.insert(self.connection, app, kind, self.actor, data)

    def afterwards(self, action: Callable[[], Awaitable[None]]) -> None:
        """Have something done after the commit and before the answer."""
        self.aftermath.append(action)

    async def start(
        self, app: App, kind: str, arguments: dict[str, Any] | None = None, lane: str | None = None
    ) -> Operation:
        """Add an operation, in the app's own lane or in another one."""
        epoch = self.mandate.epoch if self.mandate else None
        return await operations.insert(
            self.connection,
            operation_id=new_id(),
            app_id=app.id,
            lane=lane or app.id,
            kind=kind,
            arguments=arguments or {},
            migration_id=self.migration_id,
            epoch=epoch,
        )

    async def settle(self) -> None:
        """Do what is to be done after the commit."""
        self.engine.wake()
        for action in self.aftermath:
            await action()


def mandate(request: Request) -> Mandate:
    """Return the mandate that a service call's headers name; raises 400."""
    values = [
        request.headers.get(name, "") for name in ("Storky-Migration", "Storky-Epoch", "Idempotency-Key")
    ]
    migration, epoch, key = values
    if not all(values):
        raise refused(
            400,
            "headers_missing",
            "a call that changes something needs Storky-Migration, Storky-Epoch and Idempotency-Key",
        )
    try:
        made = Mandate(UUID(migration), int(epoch), key)
    except ValueError:
        made = None
    if made is None or not 1 <= made.epoch <= HIGHEST_EPOCH or len(key) > LONGEST_KEY:
        raise refused(
            400,
            "headers_invalid",
            "Storky-Migration is a UUID, Storky-Epoch is from 1 up, Idempotency-Key at most 200 long",
        )
    return made


async def refuse_fenced(connection: Connection, mandate: Mandate) -> None:
    """Raise 403 if a higher epoch than the mandate's is recorded."""
    if await fences.epoch(connection, mandate.migration_id) > mandate.epoch:
        raise fenced()


async def request_digest(request: Request) -> str:
    """Return what two equal requests have in common."""
    return digest(request.method, request.url.path, request.url.query, await request.body())


async def recall(connection: Connection, mandate: Mandate, request: str) -> Remembered | None:
    """Return what was answered to this request before; raises 422 if the key stood for another one."""
    await remembered.lock(connection, mandate.migration_id, mandate.key)
    known = await remembered.find(connection, mandate.migration_id, mandate.key)
    if known and known.request != request:
        raise invalid("Idempotency-Key", "this key was used for another request")
    return known


Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class MutatingRoute(APIRoute):
    """A route of the region's API that changes something."""

    @staticmethod
    def authenticate(request: Request) -> Caller:
        """Return who calls; raises 401."""
        return region_caller(request)

    def get_route_handler(self) -> Handler:
        """Wrap the handler."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            caller = self.authenticate(request)
            request = await _with_body(request)
            if isinstance(caller, Service):
                return await _for_service(request, caller, handle)
            if not caller.may_change:
                raise refused(403, "read_only", "auditors may look at everything and change nothing")
            return await _for_user(request, caller, handle)

        return answer


class DatabaseRoute(MutatingRoute):
    """A route of the database API that changes something."""

    @staticmethod
    def authenticate(request: Request) -> Caller:
        """Return who calls; raises 401."""
        return database_caller(request)


async def _with_body(request: Request) -> Request:
    """Return the request with its whole body read; raises 413 when it is too long."""
    try:
        return await with_whole_body(request, LARGEST_BODY)
    except BodyTooLongError:
        raise refused(413, "too_large", f"a body has {LARGEST_BODY} bytes at most") from None


async def _for_user(request: Request, caller: Caller, handle: Handler) -> Response:
    state = request.app.state
    async with database.transaction(state.region.pool) as connection:
        call = request.state.call = Call(state.region, state.engine, connection, caller, None)
        response = await handle(request)
    await call.settle()
    return response


async def _for_service(request: Request, caller: Service, handle: Handler) -> Response:
    made, state = mandate(request), request.app.state
    admissions: Admissions = state.admissions
    with admissions.admit(made.migration_id, made.epoch):
        async with database.transaction(state.region.pool) as connection:
            call = request.state.call = Call(state.region, state.engine, connection, caller, made)
            response = await _once(request, call, made, handle)
        await call.settle()
    return response


async def _once(request: Request, call: Call, made: Mandate, handle: Handler) -> Response:
    await refuse_fenced(call.connection, made)
    asked = await request_digest(request)
    if known := await recall(call.connection, made, asked):
        # The process may have died between the commit and its aftermath.
        call.afterwards(call.region.routing.apply)
        return _again(known)
    response = await handle(request)
    # A fence may have been raised meanwhile; from here to the commit it cannot be.
    await fences.exclude_raising(call.connection, made.migration_id)
    await refuse_fenced(call.connection, made)
    if response.status_code in SUCCESSES:
        answered = Remembered(
            asked, response.status_code, bytes(response.body), response.headers.get("Location")
        )
        await remembered.insert(call.connection, made.migration_id, made.key, answered)
    return response


def _again(known: Remembered) -> Response:
    headers = {"Location": known.location} if known.location else {}
    if known.body:
        headers["Content-Type"] = "application/json"
    return Response(known.body, known.status, headers)
