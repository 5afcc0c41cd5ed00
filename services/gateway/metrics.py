"""What is counted, and shown at /metrics to whoever collects it: numbers only, of nobody."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

RESPONSES = Counter("storky_gateway_responses", "Answers, those of regions too, by their status.", ["status"])
LIMITED = Counter("storky_gateway_limited", "Requests over a limit, by the limit.", ["limit"])

router = APIRouter(include_in_schema=False)


class Counted:
    """Counts the answers by their status."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and count what comes back."""

        async def count(message: Message) -> None:
            if message["type"] == "http.response.start":
                RESPONSES.labels(message["status"]).inc()
            await send(message)

        await self._app(scope, receive, count)


@router.get("/metrics")
async def show() -> Response:
    """Show the counters in Prometheus' text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
