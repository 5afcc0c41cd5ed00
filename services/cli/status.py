"""Whether the system is well, in one look."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import anyio
from pydantic import BaseModel
from rich.console import Console

from events.bus import BusError
from events.bus import connect as connect_bus
from events.bus.parking import list_parked
from events.store import LogUnavailableError, connect
from events.store.database import session
from events.store.errors import translated
from local.services import SERVICES
from projections.upkeep import overview
from projections.upkeep.overview import Known, Subscription
from services.cli.connection import ENDPOINTS
from services.cli.output import print_json, say
from services.cli.parked import MOST
from services.cli.projections import fault_of
from services.cli.servers import database_url, operator_urls
from services.cli.webhooks import Webhook
from services.common.formats import span

LATE = 60  # seconds that an event may wait for a subscription before something is wrong
WEBHOOKS = "SELECT * FROM webhooks.overview ORDER BY name"


class Report(BaseModel):
    """What was found; None for what could not be asked."""

    services: dict[str, bool] | None = None
    subscriptions: list[Subscription] | None = None
    projections: list[Known] | None = None
    webhooks: list[Webhook] | None = None
    parked: int | None = None

    def problems(self) -> Iterator[str]:
        """Yield what is wrong, a sentence each."""
        yield from (f"{name} is down." for name, up in (self.services or {}).items() if not up)
        if self.subscriptions is None:
            yield "The database does not answer."
        for subscription in self.subscriptions or ():
            yield from _wrong_with(subscription)
        for projection in self.projections or ():
            if projection.live_version is None:
                yield f"{projection.name} is not installed yet: the projector does that when it starts."
            elif projection.live_version != projection.version:
                live, own = projection.live_version, projection.version
                yield f"{projection.name}: version {live} is live, this release has version {own}."
        for webhook in self.webhooks or ():
            yield from _wrong_with_webhook(webhook)
        if self.parked is None:
            yield "The broker does not answer."
        elif self.parked:
            yield f"{self.parked} messages are parked: `storky parked list` says why."


def show_status(directory: Path | None, *, as_json: bool) -> bool:
    """Print what was found; return whether all is well."""
    report: Report = anyio.run(_look, directory)
    problems = list(report.problems())
    if as_json:
        print_json({"ok": not problems, "problems": problems, **report.model_dump(mode="json")})
    else:
        _print(report, problems)
    return not problems


def _print(report: Report, problems: list[str]) -> None:
    out = Console()
    for name, up in (report.services or {}).items():
        say(out, f"{name}: {'up' if up else 'down'}")
    for each in report.subscriptions or ():
        say(out, f"{each.name}: at {each.position:,}, {each.behind:,} events behind{fault_of(each)}")
    for webhook in report.webhooks or ():
        counts = f"{webhook.waiting:,} waiting, {webhook.parked:,} parked"
        say(out, f"webhook {webhook.name}: {counts}, {webhook.state}")
    if report.parked is not None:
        say(out, f"parked: {report.parked}")
    say(out, *(f"WRONG: {problem}" for problem in problems), *([] if problems else ["All is well."]))


async def _look(directory: Path | None) -> Report:
    report = Report(services=_services(directory) if directory else None)
    database, broker = database_url(directory), operator_urls(directory)
    async with anyio.create_task_group() as group:
        group.start_soon(_ask_database, database, report)
        group.start_soon(_ask_broker, broker, report)
    return report


async def _ask_database(url: str, report: Report) -> None:
    try:
        async with connect(url, "storky-cli", size=1) as pool:
            with translated():
                async with session(pool) as connection:
                    report.projections = await overview.projections(connection)
                    report.subscriptions = await overview.subscriptions(connection)
                    report.webhooks = [Webhook(**row) for row in await connection.fetch(WEBHOOKS)]
    except LogUnavailableError:
        return  # None says so


async def _ask_broker(urls: list[str], report: Report) -> None:
    try:
        async with connect_bus(urls, "cli") as bus:
            report.parked = len(await list_parked(bus, MOST))
    except BusError:
        return  # None says so


def _services(directory: Path) -> dict[str, bool] | None:
    """Return which services of a system on this machine run; None when it is not running at all."""
    try:
        processes: Mapping[str, list[int]] = json.loads((directory / ENDPOINTS).read_text())["processes"]
    except FileNotFoundError:
        return None
    return {service.name: any(map(_runs, processes.get(service.name, ()))) for service in SERVICES}


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _wrong_with(subscription: Subscription) -> Iterator[str]:
    if subscription.fault:
        yield (
            f"{subscription.name}{fault_of(subscription)}: mend its code, then restart the projector "
            f"or type `storky projections resume {subscription.name.partition('/')[0]}`."
        )
    elif (waiting := subscription.waiting_seconds or 0) > LATE and "/" not in subscription.name:
        yield f"{subscription.name} is {subscription.behind:,} events behind, the first for {span(waiting)}."


def _wrong_with_webhook(webhook: Webhook) -> Iterator[str]:
    if webhook.paused_at:
        yield f"The webhook {webhook.name} is paused, as it has answered 410: add it again, or remove it."
    if webhook.parked:
        yield (
            f"{webhook.parked:,} deliveries to the webhook {webhook.name} are parked: "
            f"`storky webhook parked {webhook.name}` says why."
        )
