"""Dumps of PostgreSQL: archives in the custom format of pg_dump."""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from subprocess import PIPE

from services.region.machinery import programs
from services.region.machinery.engines import Dump, DumpFailedError, DumpUnreadableError, RestoreFailedError
from services.region.machinery.files import replacing
from services.region.machinery.logins import Login
from services.region.machinery.progress import Progress, read_position, watched

# Most of the size for a fraction of the time that the default takes.
_COMPRESSION = "--compress=1"


async def dump(login: Login, folder: Path, file: Path, progress: Progress) -> Dump:
    """Write a database to a file, with the pg_dump of a folder; raises DumpFailedError."""
    digest, before = sha256(), progress.bytes
    async with replacing(file) as output:
        async with programs.running(
            folder / "pg_dump",
            "--format=custom",
            _COMPRESSION,
            environment=_environment(login),
            stdout=PIPE,
        ) as process:
            assert process.stdout
            async for chunk in process.stdout:
                digest.update(chunk)
                await output.write(chunk)
                progress.bytes += len(chunk)
        if process.returncode != 0:
            raise DumpFailedError(
                f"pg_dump ended with code {process.returncode}; the database's server may be unreachable"
            )
    return Dump(size_bytes=progress.bytes - before, sha256=digest.hexdigest())


async def verify(folder: Path, file: Path) -> None:
    """Read a whole archive, decompressing everything in it; raises DumpUnreadableError."""
    if await programs.run(folder / "pg_restore", "--file=/dev/null", str(file)) != 0:
        raise DumpUnreadableError("the dump is truncated, corrupt, or of a newer PostgreSQL; make a new one")


async def restore(login: Login, folder: Path, file: Path, progress: Progress, *, role: str) -> None:
    """Restore an archive into an empty database, everything owned by `role`; raises RestoreFailedError."""
    options = ("--exit-on-error", "--no-owner", "--no-privileges", f"--role={role}")
    connection = f"--dbname=dbname={_conninfo_value(login.database)}"
    program, arguments = folder / "pg_restore", (*options, connection, str(file))
    async with (
        programs.running(program, *arguments, environment=_environment(login)) as process,
        watched(_reading(process.pid, file, progress)),
    ):
        await process.wait()
    if process.returncode != 0:
        raise RestoreFailedError(
            "the database server refused a statement of the dump, such as one that needs a superuser"
        )


def _reading(pid: int, file: Path, progress: Progress) -> Callable[[], Awaitable[None]]:
    before = progress.bytes

    async def look() -> None:
        progress.bytes = max(progress.bytes, before + read_position(pid, file))

    return look


def _environment(login: Login) -> dict[str, str]:
    return {"PGPASSFILE": "/dev/null", **login.environment}


def _conninfo_value(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
