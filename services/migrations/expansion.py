"""From the plan's table to the plan of one run of a step, and from there to the next tasks to request."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID, uuid5

from events.facts import PlannedTask, TaskRequested
from events.inventory import Addon
from events.vocabulary import Step
from services.migrations.plan import PLAN, TaskSpec, approved, undoing
from services.migrations.state import Done, Migration, Progress

ENDED = frozenset({Progress.SUCCEEDED, Progress.FAILED})


def expand(state: Migration, step: Step, run: int, *, approval: bool) -> tuple[PlannedTask, ...]:
    """Return the tasks of this run: what the step needs for this app, less what an earlier run has done.

    With `approval`, a second person comes first, and everything waits for them.
    """
    lines = [
        (spec, addon)
        for spec in (approved(step) if approval else PLAN[step])
        if _wanted(state, step, spec)
        for addon in spec.items(state.inventory)
    ]
    done = set() if step is Step.ABORT else state.results.keys() - _renewed(state, lines)
    chosen = [(spec, addon) for spec, addon in lines if (spec.name, _item(addon)) not in done]
    ids = {(spec.name, _item(addon)): _task_id(state, step, run, spec, addon) for spec, addon in chosen}
    return tuple(_planned(spec, addon, ids) for spec, addon in chosen)


def next_requests(state: Migration) -> Iterator[TaskRequested]:
    """Yield a request for each waiting task whose predecessors have come as far as it needs.

    After a failure that is only what waits for ends, and not for successes.
    """
    failed = Progress.FAILED in state.progress.values()
    for task in state.plan:
        if state.progress[task.task_id] is not Progress.WAITING or (failed and not task.despite_failures):
            continue
        wanted = ENDED if task.despite_failures else {Progress.SUCCEEDED}
        if all(state.progress[before] in wanted for before in task.after):
            yield _request(state, task)


def _renewed(state: Migration, lines: Sequence[tuple[TaskSpec, Addon | None]]) -> set[Done]:
    """Return what has to be done again, because something that came after it failed in a certain way."""
    return {
        (name, _item(addon))
        for spec, addon in lines
        for name in spec.renews.get(state.failures.get((spec.name, _item(addon)), ""), ())
    }


def _wanted(state: Migration, step: Step, spec: TaskSpec) -> bool:
    if step is Step.ABORT:
        return spec.name in undoing(state.requested)
    ran = state.inventory is not None and state.inventory.status == "running"
    return ran or not spec.only_if_source_ran


def _planned(spec: TaskSpec, addon: Addon | None, ids: dict[Done, UUID]) -> PlannedTask:
    item = _item(addon)
    after = (ids.get((name, item)) or ids.get((name, None)) for name in spec.after)
    return PlannedTask(
        task_id=ids[spec.name, item],
        name=spec.name,
        service=spec.service,
        label=spec.label.format(addon=f"{addon.provider} {addon.id}" if addon else ""),
        item=item,
        after=tuple(before for before in after if before),
        needs=spec.needs,
        despite_failures=spec.despite_failures,
    )


def _request(state: Migration, task: PlannedTask) -> TaskRequested:
    assert state.step is not None
    return TaskRequested(
        migration_id=state.id,
        step=state.step,
        epoch=state.epoch,
        task_id=task.task_id,
        name=task.name,
        service=task.service,
        label=task.label,
        item=task.item,
        source=state.source,
        destination=state.destination,
        inventory=state.inventory,
        inputs=_inputs(state, task),
    )


def _inputs(state: Migration, task: PlannedTask) -> dict[str, dict[str, Any]]:
    """Return the results that the task needs; what waits for ends is told who has failed."""
    known = {
        name: result
        for name in task.needs
        for item in (task.item, None)
        if (result := state.results.get((name, item))) is not None
    }
    if not task.despite_failures:
        return known
    failed = [
        other.label
        for other in state.plan
        if other.task_id in task.after and state.progress[other.task_id] is Progress.FAILED
    ]
    return known | {"failed": {"labels": failed}}


def _task_id(state: Migration, step: Step, run: int, spec: TaskSpec, addon: Addon | None) -> UUID:
    """Derive the id, so that deciding again gives the same one."""
    return uuid5(state.id, f"{step}/{run}/{spec.name}/{_item(addon) or ''}")


def _item(addon: Addon | None) -> str | None:
    return addon.id if addon else None
