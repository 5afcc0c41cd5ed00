"""Opening a migration: where from, where to, and what it would do, before anything is done."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel

from events.commands import CreateMigration, RunStep
from events.vocabulary import Step
from services.gateway import plans
from services.gateway.apps import App, resolve
from services.gateway.auth import Authorization
from services.gateway.bodies import SmallBodyRoute
from services.gateway.errors import ApiError
from services.gateway.migrations import create
from services.gateway.orders import Orders
from services.gateway.refusals import recorded
from services.gateway.state import GatewayState, State, region_named
from services.gateway.tokens import User
from services.gateway.web.failures import sentence
from services.gateway.web.guard import OwnForm
from services.gateway.web.pages import Pages, UserPages
from services.gateway.web.session import PATH
from services.gateway.wire import NewMigration, NewMigrationBody

router = APIRouter(prefix="/new", route_class=SmallBodyRoute)


class Draft(BaseModel):
    """A migration that has not been opened yet, as far as its form has been filled in."""

    region: str = ""
    app: str = ""
    destination: str = ""
    dst_app_name: str = ""


async def filled_in(
    region: Annotated[str, Form()] = "",
    app: Annotated[str, Form()] = "",
    destination: Annotated[str, Form()] = "",
    dst_app_name: Annotated[str, Form()] = "",
) -> Draft:
    """Return the draft that a form has sent."""
    return Draft(region=region, app=app, destination=destination, dst_app_name=dst_app_name)


@router.get("")
async def ask(
    pages: Pages,
    state: GatewayState,
    draft: Annotated[Draft, Query()],
    authorization: Authorization = "",
) -> HTMLResponse:
    """Show the form, and once it is filled in, what the migration would do."""
    if not (draft.region and draft.app and draft.destination):
        return _form(pages, state, draft)
    try:
        app = await _resolve(draft, pages.user, state, authorization)
        wanted = NewMigration(destination=draft.destination, dst_app_name=draft.dst_app_name)
        at = region_named(draft.region, state)
        plan = await plans.show(draft.region, app, at, wanted, state, authorization=authorization)
    except ApiError as error:
        return _form(pages, state, draft, error)
    return pages.show("plan.html", draft=draft, plan=plan)


@router.post("", dependencies=[OwnForm, recorded(CreateMigration)])
async def open_migration(
    pages: Pages,
    orders: Orders,
    state: GatewayState,
    draft: Annotated[Draft, Depends(filled_in)],
    *,
    authorization: Authorization = "",
) -> Response:
    """Open the migration and run its checks."""
    try:
        app = await _resolve(draft, pages.user, state, authorization)
        wanted = NewMigration(destination=draft.destination, dst_app_name=draft.dst_app_name)
        opened = await create(draft.region, app, orders, NewMigrationBody(migration=wanted), state)
    except ApiError as error:
        return _form(pages, state, draft, error)
    await orders.carry_out(RunStep(migration_id=UUID(opened.id), step=Step.PREFLIGHT))
    return RedirectResponse(f"{PATH}/migrations/{draft.region}/{app.name}/{opened.id}", 303)


async def _resolve(draft: Draft, user: User, state: State, authorization: str) -> App:
    at = region_named(draft.region, state)
    return await resolve(draft.region, draft.app, at, user, state, authorization)


def _form(pages: UserPages, state: State, draft: Draft, error: ApiError | None = None) -> HTMLResponse:
    status, said = (error.status, sentence(error)) if error else (200, "")
    return pages.show("opening.html", status, draft=draft, regions=state.settings.regions, said=said)
