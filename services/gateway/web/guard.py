"""What keeps the console's pages to themselves: strict headers, and forms that only they can send."""

import hmac
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Form, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.errors import refused
from services.gateway.state import GatewayState
from services.gateway.web.session import form_token, is_console, token_of

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class SecureHeaders:
    """Adds to the console's answers what a browser must not do with them, and that it keeps none."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and the answer back with the headers."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        ours = scope["type"] == "http" and is_console(scope)
        await self._app(scope, receive, with_headers if ours else send)


async def own_form(request: Request, state: GatewayState, form: Annotated[str, Form()] = "") -> None:
    """Refuse a form that no page of this session has sent."""
    await same_origin(request)
    expected = form_token(token_of(request), state.settings)
    if not hmac.compare_digest(form.encode(), expected.encode()):
        raise refused(403, "stale_form", "This form is not of your session any more; open its page again.")


OwnForm = Depends(own_form)


async def same_origin(request: Request) -> None:
    """Refuse a form that another site's page has sent, as the browser itself tells."""
    if not _from_here(request.headers):
        raise refused(403, "other_site", "Only the console's own pages may send this form.")


SameOrigin = Depends(same_origin)


def _from_here(headers: Headers) -> bool:
    if site := headers.get("sec-fetch-site"):
        return site == "same-origin"
    return urlsplit(headers.get("origin", "")).netloc == headers.get("host")
