"""From the plan's table to the plan of one run of a step, and from there to the next tasks to request."""

from collections.abc import Iterator
from uuid import UUID, uuid5

from events.facts import PlannedTask, TaskRequested
from events.inventory import Addon
from events.vocabulary import Step
from services.migrations.plan import PLAN, TaskSpec, undoing
from services.migrations.state import Done, Migration, Progress


def expand(state: Migration, step: Step, run: int) -> tuple[PlannedTask, ...]:
    """Return the tasks of this run: what the step needs for this app, less what an earlier run has done."""
    chosen = [
        (spec, addon)
        for spec in PLAN[step]
        if _wanted(state, step, spec)
        for addon in spec.items(state.inventory)
        if step is Step.ABORT or (spec.name, _item(addon)) not in state.results
    ]
    ids = {(spec.name, _item(addon)): _task_id(state, step, run, spec, addon) for spec, addon in chosen}
    return tuple(_planned(spec, addon, ids) for spec, addon in chosen)


def next_requests(state: Migration) -> Iterator[TaskRequested]:
    """Yield a request for each waiting task whose predecessors have all succeeded."""
    for task in state.plan:
        if state.progress[task.task_id] is Progress.WAITING and all(
            state.progress[before] is Progress.SUCCEEDED for before in task.after
        ):
            yield _request(state, task)


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
        inputs={
            name: result
            for (name, item), result in state.results.items()
            if item in (None, task.item) and name != "freeze-source"
        },
    )


def _task_id(state: Migration, step: Step, run: int, spec: TaskSpec, addon: Addon | None) -> UUID:
    """Derive the id, so that deciding again gives the same one."""
    return uuid5(state.id, f"{step}/{run}/{spec.name}/{_item(addon) or ''}")


def _item(addon: Addon | None) -> str | None:
    return addon.id if addon else None
