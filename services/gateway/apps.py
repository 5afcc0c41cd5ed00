"""The app a request is about: looked up in its region with the caller's own token."""

import re
from datetime import datetime
from typing import Annotated

import httpx
from fastapi import Depends
from pydantic import BaseModel, ValidationError

from events.vocabulary import AppName
from services.gateway.auth import Authorization, Caller
from services.gateway.errors import ApiError, not_found
from services.gateway.proxy import unavailable
from services.gateway.settings import Region
from services.gateway.state import GatewayState, NamedRegion

TIMEOUT = 5  # seconds
NOT_FOUND = 404
HANDED_ON = (401, 403, NOT_FOUND, 429)  # what a region may say of who asks, and of the app
# A name or an id. Nothing else can be one, so no region is asked for it: not for "..", "a/b" or a NUL.
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class App(BaseModel):
    """What the gateway needs to know of a region's app."""

    id: str
    name: AppName
    created_at: datetime | None = None


class _Answer(BaseModel):
    app: App


async def resolve(
    region: str, app: str, at: NamedRegion, _: Caller, state: GatewayState, authorization: Authorization = ""
) -> App:
    """Return the app with that name or id.

    The region decides whether it is the caller's: such a refusal is handed on as it is.
    """
    if not REFERENCE.fullmatch(app):
        raise no_app(region)
    return await look_up(state.http, region, at, app, authorization)


ResolvedApp = Annotated[App, Depends(resolve)]


async def look_up(
    http: httpx.AsyncClient, region: str, at: Region, reference: str, authorization: str
) -> App:
    """Return what a region tells of an app to who has this token; raises ApiError."""
    try:
        answer = await http.get(
            f"{at.api}/v1/apps/{reference}", headers={"Authorization": authorization}, timeout=TIMEOUT
        )
        if answer.is_success:
            return _Answer.model_validate_json(answer.content).app
        if answer.status_code in HANDED_ON:
            raise ApiError(answer.status_code, dict(answer.json()))
    except (httpx.TransportError, ValidationError, ValueError, TypeError):
        pass  # not an answer of a working region
    raise unavailable(region)


def no_app(region: str) -> ApiError:
    """Return the 404 for an app that does not exist, or is not the caller's."""
    return not_found("app", f"There is no such app of yours in {region}.")
