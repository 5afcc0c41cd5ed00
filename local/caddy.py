"""A private Caddy: the front of a region, configured through its admin API by the region alone."""

import json
import os
import shutil
import sys
from pathlib import Path

import httpx

from local import kept
from local.child import Child, pid_of
from local.errors import MissingServerError
from local.visiting import NO_AUTHORITIES


def _find_binary() -> str:
    beside = Path(sys.executable).with_name("caddy")
    found = str(beside) if beside.exists() else shutil.which("caddy")
    if found is None:
        raise MissingServerError("Caddy is missing: type `make setup`.")
    return found


class CaddyServer:
    """A front whose configuration and ports live in one directory, and survive a restart.

    It starts with nothing but the admin listener; after a restart it serves the configuration that was
    last posted to `admin_url`/load.
    """

    def __init__(self, directory: Path) -> None:
        """Name the front of a directory; it may run already, started by another process."""
        self.directory = directory.absolute()
        self._ports = kept.ports(self.directory / "ports.json", ["front", "front_tls", "admin"])
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """The process id, while it runs as our child."""
        return pid_of(self._child)

    @property
    def front_url(self) -> str:
        """Where the region has to make it listen, in plain HTTP."""
        return f"http://127.0.0.1:{self._ports['front']}"

    @property
    def front_tls_url(self) -> str:
        """Where the region has to make it listen with TLS."""
        return f"https://127.0.0.1:{self._ports['front_tls']}"

    @property
    def admin_url(self) -> str:
        """The admin API."""
        return f"http://127.0.0.1:{self._ports['admin']}"

    async def start(self) -> None:
        """Return when the admin API answers; raises StartError."""
        base = self.directory / "base.json"
        kept.write_private(base, json.dumps({"admin": {"listen": self._admin_address}}))
        self._child = Child(
            [_find_binary(), "run", "--config", str(base), "--resume"],
            env=self._environment(),
            log=self.directory / "caddy.log",
        )
        await self._child.until(self._answers, "Caddy")

    async def wait(self) -> None:
        """Return when it has ended, if we started it."""
        if self._child:
            await self._child.wait()

    async def stop(self) -> None:
        """Stop; does nothing if we did not start it."""
        if self._child:
            await self._child.stop()
            self._child = None

    @property
    def _admin_address(self) -> str:
        return f"127.0.0.1:{self._ports['admin']}"

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.directory),
            "XDG_CONFIG_HOME": str(self.directory / "config"),
            "XDG_DATA_HOME": str(self.directory / "data"),
            "CADDY_ADMIN": self._admin_address,  # for a posted configuration that names no admin listener
        }

    async def _answers(self) -> bool:
        try:
            async with httpx.AsyncClient(timeout=5, verify=NO_AUTHORITIES) as client:
                return (await client.get(f"{self.admin_url}/config/")).is_success
        except httpx.TransportError:
            return False
