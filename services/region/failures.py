"""Failures that nobody foresaw, logged without a word of their own: it may quote a customer's data."""

import traceback

import structlog
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()


def report(action: str, error: Exception, **more: str) -> None:
    """Log the kind of an error, and where it was raised."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{place.filename}:{place.lineno}"
    log.error("failed", action=action, error=type(error).__name__, place=where, **more)


class Shield:
    """Answers 500 for what no handler has foreseen, in place of a server that would log the error's text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, unless that fails."""
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - what is left is what nobody foresaw
            report("answer", error)
            if not begun:
                body = {
                    "error": "the region failed; its operator finds more in its log",
                    "code": "internal_error",
                }
                await JSONResponse(body, 500)(scope, receive, send)
