"""Running a step of a migration, watching it, and saying how it ended."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import typer
from rich.console import Console

from events.status import Status, why_not_start
from events.vocabulary import Step
from services.cli.arrival import Arrival
from services.cli.client import Gateway
from services.cli.errors import CliError
from services.cli.follow import follow
from services.cli.notes import notes
from services.cli.options import Options
from services.cli.output import print_json, say
from services.cli.planned import Plan
from services.cli.progress import progress_on
from services.cli.wire import Migration, Snapshot
from services.cli.words import approval, closing, operations, planned, watching

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

    def approve(self, migration_id: str) -> str:
        """Approve the step that waits for a second person, and return which it is."""
        snapshot = self._gateway.snapshot(migration_id)
        if not (step := snapshot.awaiting_approval):
            raise CliError(f"No step waits for an approval; the migration is {snapshot.migration.status}.")
        self._gateway.approve(migration_id, step)
        return step

    def _announce(self, step: str, before: Snapshot) -> None:
        """Say what a step that stops the app is going to do, and ask a person whether to go on.

        Nothing is announced that could not be started: that raises CliError.
        """
        if not (text := operations(step, before)):
            return
        latest = Step(before.tasks[-1].step) if before.tasks else None
        if why_not := why_not_start(Step(step), Status(before.migration.status), latest):
            raise CliError(why_not)
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
        told = False
        with progress_on(self._console) as progress:
            for snapshot in follow(self._gateway, migration_id):
                progress.show(view(snapshot))
                if (waiting := snapshot.awaiting_approval) and not told:
                    progress.tell(approval(waiting, migration_id, self._options.commands()))
                    told = True
        return snapshot

    def _conclude(self, last: Snapshot, *, reached: bool) -> None:
        status, commands = last.migration.status, self._options.commands()
        arrival = self._arrival(last) if status == "done" else None
        if arrival:
            say(self._console, arrival.text(), *notes(last))
        else:
            say(self._console, closing(last, commands))
        plan = self._plan(last.migration) if status == "preflight-success" else None
        if status == "preflight-success":
            say(self._console, f"\n{plan.text()}" if plan else planned(last.migration, commands))
        if self._options.json:
            parts = {"arrival": arrival, "plan": plan}
            shown = {
                name: part and part.model_dump(mode="json", by_alias=True) for name, part in parts.items()
            }
            print_json({"ok": reached, **last.model_dump(mode="json"), **shown})
        if not reached:
            raise typer.Exit(1)

    def _arrival(self, last: Snapshot) -> Arrival | None:
        """Return where the app is now; None if its region does not say, which undoes no success."""
        try:
            new = self._gateway.app_in(last.migration.destination, last.migration.dst_app_name)
        except CliError:
            return None
        records = last.result("look-up-dns").get("records", [])
        until = last.result("hand-over").get("expires_at")
        return Arrival(url=new.base_url, records=records, redirected_until=until)

    def _plan(self, migration: Migration) -> Plan | None:
        """Return what the migration is going to do; None if a region does not say, which undoes no check."""
        try:
            return self._gateway.plan(migration.destination, migration.dst_app_name)
        except CliError:
            return None


def _sure() -> bool:
    try:
        return typer.confirm("Do you want to go on?", err=True)
    except typer.Abort:
        return False
