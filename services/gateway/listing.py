"""The migrations of all apps that somebody may see: an extension of the contract."""

from dataclasses import dataclass
from typing import Annotated

import anyio
import httpx
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from events.status import Status
from projections.status.queries import Filter, OwnApp, Page
from services.gateway.apps import TIMEOUT
from services.gateway.auth import Authorization, Caller
from services.gateway.pages import Meta, Pagination
from services.gateway.state import GatewayState, State
from services.gateway.tokens import User
from services.gateway.wire import WireMigration

LARGEST_PAGE = 100  # migrations

router = APIRouter()


class Wanted(BaseModel):
    """Which migrations; a parameter that is missing stands for all."""

    model_config = ConfigDict(extra="forbid")  # a filter with a misspelt name would find too much

    text: str = Field(
        default="",
        max_length=100,
        pattern=r"^[^\x00]*$",
        description="Part of an app's name, or how a migration's id begins.",
    )
    status: list[Status] = Field(default=[], description="One of these.")
    region: str = Field(
        default="", max_length=100, pattern=r"^[^\x00]*$", description="Either end of a migration."
    )
    page: int = Field(default=1, ge=1, le=10**6)
    per_page: int = Field(default=50, ge=1, le=LARGEST_PAGE)


class WireListing(BaseModel):
    """A page of migrations, the newest first."""

    migrations: list[WireMigration]
    meta: Meta
    unreachable_regions: list[str] = Field(description="Migrations of your apps there may be missing.")


@dataclass(frozen=True)
class Listing:
    """A page of migrations, and the regions that did not say which apps are the caller's."""

    page: Page
    unreachable: list[str]


async def visible(state: State, user: User, authorization: str, wanted: Wanted) -> Listing:
    """Return the migrations that a user may see: of their apps, and those they have started.

    An operator and an auditor see all. Raises ApiError (503) while the database does not answer.
    """
    own: dict[str, list[OwnApp] | None] = {}
    if not user.reads_all:
        own = await _own_apps(state, authorization)
    page = await state.reads.search_migrations(
        Filter(
            text=wanted.text,
            region=wanted.region,
            statuses=wanted.status,
            apps=None if user.reads_all else [app for apps in own.values() for app in apps or ()],
            started_by=user.sub,
        ),
        wanted.page,
        wanted.per_page,
    )
    return Listing(page, sorted(region for region, apps in own.items() if apps is None))


@router.get("/v1/storky/migrations")
async def list_all(
    user: Caller,
    state: GatewayState,
    wanted: Annotated[Wanted, Query()],
    authorization: Authorization = "",
) -> WireListing:
    """List the migrations of all apps that the caller may see, the newest first."""
    found = await visible(state, user, authorization, wanted)
    pagination = Pagination.of(wanted.page, wanted.per_page, found.page.total_count)
    return WireListing(
        migrations=[WireMigration.of(migration, "") for migration in found.page.migrations],
        meta=Meta(pagination=pagination),
        unreachable_regions=found.unreachable,
    )


class _App(BaseModel):
    id: str
    name: str


class _Apps(BaseModel):
    apps: list[_App]


async def _own_apps(state: State, authorization: str) -> dict[str, list[OwnApp] | None]:
    """Return the caller's apps by region, None for a region that does not answer."""
    own: dict[str, list[OwnApp] | None] = {}

    async def ask(region: str, api: str) -> None:
        own[region] = await _apps_in(state.http, region, api, authorization)

    async with anyio.create_task_group() as group:
        for region, at in state.settings.regions.items():
            group.start_soon(ask, region, at.api)
    return own


async def _apps_in(http: httpx.AsyncClient, region: str, api: str, authorization: str) -> list[OwnApp] | None:
    try:
        answer = await http.get(f"{api}/v1/apps", headers={"Authorization": authorization}, timeout=TIMEOUT)
        apps = _Apps.model_validate_json(answer.raise_for_status().content).apps
    except (httpx.HTTPError, ValidationError):
        return None
    return [OwnApp(region, app.id, app.name) for app in apps]
