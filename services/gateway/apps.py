"""The app a request is about: looked up in its region with the caller's own token."""

from typing import Annotated
from urllib.parse import quote

import httpx
from fastapi import Depends
from pydantic import BaseModel, ValidationError

from events.vocabulary import AppName
from services.gateway.auth import Authorization, Caller
from services.gateway.errors import ApiError
from services.gateway.proxy import unavailable
from services.gateway.state import GatewayState, NamedRegion

TIMEOUT = 5  # seconds


class App(BaseModel):
    """What the gateway needs to know of a region's app."""

    id: str
    name: AppName


class _Answer(BaseModel):
    app: App


async def resolve(
    region: str, app: str, at: NamedRegion, _: Caller, state: GatewayState, authorization: Authorization = ""
) -> App:
    """Return the app with that name or id.

    The region decides whether it is the caller's: its refusal is handed on as it is.
    """
    try:
        answer = await state.http.get(
            f"{at.api}/v1/apps/{quote(app, safe='')}",
            headers={"Authorization": authorization},
            timeout=TIMEOUT,
        )
        if answer.is_success:
            return _Answer.model_validate_json(answer.content).app
        if answer.is_client_error:
            raise ApiError(answer.status_code, answer.json())
    except (httpx.TransportError, ValidationError, ValueError):
        pass  # not an answer of a working region
    raise unavailable(region)


ResolvedApp = Annotated[App, Depends(resolve)]
