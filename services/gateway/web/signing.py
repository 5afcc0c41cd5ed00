"""Signing in with an API token, and out again."""

from base64 import b64encode
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.gateway.account import exchange
from services.gateway.bodies import SmallBodyRoute
from services.gateway.errors import ApiError, record
from services.gateway.state import GatewayState
from services.gateway.web.failures import SIGN_IN, UNAUTHORIZED
from services.gateway.web.guard import OwnForm, SameOrigin
from services.gateway.web.pages import rendered
from services.gateway.web.session import PATH, begin, end

router = APIRouter(route_class=SmallBodyRoute)
HOME = f"{PATH}/"


@router.get("/sign-in")
async def ask(next: str = HOME) -> HTMLResponse:  # noqa: A002 - the query's word
    """Show the form."""
    return HTMLResponse(rendered("sign_in.html", next=next, said=""))


@router.post("/sign-in", dependencies=[SameOrigin])
async def sign_in(
    request: Request,
    state: GatewayState,
    token: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = HOME,  # noqa: A002
) -> Response:
    """Begin a session for who the API token belongs to."""
    try:
        signed = await exchange(state, _basic(token.strip()))
    except ApiError as error:
        if error.status != UNAUTHORIZED:
            raise
        record(request, error)
        said = "This token is not known, has expired or was revoked."
        return HTMLResponse(rendered("sign_in.html", next=next, said=said), UNAUTHORIZED)
    answer = RedirectResponse(next if next.startswith(HOME) else HOME, 303)
    begin(answer, signed.token, state.settings)
    return answer


@router.post("/sign-out", dependencies=[OwnForm])
async def sign_out() -> Response:
    """End the session in this browser."""
    answer = RedirectResponse(SIGN_IN, 303)
    end(answer)
    return answer


def _basic(token: str) -> str:
    return "Basic " + b64encode(f":{token}".encode()).decode()
