"""The log's chain of hashes, checked on the database itself."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import anyio
import asyncpg
from pydantic import BaseModel, Field, ValidationError

from events.store import Broken, LogUnavailableError, Verified, connect, verify
from events.store.verify import read_head
from services.cli.errors import CliError, UnavailableError

T = TypeVar("T")


class Head(BaseModel):
    """The end of the log at some time: kept elsewhere, it shows what was removed or rewritten since."""

    position: int = Field(ge=0)
    hash: str = Field(pattern=r"^[0-9a-f]{64}$")

    @classmethod
    def read(cls, file: Path) -> "Head":
        """Return a head that was kept in a file; raises CliError."""
        try:
            return cls.model_validate_json(file.read_bytes())
        except OSError as error:
            raise CliError(f"{file} cannot be read: {error.strerror}.") from None
        except ValidationError:
            raise CliError(f"{file} is no head of the log: `storky audit head` writes one.") from None


def current_head(database_url: str) -> Head:
    """Return the head of the log as it stands; it is not verified. Raises UnavailableError."""
    found = _with_log(database_url, read_head)
    return Head(position=found.position, hash=found.hash.hex())


def verified(database_url: str, kept: Head | None, archives: Path | None) -> Verified | Broken:
    """Recompute the whole chain; raises UnavailableError."""
    anchor = Verified(kept.position, bytes.fromhex(kept.hash)) if kept else None
    return _with_log(database_url, partial(verify, anchor=anchor, archives=archives))


def _with_log(url: str, action: Callable[[asyncpg.Pool], Awaitable[T]]) -> T:
    async def connected() -> T:
        async with connect(url, "cli") as pool:
            return await action(pool)

    try:
        return anyio.run(connected)
    except LogUnavailableError as error:
        raise UnavailableError(f"The log cannot be read: {error}.") from None
