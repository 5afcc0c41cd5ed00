"""Which migrations a caller may see, and drive: those of the apps that are theirs, as the regions know it.

An app may be gone, and somebody else's new one may have its name. So the name alone gives no right.
"""

import time
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from projections.status import MigrationStatus
from services.gateway import tokens
from services.gateway.apps import NOT_FOUND, REFERENCE, App, look_up, no_app
from services.gateway.auth import Authorization, Caller
from services.gateway.errors import ApiError
from services.gateway.state import GatewayState, NamedRegion, State
from services.gateway.tokens import User

MINUTE = 60  # seconds


def is_of(migration: MigrationStatus, app: App) -> bool:
    """Tell whether a migration is of this app, not of an earlier one that had its name."""
    if migration.app_id:
        return migration.app_id == app.id
    return app.created_at is None or app.created_at <= migration.started_at


@dataclass(frozen=True)
class Viewer:
    """Who asks for the migrations of an app: `app` is what the region shows them under that name or id."""

    state: State
    user: User
    authorization: str
    region: str
    reference: str
    app: App | None

    @property
    def name(self) -> str:
        """The app's name."""
        return self.app.name if self.app else self.reference

    async def sees(self, migration: MigrationStatus) -> bool:
        """Tell whether the migration is one of the app asked for, and is shown to the caller."""
        if migration.source.region != self.region:
            return False
        if migration.source.app != self.name and migration.app_id != self.reference:
            return False
        return self._is_theirs(migration) or await self._is_left_to_them(migration)

    def shown(self, migration: MigrationStatus) -> MigrationStatus:
        """Return the migration with its app's id, also before a task has reported that."""
        if migration.app_id or not self.app or not is_of(migration, self.app):
            return migration
        return migration.model_copy(update={"app_id": self.app.id})

    def _is_theirs(self, migration: MigrationStatus) -> bool:
        return self.user.reads_all or (self.app is not None and is_of(migration, self.app))

    async def _is_left_to_them(self, migration: MigrationStatus) -> bool:
        """Once the old app is gone, a migration is left to who started it, and to whose the new app is."""
        if await self._old_app_stands(migration):
            return False
        return migration.started_by == self.user.sub or await self._has_new_app(migration)

    async def _old_app_stands(self, migration: MigrationStatus) -> bool:
        old = await self._look_up(self.region, migration.app_id or self.name, self._as_auditor())
        return old is not None and is_of(migration, old)

    async def _has_new_app(self, migration: MigrationStatus) -> bool:
        if not migration.new_app_id:
            return False
        there = migration.destination.region
        new = await self._look_up(there, migration.new_app_id, self.authorization)
        return new is not None and new.id == migration.new_app_id

    async def _look_up(self, region: str, reference: str, authorization: str) -> App | None:
        if not (at := self.state.settings.regions.get(region)):
            return None
        return await _or_none(self.state, region, at, reference, authorization)

    def _as_auditor(self) -> str:
        """Return a token of our own: "not yours" and "not there" are the same answer to the caller's."""
        claims = User(
            sub="storky-gateway",
            username="storky-gateway",
            email="",
            role="auditor",
            tid=UUID(int=0),
            exp=int(time.time()) + MINUTE,
        )
        return f"Bearer {tokens.sign(claims, self.state.settings.jwt_key.get_secret_value())}"


async def viewer(
    region: str,
    app: str,
    at: NamedRegion,
    user: Caller,
    state: GatewayState,
    *,
    authorization: Authorization = "",
) -> Viewer:
    """Return who asks for the migrations of the app that the path names."""
    if not REFERENCE.fullmatch(app):
        raise no_app(region)
    found = await _or_none(state, region, at, app, authorization)
    return Viewer(state, user, authorization, region, app, found)


MigrationViewer = Annotated[Viewer, Depends(viewer)]


async def _or_none(
    state: State, region: str, at: NamedRegion, reference: str, authorization: str
) -> App | None:
    try:
        return await look_up(state.http, region, at, reference, authorization)
    except ApiError as error:
        if error.status != NOT_FOUND:
            raise
        return None
