"""The gateway as an ASGI app: its own paths first, and what is left is handed through to the regions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import httpx
from fastapi import FastAPI

from events.bus import connect as connect_bus
from events.bus.topology import PROGRESS
from events.store import connect as connect_database
from services.gateway import auth, errors, migrations, plans, proxy
from services.gateway.commands import Commands
from services.gateway.progress import Progress
from services.gateway.reads import Reads
from services.gateway.settings import Settings
from services.gateway.state import State

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
            reads, progress = Reads(pool), Progress()
            app.state.gateway = State(settings, http, reads, Commands(bus, reads), progress)
            group.start_soon(bus.listen, PROGRESS, "#", progress.hear)
            yield
            group.cancel_scope.cancel()

    app = FastAPI(title="storky", lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False)
    errors.install(app)
    for router in (auth.router, plans.router, migrations.of_app, migrations.one, proxy.router):
        app.include_router(router)
    return app
