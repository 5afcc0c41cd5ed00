"""The gateway as an ASGI app: its own paths first, and what is left is handed through to the regions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import httpx
from fastapi import FastAPI

from events.bus import connect as connect_bus
from events.bus.topology import PROGRESS
from events.store import connect as connect_database
from services.common.sealing import Seal
from services.gateway import account, audit, errors, listing, metrics, migrations, plans, proxy, scm
from services.gateway.commands import Commands
from services.gateway.document import DESCRIPTION, DocumentedApi
from services.gateway.follow import routes as follow
from services.gateway.follow.hub import Hub
from services.gateway.identity import routes as identity
from services.gateway.identity.sessions import Sessions
from services.gateway.identity.store import ApiTokens
from services.gateway.limits import Limits
from services.gateway.progress import Progress
from services.gateway.reads import Reads
from services.gateway.settings import Settings
from services.gateway.state import State
from services.gateway.web import app as web
from services.gateway.webhooks import routes as webhooks
from services.gateway.webhooks.store import Webhooks

NAME = "gateway"
CONNECTIONS = 200  # to the regions, at once


def create_app(settings: Settings) -> FastAPI:
    """Return the app; it connects to everything else when it is started."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            connect_database(settings.database, NAME) as pool,
            connect_bus(settings.brokers, NAME) as bus,
            httpx.AsyncClient(
                trust_env=False, limits=httpx.Limits(max_connections=CONNECTIONS), timeout=proxy.TIMEOUT
            ) as http,
            anyio.create_task_group() as group,
        ):
            reads, progress = Reads(pool, settings.archive), Progress()
            tokens = ApiTokens(pool, settings.api_tokens)
            hub = Hub(pool, progress)
            seal = Seal(settings.webhook_key.get_secret_value())
            app.state.gateway = State(
                settings,
                tokens,
                Sessions(tokens),
                http,
                reads,
                Commands(bus, reads),
                progress,
                hub,
                Webhooks(pool, seal),
            )
            group.start_soon(bus.listen, PROGRESS, "#", hub.hear)
            group.start_soon(hub.run)
            group.start_soon(hub.close_at, app.state.stopping)
            yield
            group.cancel_scope.cancel()

    app = DocumentedApi(
        title="storky",
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.stopping = anyio.Event()  # set by whoever serves the app, when it is to end
    errors.install(app)
    app.add_middleware(Limits, settings=settings, answer=web.answer)
    app.add_middleware(metrics.Counted)
    app.add_middleware(web.Identity)
    app.add_middleware(web.SecureHeaders)
    own = (
        metrics.router,
        account.router,
        identity.router,
        scm.router,
        listing.router,
        plans.router,
        migrations.of_app,
        migrations.one,
        follow.router,
        webhooks.every,
        webhooks.one,
        *audit.routers,
        web.entrance,
    )
    for router in own:
        app.include_router(router)
    app.state.own_routes = tuple(app.routes)  # all that is not handed through
    app.mount(web.PATH, web.create_console(app.state))
    app.include_router(proxy.router)
    return app
