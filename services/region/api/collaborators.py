"""Collaborators: who besides the owner works on an app.

Whoever has accepted may do what the owner may, also invite others, but not delete the app.
"""

from dataclasses import replace
from datetime import UTC, datetime

from fastapi import APIRouter, Response
from typing_extensions import TypedDict

from services.region.api import surrounding_objects
from services.region.api import surroundings as shapes
from services.region.api.answers import existing
from services.region.api.calls import Call, MutatingRoute
from services.region.api.dependencies import InvitedApp, MutableApp, ThisCall, ThisRegion, VisibleApp
from services.region.api.errors import invalid, missing, refused
from services.region.api.fields import Body, Email, Short
from services.region.ids import new_id
from services.region.rules import timeline
from services.region.state.apps import App
from services.region.state.surroundings import Collaborator, collaborators

read = APIRouter()
change = APIRouter(route_class=MutatingRoute)


class NewCollaborator(Body):
    """Whom to invite. A migration names the user: who has accepted elsewhere need not do so again."""

    email: Email
    username: Short = ""
    user_id: Short = ""


class AddCollaborator(Body):
    """Wrapped, as clients send it."""

    collaborator: NewCollaborator


class CollaboratorsBody(TypedDict):
    """All of them, wrapped as clients read them."""

    collaborators: list[surrounding_objects.Collaborator]


class CollaboratorBody(TypedDict):
    """One, wrapped as clients read it."""

    collaborator: surrounding_objects.Collaborator


@read.get("/apps/{app}/collaborators")
async def index(app: VisibleApp, region: ThisRegion) -> CollaboratorsBody:
    """List those who were invited and those who have accepted."""
    found = await collaborators.every(region.pool, app.id)
    return {"collaborators": [shapes.collaborator(each) for each in found]}


@change.post("/apps/{app}/collaborators", status_code=201)
async def add(app: MutableApp, body: AddCollaborator, call: ThisCall) -> CollaboratorBody:
    """Invite somebody; whom a migration adds has accepted."""
    new = body.collaborator
    known = await _of_email(app, new.email, call)
    added = _accepted(app, new, known) if call.mandate else _invited(app, new, known)
    await collaborators.put(call.connection, added)
    if added != known:
        await _record(app, "new_collaborator", added, call)
    return {"collaborator": shapes.collaborator(added)}


@change.post("/apps/{app}/collaborators/{collaborator}/accept")
async def accept(app: InvitedApp, collaborator: str, call: ThisCall) -> CollaboratorBody:
    """Accept an invitation: for the user whose e-mail address was invited. Again is fine."""
    if call.user is None:
        raise refused(403, "users_only", "only the user who was invited can accept")
    found = existing(await collaborators.find(call.connection, app.id, collaborator), "collaborator")
    if found.email != call.user.email.lower() or found.user_id not in (None, call.user.id):
        raise missing("collaborator")
    accepted = replace(found, user_id=call.user.id, username=call.user.username)
    await collaborators.put(call.connection, accepted)
    if accepted != found:
        await _record(app, "accept_collaborator", accepted, call)
    return {"collaborator": shapes.collaborator(accepted)}


@change.delete("/apps/{app}/collaborators/{collaborator}", status_code=204)
async def remove(app: MutableApp, collaborator: str, call: ThisCall) -> Response:
    """Take an invitation back, or somebody off the app."""
    found = existing(await collaborators.find(call.connection, app.id, collaborator), "collaborator")
    await collaborators.delete(call.connection, found)
    await _record(app, "delete_collaborator", found, call)
    return Response(status_code=204)


def _invited(app: App, new: NewCollaborator, known: Collaborator | None) -> Collaborator:
    if known:
        raise invalid("email", "has already been invited")
    if new.email == app.owner["email"].lower():
        raise invalid("email", "is the owner's")
    return Collaborator(new_id(), app.id, new.email, None, "", datetime.now(UTC))


def _accepted(app: App, new: NewCollaborator, known: Collaborator | None) -> Collaborator:
    if not new.user_id:
        raise invalid("user_id", "a migration adds those who have accepted: say who it is")
    known = known or Collaborator(new_id(), app.id, new.email, None, "", datetime.now(UTC))
    return known if known.user_id else replace(known, user_id=new.user_id, username=new.username)


async def _record(app: App, kind: str, about: Collaborator, call: Call) -> None:
    await call.record(app, kind, timeline.collaborator(about, call.actor))


async def _of_email(app: App, email: str, call: Call) -> Collaborator | None:
    found = await collaborators.every(call.connection, app.id)
    return next((each for each in found if each.email == email), None)
