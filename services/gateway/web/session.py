"""A browser's session: a cookie with the signed token, sent to the console's own paths and nowhere else."""

import hmac
from datetime import UTC, datetime
from hashlib import sha256

import jwt
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.settings import Settings

COOKIE = "storky_session"
PATH = "/console"


class Identity:
    """Puts the cookie's token where all of the gateway looks for one; in the console no other counts."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on with the session's identity."""
        if scope["type"] == "http" and is_console(scope):
            headers = [(name, value) for name, value in scope["headers"] if name != b"authorization"]
            if token := token_of(HTTPConnection(scope)):
                headers.append((b"authorization", f"Bearer {token}".encode()))
            scope = {**scope, "headers": headers}
        await self._app(scope, receive, send)


def is_console(scope: Scope) -> bool:
    """Tell whether a request is for the console."""
    return f"{scope['path']}/".startswith(f"{PATH}/")


def token_of(connection: HTTPConnection) -> str:
    """Return the session's signed token as it came, "" without one."""
    return connection.cookies.get(COOKIE, "")


def begin(response: Response, token: str, settings: Settings) -> None:
    """Keep the signed token in the browser until the token itself expires."""
    claims = jwt.decode(token, options={"verify_signature": False})  # we have signed it a moment ago
    response.set_cookie(
        COOKIE,
        token,
        expires=datetime.fromtimestamp(claims["exp"], UTC),
        path=PATH,
        secure=settings.public_url.startswith("https:"),
        httponly=True,
        samesite="strict",
    )


def end(response: Response) -> None:
    """Have the browser forget the token."""
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="strict")


def form_token(token: str, settings: Settings) -> str:
    """Return what the forms of this session carry: nobody can know it who cannot read its pages."""
    key = settings.jwt_key.get_secret_value().encode()
    return hmac.new(key, b"form of " + token.encode(), sha256).hexdigest()
