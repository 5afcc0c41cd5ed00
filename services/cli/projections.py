"""Read models, for the operator: which there are, built anew, and gone on with after a fault."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import anyio
import asyncpg
import typer
from rich.console import Console

from events.store import Log, LogUnavailableError, connect
from events.store.database import session
from events.store.errors import translated
from events.store.subscriptions import FaultError
from projections.upkeep import Projection, discover, faults, overview, rebuild
from projections.upkeep.builds import ProjectionError
from projections.upkeep.overview import Known, Subscription
from services.cli.errors import CliError, UnavailableError
from services.cli.output import print_json, say
from services.cli.servers import archive_folder, database_url

T = TypeVar("T")
INTERRUPTED = 130


def list_projections(directory: Path | None, *, as_json: bool) -> None:
    """Show the projections, and who fills them how far."""
    known, following = _run(directory, _overview)
    if as_json:
        print_json({"ok": True, "projections": [_fields(each, following) for each in known]})
        return
    for each in known:
        say(Console(), *_lines(each, following))


def rebuild_projection(directory: Path | None, name: str, *, as_json: bool) -> None:
    """Build one anew; what an interrupted rebuild has done is not done again."""
    projection = _named(name)
    with Console(stderr=True).status(f"Building {name} anew") as line:

        def tell(position: int, head: int) -> None:
            line.update(f"Building {name} anew: {position:,} of {head:,} events")

        try:
            _run(directory, lambda pool: _rebuild(pool, projection, tell, archive_folder(directory)))
        except KeyboardInterrupt:
            say(Console(stderr=True), f"Interrupted; `storky projections rebuild {name}` goes on from here.")
            raise typer.Exit(INTERRUPTED) from None
    if as_json:
        print_json({"ok": True, "rebuilt": name})
    else:
        say(Console(), f"{name} was built anew; its rows are live.")


def resume_projection(directory: Path | None, name: str, *, as_json: bool) -> None:
    """Have one go on at the event where it stopped."""
    _named(name)
    if not _run(directory, lambda pool: faults.clear(pool, name)):
        raise CliError(f"{name} has not stopped; `storky status` says what is wrong, if anything is.")
    if as_json:
        print_json({"ok": True, "resumed": name})
    else:
        say(Console(), f"{name} tries the same event again; `storky status` says whether it gets past it.")


async def _overview(pool: asyncpg.Pool) -> tuple[list[Known], dict[str, Subscription]]:
    with translated():
        async with session(pool) as connection:
            known = await overview.projections(connection)
            following = await overview.subscriptions(connection)
    return known, {each.name: each for each in following}


async def _rebuild(
    pool: asyncpg.Pool, projection: Projection, tell: Callable[[int, int], None], archives: Path | None
) -> None:
    head = await Log(pool).head()
    await rebuild(pool, projection, lambda position: tell(position, max(head, position)), archives)


def _fields(known: Known, following: dict[str, Subscription]) -> dict[str, object]:
    parts = [each for name, each in following.items() if name.partition("/")[0] == known.name]
    return known.model_dump() | {"subscriptions": [each.model_dump(mode="json") for each in parts]}


def _lines(known: Known, following: dict[str, Subscription]) -> list[str]:
    if known.live_version is None:
        return [f"{known.name}  version {known.version}  not installed yet: is the projector running?"]
    lines = [
        f"{known.name}  version {known.live_version}, build {known.build}{_progress(following, known.name)}"
    ]
    if known.building is not None and known.build is not None:
        name = f"{known.name}/{known.build + 1}"
        lines.append(f"{name}  version {known.building}, being built{_progress(following, name)}")
    return lines


def _progress(following: dict[str, Subscription], name: str) -> str:
    if name not in following:
        return ""
    each = following[name]
    return f"  {each.behind:,} events behind{fault_of(each)}"


def fault_of(subscription: Subscription) -> str:
    """Return what stopped a subscription, as the end of a line; empty if nothing has."""
    fault = subscription.fault
    if fault is None:
        return ""
    return f", stopped by {fault.error} at {fault.position} ({fault.event_type}, event {fault.event_id})"


def _named(name: str) -> Projection:
    known = discover()
    if name not in known:
        raise CliError(f"There is no projection {name}; there are {', '.join(sorted(known))}.")
    return known[name]


def _run(directory: Path | None, work: Callable[[asyncpg.Pool], Awaitable[T]]) -> T:
    url = database_url(directory)

    async def connected() -> T:
        async with connect(url, "storky-cli", size=2) as pool:
            return await work(pool)

    try:
        return anyio.run(connected)
    except LogUnavailableError as error:
        raise UnavailableError(f"The database did not do it: {error}.") from None
    except ProjectionError as error:
        raise CliError(f"{error}") from None
    except FaultError as fault:
        raise CliError(
            f"{fault} (event {fault.event.id}). The live rows go on; mend the code, and type this again."
        ) from None
