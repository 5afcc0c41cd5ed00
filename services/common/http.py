"""Serve an ASGI app inside the service's own task group, so that one signal handler ends everything."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import anyio
import uvicorn
from starlette.types import ASGIApp

from services.common.connections import StrictH11Protocol

GRACE = 5  # seconds that requests under way have to finish
# Seconds that an idle connection stays open: longer than clients keep theirs (httpx: 5). Were it closed
# here first, a request that is on its way at that moment would be lost.
KEEP_ALIVE = 75


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to services.common.process."""
        yield


async def serve(
    app: ASGIApp,
    host: str,
    port: int,
    on_ready: Callable[[], None],
    on_stop: Callable[[], object] = lambda: None,
    *,
    proxies: Sequence[str] = (),
) -> None:
    """Serve until cancelled; call on_ready once the port accepts connections.

    on_stop is called when the end begins: answers that go on must end now, or be cut off after GRACE.
    `proxies` are the addresses and networks whose X-Forwarded-For is believed.
    """
    server = _Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            lifespan="on",
            http=StrictH11Protocol,
            ws="none",
            proxy_headers=bool(proxies),
            forwarded_allow_ips=list(proxies),
            timeout_graceful_shutdown=GRACE,
            timeout_keep_alive=KEEP_ALIVE,
        )
    )
    async with anyio.create_task_group() as group:
        group.start_soon(_announce, server, on_ready)
        try:
            with anyio.CancelScope(shield=True) as shield:
                group.start_soon(_end_on_cancel, server, shield, on_stop)
                await server.serve()
        finally:
            group.cancel_scope.cancel()


async def _announce(server: uvicorn.Server, on_ready: Callable[[], None]) -> None:
    while not server.started:  # uvicorn offers nothing but this flag
        await anyio.sleep(0.02)
    on_ready()


async def _end_on_cancel(
    server: uvicorn.Server, shield: anyio.CancelScope, on_stop: Callable[[], object]
) -> None:
    try:
        await anyio.sleep_forever()
    finally:
        on_stop()
        server.should_exit = True
        shield.deadline = anyio.current_time() + GRACE + 2
