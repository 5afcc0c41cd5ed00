"""Environment variables."""

from collections.abc import Sequence

from fastapi import APIRouter, Response
from pydantic import Field
from typing_extensions import TypedDict

from services.region.api import objects, shapes
from services.region.api.calls import Call, MutatingRoute
from services.region.api.dependencies import MutableApp, ThisCall, ThisRegion, VisibleApp
from services.region.api.errors import ApiError, invalid, missing
from services.region.api.fields import Body, VariableName, VariableValue
from services.region.rules.variables import resolve
from services.region.state import variables
from services.region.state.apps import App
from services.region.state.variables import Variable

read = APIRouter()
change = APIRouter(route_class=MutatingRoute)


class NewVariable(Body):
    """A name and the value as written, aliases unresolved."""

    name: VariableName
    value: VariableValue


class AddVariable(Body):
    """Wrapped, as clients send it."""

    variable: NewVariable


class PutVariables(Body):
    """Those that are not named stay."""

    variables: list[NewVariable] = Field(max_length=1000)


class VariablesBody(TypedDict):
    """All of them, wrapped as clients read them."""

    variables: list[objects.Variable]


class VariableBody(TypedDict):
    """One, wrapped as clients read it."""

    variable: objects.Variable


@read.get("/apps/{app}/variables")
async def index(app: VisibleApp, region: ThisRegion, *, aliases: bool = True) -> VariablesBody:
    """List the variables, with aliases resolved or raw."""
    found = await variables.every(region.pool, app.id)
    raw = {variable.name: variable.value for variable in found}
    values = resolve(raw) if aliases else raw
    return {"variables": [shapes.variable(variable, values[variable.name]) for variable in found]}


@change.put("/apps/{app}/variables")
async def put(app: MutableApp, body: PutVariables, call: ThisCall) -> VariablesBody:
    """Add or change variables. A migration's copy leaves those alone that an addon provides here."""
    written = await _write(app, body.variables, call)
    if call.mandate is None:
        _refuse_provided(body.variables, written)
    return {"variables": [shapes.variable(each, each.value) for each in written if each]}


@change.post("/apps/{app}/variables", status_code=201)
async def add(app: MutableApp, body: AddVariable, call: ThisCall) -> VariableBody:
    """Add or change one variable."""
    new = body.variable
    [written] = await _write(app, [new], call)
    _refuse_provided([new], [written])
    assert written
    return {"variable": shapes.variable(written, written.value)}


@change.delete("/apps/{app}/variables/{variable}", status_code=204)
async def remove(app: MutableApp, variable: str, call: ThisCall) -> Response:
    """Delete a variable of the user's own."""
    known = {each.id: each for each in await variables.every(call.connection, app.id)}
    if variable not in known:
        raise missing("variable")
    if known[variable].addon_id:
        raise _provided(known[variable].name)
    await variables.delete(call.connection, app.id, variable)
    await call.record(app, "delete_variable", {"name": known[variable].name})
    return Response(status_code=204)


async def _write(app: App, new: Sequence[NewVariable], call: Call) -> list[Variable | None]:
    """Return what was written; None where an addon provides the variable."""
    values = {each.name: each.value for each in await variables.every(call.connection, app.id)}
    written = []
    for each in new:
        put = await variables.put(call.connection, app.id, each.name, each.value)
        written.append(put)
        if put and values.get(put.name) != put.value:
            kind = "edit_variable" if put.name in values else "new_variable"
            await call.record(app, kind, {"name": put.name})
            values[put.name] = put.value
    return written


def _refuse_provided(new: Sequence[NewVariable], written: Sequence[Variable | None]) -> None:
    for each, result in zip(new, written, strict=True):
        if result is None:
            raise _provided(each.name)


def _provided(name: str) -> ApiError:
    return invalid("name", f"{name} is provided by an addon, and changes only with it")
