"""What the supervisor keeps running: a layout's servers, the installation, and the services."""

from collections.abc import Mapping
from functools import partial

from local.backing import AMQP_URLS, DATABASE_URL, MANAGEMENT_URL
from local.install import install
from local.layout import Layout
from local.programs import OneShot, Program, ServiceProcess, python_module
from local.services import SERVICES, Service
from local.supervisor import Unit

_SECRET = {DATABASE_URL, AMQP_URLS, MANAGEMENT_URL}  # an administrator's: each service has a login of its own
_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR")


class Parts:
    """Makes the programs of a system."""

    def __init__(self, layout: Layout, environ: Mapping[str, str]) -> None:
        """Services are told the STORKY_* variables of `environ`, beside their own."""
        self._layout = layout
        self._environment = {
            name: value
            for name, value in environ.items()
            if name in _PASSED_ON or (name.startswith("STORKY_") and name not in _SECRET)
        }

    def units(self) -> list[Unit]:
        """Return everything, each with what it waits for."""
        servers = self._servers()
        needed = [name for name in ("postgres", "rabbitmq") if name in servers]
        return [
            *(Unit(name, server) for name, server in servers.items()),
            Unit("installation", self._installation(), needed),
            *(Unit(service.name, self._process(service), service.waits_for) for service in SERVICES),
        ]

    def service(self, name: str, *, called: str) -> ServiceProcess:
        """Return one more process of a service, with a log of its own."""
        service = next(service for service in SERVICES if service.name == name)
        return self._process(service, called)

    def _process(self, service: Service, called: str | None = None) -> ServiceProcess:
        return ServiceProcess(
            called or service.name,
            python_module(f"services.{service.package}"),
            {**self._environment, **service.environment(self._layout)},
            self._layout.directory,
        )

    def _installation(self) -> OneShot:
        at = self._layout
        return OneShot(partial(install, at.database, at.broker, at.database_passwords, at.broker_passwords))

    def _servers(self) -> dict[str, Program]:
        own: dict[str, Program | None] = {
            "postgres": self._layout.postgres,
            "rabbitmq": self._layout.rabbitmq,
        }
        for name, region in self._layout.regions.items():
            own[f"{name}-postgres"] = region.postgres
            for version, server in region.older_postgres.items():
                own[f"{name}-postgres-{version}"] = server
            own[f"{name}-front"] = region.front
        return {name: server for name, server in own.items() if server}
