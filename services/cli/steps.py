"""Running a step of a migration, watching it, and saying how it ended."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from urllib.parse import urlsplit

import typer
from rich.console import Console

from services.cli.client import Gateway
from services.cli.errors import CliError
from services.cli.follow import follow
from services.cli.options import Options
from services.cli.output import print_json, say
from services.cli.progress import progress_on
from services.cli.wire import Snapshot
from services.cli.words import Arrival, closing, operations, watching

INTERRUPTED = 130  # the exit code of a program ended by Ctrl-C

GOAL: Mapping[str, str] = {
    "preflight": "preflight-success",
    "prepare": "prepared",
    "data": "data-migrated",
    "finalize": "done",
    "abort": "aborted",
}
FAILED = frozenset({"preflight-error", "error"})


class Steps:
    """The steps of one app's migrations, for a person or (with --json) for a program."""

    def __init__(self, gateway: Gateway, options: Options) -> None:
        self._gateway = gateway
        self._options = options
        self._console = Console(stderr=options.json)  # standard output is the program's then
        self._ask = sys.stdin.isatty() and not options.yes

    def create(self, destination: str, new_name: str) -> None:
        """Open a migration and run its checks."""
        migration = self._gateway.create(destination, new_name)
        try:
            self.run(migration.id, "preflight")
        except CliError as error:
            raise CliError(f"{error} (This is about migration {migration.id}, which is open now.)") from None

    def run(self, migration_id: str, step: str) -> None:
        """Run a step to its end. Exits with 1 unless it reaches its goal."""
        before = self._gateway.snapshot(migration_id)
        self._announce(step, before)
        hidden = frozenset(task.id for task in before.tasks)
        with self._leaving(migration_id):
            self._gateway.run(migration_id, step)
            last = self._watch(migration_id, lambda snapshot: snapshot.without(hidden))
        self._conclude(last, reached=last.migration.status == GOAL[step])

    def follow(self, migration_id: str) -> None:
        """Watch what is under way to its end. Exits with 1 if that has failed."""
        with self._leaving(migration_id):
            last = self._watch(migration_id, Snapshot.latest_step)
        self._conclude(last, reached=last.migration.status not in FAILED)

    def _announce(self, step: str, before: Snapshot) -> None:
        """Say what a step that stops the app is going to do, and ask a person whether to go on."""
        if not (text := operations(step, before)):
            return
        say(self._console, text)
        if self._ask and not _sure():
            raise CliError("Nothing was done.")

    @contextmanager
    def _leaving(self, migration_id: str) -> Iterator[None]:
        """On Ctrl-C, say how to come back to a migration that goes on."""
        try:
            yield
        except KeyboardInterrupt:
            say(self._console, watching(migration_id, self._options.commands()))
            raise typer.Exit(INTERRUPTED) from None

    def _watch(self, migration_id: str, view: Callable[[Snapshot], Snapshot]) -> Snapshot:
        with progress_on(self._console) as progress:
            for snapshot in follow(self._gateway, migration_id):
                progress.show(view(snapshot))
        return snapshot

    def _conclude(self, last: Snapshot, *, reached: bool) -> None:
        arrival = self._arrival(last) if last.migration.status == "done" else None
        say(self._console, arrival.text() if arrival else closing(last, self._options.commands()))
        if self._options.json:
            print_json(
                {"ok": reached, **last.model_dump(mode="json"), "arrival": arrival and asdict(arrival)}
            )
        if not reached:
            raise typer.Exit(1)

    def _arrival(self, last: Snapshot) -> Arrival | None:
        """Return where the app is now; None if its region does not say, which undoes no success."""
        where = (last.migration.destination, last.migration.dst_app_name)
        try:
            url = self._gateway.app_in(*where).base_url
            domains = [domain.name for domain in self._gateway.domains_in(*where)]
        except CliError:
            return None
        until = last.result("hand-over").get("expires_at")
        return Arrival(url, urlsplit(url).hostname or url, domains, until)


def _sure() -> bool:
    try:
        return typer.confirm("Do you want to go on?", err=True)
    except typer.Abort:
        return False
