"""The link of an app to a repository. It is kept, and can be copied; this region deploys nothing by it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from services.region.api import surrounding_objects
from services.region.api import surroundings as shapes
from services.region.api.answers import existing
from services.region.api.apps import Owner
from services.region.api.calls import Call, MutatingRoute
from services.region.api.dependencies import MutableApp, ThisCall, ThisRegion, VisibleApp
from services.region.api.errors import invalid
from services.region.api.fields import Body, Given, Short, Url
from services.region.ids import new_id
from services.region.rules import timeline
from services.region.rules.scm import kind_of_host, repository
from services.region.state.apps import App
from services.region.state.database import Executor
from services.region.state.people import Person
from services.region.state.surroundings import ScmLink, scm_links

read = APIRouter()
change = APIRouter(route_class=MutatingRoute)


def _repository(url: str) -> str:
    repository(url)
    return url


Kind = Literal["github", "github-enterprise", "gitlab", "gitlab-self-hosted"]
Hours = Annotated[int, Field(ge=0, le=87_600)]


class Terms(Body):
    """What may be said of a link; what is not given stays, or is off."""

    branch: Short | None = None
    auth_integration_uuid: Annotated[Annotated[UUID, Field(strict=False)] | None, Given] = None
    auto_deploy_enabled: bool | None = None
    deploy_review_apps_enabled: bool | None = None
    delete_on_close_enabled: bool | None = None
    hours_before_delete_on_close: Hours | None = None
    delete_stale_enabled: bool | None = None
    hours_before_delete_stale: Hours | None = None
    automatic_creation_from_forks_allowed: bool | None = None

    @property
    def given(self) -> dict[str, Any]:
        """The fields of a row that are given."""
        names = set(Terms.model_fields)
        values = self.model_dump(include=names, exclude_none=True)
        return {name: str(value) if isinstance(value, UUID) else value for name, value in values.items()}


class NewLink(Terms):
    """A repository; `linker`, who linked it elsewhere, is a service call's."""

    source: Annotated[Url, AfterValidator(_repository)]
    scm_type: Annotated[Kind | None, Given] = None
    linker: Owner | None = None


class AddLink(Body):
    """Wrapped, as clients send it."""

    scm_repo_link: NewLink


class ChangeLink(Body):
    """Wrapped, as clients send it."""

    scm_repo_link: Terms


class LinkBody(TypedDict):
    """One, wrapped as clients read it."""

    scm_repo_link: surrounding_objects.ScmLink


@read.get("/apps/{app}/scm_repo_link")
async def show(app: VisibleApp, region: ThisRegion) -> LinkBody:
    """Show the app's link."""
    return {"scm_repo_link": shapes.scm_link(await _found(app, region.pool))}


@change.post("/apps/{app}/scm_repo_link", status_code=201)
async def add(app: MutableApp, body: AddLink, call: ThisCall) -> LinkBody:
    """Link the app to a repository; a migration that asks again is given the link that is there."""
    known = await scm_links.every(call.connection, app.id)
    if known and call.mandate is None:
        raise invalid("source", "the app is linked to a repository already")
    link = known[0] if known else _made(app, body.scm_repo_link, call)
    await scm_links.put(call.connection, link)
    if not known:
        await call.record(app, "link_scm", timeline.scm_link(link))
    return {"scm_repo_link": shapes.scm_link(link)}


@change.patch("/apps/{app}/scm_repo_link")
async def change_link(app: MutableApp, body: ChangeLink, call: ThisCall) -> LinkBody:
    """Change the link's terms."""
    found = await _found(app, call.connection)
    changed = replace(found, updated_at=datetime.now(UTC), **body.scm_repo_link.given)
    await scm_links.put(call.connection, changed)
    await call.record(app, "update_scm", timeline.scm_link(changed))
    return {"scm_repo_link": shapes.scm_link(changed)}


@change.delete("/apps/{app}/scm_repo_link", status_code=204)
async def remove(app: MutableApp, call: ThisCall) -> Response:
    """Take the link away."""
    found = await _found(app, call.connection)
    await scm_links.delete(call.connection, found)
    await call.record(app, "unlink_scm", timeline.scm_unlink(found, call.actor))
    return Response(status_code=204)


async def _found(app: App, connection: Executor) -> ScmLink:
    found = await scm_links.every(connection, app.id)
    return existing(found[0] if found else None, "scm_repo_link")


def _made(app: App, new: NewLink, call: Call) -> ScmLink:
    now = datetime.now(UTC)
    plain = ScmLink(
        id=new_id(),
        app_id=app.id,
        linker=_linker(app, new, call),
        url=new.source,
        scm_type=_kind(new),
        branch="",
        auth_integration_uuid="",
        auto_deploy_enabled=False,
        deploy_review_apps_enabled=False,
        delete_on_close_enabled=False,
        hours_before_delete_on_close=0,
        delete_stale_enabled=False,
        hours_before_delete_stale=0,
        automatic_creation_from_forks_allowed=False,
        created_at=now,
        updated_at=now,
    )
    return replace(plain, **new.given)


def _linker(app: App, new: NewLink, call: Call) -> Person:
    if call.user:
        return call.user.public
    return new.linker.person if new.linker else app.owner


def _kind(new: NewLink) -> str:
    kind = new.scm_type or kind_of_host(new.source)
    if kind is None:
        raise invalid("scm_type", "say what serves this host: github-enterprise or gitlab-self-hosted")
    return kind
