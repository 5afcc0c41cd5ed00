"""Dumps: archives in the custom format of pg_dump.

The two programs quote customers' rows when they fail. So what they print goes nowhere, and the errors here
say only what kind of failure it was.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from subprocess import DEVNULL, PIPE

import anyio
from anyio.abc import Process

from services.region.machinery.files import replacing
from services.region.machinery.logins import Login

# Most of the size for a fraction of the time that the default takes.
_COMPRESSION = "--compress=1"


@dataclass(frozen=True)
class Dump:
    """A dump that was written."""

    size_bytes: int
    sha256: str


class DumpError(Exception):
    """A dump or a restore did not succeed; `code` is a stable word for it."""

    code: str


class DumpFailedError(DumpError):
    """The database could not be dumped."""

    code = "dump_failed"


class DumpUnreadableError(DumpError):
    """The archive is truncated or corrupt, or no archive at all."""

    code = "dump_unreadable"


class RestoreFailedError(DumpError):
    """The archive is whole, and the server refused something in it."""

    code = "restore_failed"


async def dump(login: Login, folder: Path, file: Path) -> Dump:
    """Write a database to a file, with the pg_dump of a folder; raises DumpFailedError."""
    digest, size = sha256(), 0
    async with replacing(file) as output:
        async with await _start(
            folder / "pg_dump", "--format=custom", _COMPRESSION, login=login, stdout=PIPE
        ) as process:
            assert process.stdout
            async for chunk in process.stdout:
                digest.update(chunk)
                size += len(chunk)
                await output.write(chunk)
            code = await process.wait()
        if code != 0:
            raise DumpFailedError(f"pg_dump ended with code {code}; the database's server may be unreachable")
    return Dump(size_bytes=size, sha256=digest.hexdigest())


async def verify(folder: Path, file: Path) -> None:
    """Read a whole archive, decompressing everything in it; raises DumpUnreadableError."""
    async with await _start(folder / "pg_restore", "--file=/dev/null", str(file)) as process:
        code = await process.wait()
    if code != 0:
        raise DumpUnreadableError("the dump is truncated, corrupt, or of a newer PostgreSQL; make a new one")


async def restore(login: Login, folder: Path, file: Path, *, role: str) -> None:
    """Restore an archive into an empty database, everything owned by `role`; raises RestoreFailedError."""
    options = ("--exit-on-error", "--no-owner", "--no-privileges", f"--role={role}")
    connection = f"--dbname=dbname={_conninfo_value(login.database)}"
    program = folder / "pg_restore"
    async with await _start(program, *options, connection, str(file), login=login) as process:
        code = await process.wait()
    if code != 0:
        raise RestoreFailedError(
            "the database server refused a statement of the dump, such as one that needs a superuser"
        )


async def _start(
    program: Path, *arguments: str, login: Login | None = None, stdout: int = DEVNULL
) -> Process:
    """Start a program; used as a context manager, it is killed when its caller is cancelled."""
    environment = {"LC_ALL": "C", "PGPASSFILE": "/dev/null", **(login.environment if login else {})}
    return await anyio.open_process(
        [str(program), *arguments], stdin=DEVNULL, stdout=stdout, stderr=DEVNULL, env=environment
    )


def _conninfo_value(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
