"""The containers that run, and how they become those that shall."""

import socket
from collections import defaultdict
from collections.abc import Callable, Sequence

import anyio

from services.region.convergence import plans
from services.region.machinery.processes import ContainerSpec, ContainerState, ContainerSupervisor
from services.region.rules.containers import WEB, Wanted, wanted
from services.region.settings import Settings
from services.region.state import apps
from services.region.state.apps import App
from services.region.state.database import Pool
from services.region.storage import Storage

Choice = Callable[[Wanted], bool]


def _none(_container: Wanted) -> bool:
    return False


class Containers:
    """All containers of the region. Where they listen is known here only: a port lives as long as they do."""

    def __init__(
        self, supervisor: ContainerSupervisor, pool: Pool, storage: Storage, settings: Settings
    ) -> None:
        """Start with none running."""
        self._supervisor = supervisor
        self._pool = pool
        self._storage = storage
        self._settings = settings
        self._running: defaultdict[str, dict[str, Wanted]] = defaultdict(dict)
        self._ports: dict[str, int] = {}
        self._locks: defaultdict[str, anyio.Lock] = defaultdict(anyio.Lock)

    async def run(self, app: App, build_id: str | None = None, renewed: Choice = _none) -> None:
        """Run the formation of an app's build, or of another build; `renewed` restarts what could stay."""
        async with self._locks[app.id]:
            plan = await plans.read(self._pool, self._storage, self._settings, app, build_id)
            await self._become(app.id, wanted(plan) if plan else [], renewed)

    async def stop(self, app_id: str) -> None:
        """Stop all containers of an app."""
        async with self._locks[app_id]:
            await self._become(app_id, [])

    async def settle(self, app_id: str) -> None:
        """Make the containers of an app those that its state names; none, when it shall stop or is gone."""
        app = await apps.find(self._pool, app_id)
        if app and app.desired == "started":
            await self.run(app)
        else:
            await self.stop(app_id)

    async def stop_orphans(self) -> None:
        """Stop the containers of apps that are gone: whoever deleted them may not have come so far."""
        running = [app_id for app_id, containers in self._running.items() if containers]
        known = {app.id for app in await apps.every(self._pool)}  # read after: what runs was known before
        for app_id in running:
            if app_id not in known:
                await self.stop(app_id)

    async def healthy(self, app_id: str) -> bool:
        """Wait until the app's containers are healthy; returns False when they do not become so in time."""
        if not self._running[app_id]:
            return True
        return await self._supervisor.wait_healthy(
            app_id,
            self.web_ports(app_id),
            timeout_seconds=self._settings.health_seconds,
            settle_seconds=self._settings.settle_seconds,
        )

    def web_ports(self, app_id: str) -> list[int]:
        """Return where the app's web containers listen, in their order."""
        web = sorted(
            (each for each in self._running[app_id].values() if each.type == WEB), key=lambda each: each.index
        )
        return [self._ports[each.id] for each in web]

    def states(self, app_id: str) -> list[ContainerState]:
        """Return what the app's containers are doing."""
        return self._supervisor.states(app_id)

    def log(self, app_id: str, lines: int) -> list[str]:
        """Return the last lines the app printed; call it in a thread."""
        return self._supervisor.logs.tail(app_id, lines)

    async def _become(self, app_id: str, goal: Sequence[Wanted], renewed: Choice = _none) -> None:
        running = self._running[app_id]
        staying = {
            each.id
            for each in goal
            if each.id in running and running[each.id].is_same(each) and not renewed(each)
        }
        async with anyio.create_task_group() as group:
            for container_id in running.keys() - staying:
                # Forgotten first: if this is cancelled half way, the container counts as one to start again.
                del running[container_id]
                self._ports.pop(container_id, None)
                group.start_soon(self._supervisor.stop, container_id)
        for container in goal:
            if container.id not in staying:
                await self._start(container)

    async def _start(self, container: Wanted) -> None:
        port = self._free_port() if container.type == WEB else None
        await self._supervisor.start(
            ContainerSpec(
                id=container.id,
                app_id=container.app_id,
                type=container.type,
                index=container.index,
                command=container.command,
                cwd=container.folder,
                env=container.env,
                port=port,
            )
        )
        self._running[container.app_id][container.id] = container
        if port:
            self._ports[container.id] = port

    def _free_port(self) -> int:
        taken = set(self._ports.values())
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = int(probe.getsockname()[1])
            if port not in taken:
                return port
