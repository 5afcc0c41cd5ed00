"""Evidence in Markdown, for people."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from events.failures import messages
from projections.evidence import Evidence
from projections.evidence.model import Span, StepRun, TaskRun, Who
from services.common.formats import moment, span

MARKUP = {ord(mark): f"&#{ord(mark)};" for mark in "|\\`*[]"}


def markdown(known: Evidence) -> str:
    """Return the whole report."""
    blocks = [
        f"# Evidence of migration {known.migration_id}",
        _table(("", ""), _heading(known)),
        "## Who did what",
        _table(("When", "What", "Who"), ((moment(act.at), act.what, _who(act.by)) for act in known.acts)),
        *(block for step in known.steps for block in _step(step)),
        *_items(known),
        *_dns(known),
        "## The log",
        _log(known),
    ]
    return "\n\n".join(blocks) + "\n"


def _heading(known: Evidence) -> Iterator[tuple[str, str]]:
    yield "From", f"{known.source.app} in {known.source.region} ({known.app_id or 'id not known'})"
    yield "To", f"{known.destination.app} in {known.destination.region} ({known.new_app_id or 'not made'})"
    yield "Status", known.status
    yield "Downtime", _span(known.downtime) if known.downtime else "the app was not stopped"
    if known.undone:
        yield "Undone", ", ".join(known.undone)
    if known.handover:
        yield "Forwarded until", known.handover.until or "not told"
        for at in known.handover.reminded_at:
            yield "Reminder", moment(at)
        if known.handover.expired_at:
            yield "Forwarding ended", moment(known.handover.expired_at)


def _step(step: StepRun) -> Iterator[str]:
    yield f"## Step {step.step}, run {step.run}: {step.outcome}"
    yield _span(step)
    columns = ("Task", "Outcome", "From", "Took", "Who", "Told")
    yield _table(columns, (_task(task) for task in step.tasks))


def _task(task: TaskRun) -> tuple[str, ...]:
    told = messages(task.reasons) or ", ".join(
        f"{name}: {value}" for name, value in task.result.items() if isinstance(value, str | int | float)
    )
    started = moment(task.started_at) if task.started_at else ""
    took = "" if task.seconds is None else span(task.seconds, decimals=1)
    return task.label, task.outcome, started, took, _who(task.ended_by) if task.ended_by else "", told


def _items(known: Evidence) -> Iterator[str]:
    if known.items:
        same = sum(item.source == item.destination for item in known.items)
        yield "## What was copied"
        yield f"{len(known.items)} items, of which {same} have the same digest on both sides."
        columns = ("Task", "Item", "Digest at the source", "Digest at the destination")
        yield _table(
            columns,
            (
                (" ".join(filter(None, (i.task, i.of))), i.item, i.source or "", i.destination or "")
                for i in known.items
            ),
        )


def _dns(known: Evidence) -> Iterator[str]:
    if known.dns_records:
        yield "## DNS records"
        columns = ("domain", "type", "from", "to", "status")
        rows = ([_text(record.get(name, "")) for name in columns] for record in known.dns_records)
        yield _table(columns, rows)


def _log(known: Evidence) -> str:
    log = known.log
    first, last = (
        f"version {entry.version} at position {entry.position} with the hash {entry.hash}"
        for entry in (log.first, log.last)
    )
    return (
        f"Made from the {log.events} events of the stream `{log.stream}`:\n"
        f"the first is {first},\nthe last is {last}.\n"
        "The log's chain of hashes vouches for them."
    )


def _span(known: Span) -> str:
    ends = [moment(at) if at else "not yet" for at in (known.started_at, known.ended_at)]
    took = "" if known.seconds is None else f": {span(known.seconds, decimals=1)}"
    return f"{ends[0]} to {ends[1]}{took}"


def _who(who: Who) -> str:
    return f"{who.actor} for {who.on_behalf_of}" if who.on_behalf_of else who.actor


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    """Return text that is nothing but text: a name may hold what would break the table, or be markup."""
    return " ".join(escape(text, quote=False).translate(MARKUP).split())


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
