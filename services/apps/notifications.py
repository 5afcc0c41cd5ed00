"""Who is told what happens to the app, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regions.errors import NotFoundError
from regions.model import Alert, Notifier
from regions.port import Region
from services.common.worker.evidence import compared
from services.common.worker.refusals import copying
from services.common.worker.task import Outcome, Succeeded, Task, TaskFailedError


async def copy_notifiers(task: Task) -> Outcome:
    """Copy the notifiers. Event types and platforms have ids in each region, and the same names in all.

    The result says which notifier has become which: alerts refer to them.
    """
    known = await task.source.notifiers(task.source_app)
    old, new = await _EventTypes.of(task.source), await _EventTypes.of(task.destination)
    ids = {each.id: await _copy_notifier(task, each, old, new) for each in known}
    made = {each.id: new.fields(each) for each in await task.destination.notifiers(task.destination_app)}
    items = compared(
        task,
        "notifier",
        {each.id: old.fields(each) for each in known},
        {each.id: made[ids[each.id]] for each in known if ids[each.id] in made},
    )
    return Succeeded({"copied": len(known), "ids": ids, "items": items}, skipped=not known)


async def copy_alerts(task: Task) -> Outcome:
    """Copy the alerts, for the new notifiers. The result counts references to notifiers that are gone."""
    ids: Mapping[str, str] = task.result_of("copy-notifiers")["ids"]
    known = await task.source.alerts(task.source_app)
    wanted = [_addressed(each, ids) for each in known]
    made_of = {each.id: (await _copy_alert(task, each)).id for each in wanted}
    made = {each.id: _alert_fields(each) for each in await task.destination.alerts(task.destination_app)}
    items = compared(
        task,
        "alert",
        {each.id: _alert_fields(each) for each in wanted},
        {each.id: made[made_of[each.id]] for each in known if made_of[each.id] in made},
    )
    dropped = sum(len(each.notifiers) for each in known) - sum(len(each.notifiers) for each in wanted)
    return Succeeded({"copied": len(known), "dropped_notifiers": dropped, "items": items}, skipped=not known)


@dataclass(frozen=True)
class _EventTypes:
    """A region's event types, by their ids."""

    named: Mapping[str, str]

    @classmethod
    async def of(cls, region: Region) -> "_EventTypes":
        return cls({each.id: each.name for each in await region.event_types()})

    def names(self, notifier: Notifier) -> list[str]:
        """Return the events it has selected; one that the region no longer knows is none."""
        chosen = (self.named.get(event_id) for event_id in notifier.selected_event_ids)
        return sorted(name for name in chosen if name)

    def ids(self, names: list[str]) -> tuple[str, ...] | None:
        """Return this region's ids of events, None when it has not all of them."""
        known = {name: event_id for event_id, name in self.named.items()}
        return tuple(known[name] for name in names) if known.keys() >= set(names) else None

    def fields(self, notifier: Notifier) -> dict[str, Any]:
        """Return what is copied, in words that both regions share."""
        own = notifier.model_dump(exclude={"id", "platform_id", "selected_event_ids"})
        return {**own, "events": self.names(notifier)}


async def _copy_notifier(task: Task, notifier: Notifier, old: _EventTypes, new: _EventTypes) -> str:
    """Copy one; returns the new one's id."""
    events = new.ids(old.names(notifier))
    if events is None:
        raise _refused(task, notifier, "selected_event_ids")
    try:
        platform = await task.destination.notification_platform(notifier.type)
    except NotFoundError:
        raise _refused(task, notifier, "platform_id") from None
    wanted = notifier.model_copy(update={"selected_event_ids": events, "platform_id": platform.id})
    with copying("notifier", notifier.id):
        grant = task.grant("notifier", notifier.id)
        return (await task.destination.add_notifier(task.destination_app, wanted, grant)).id


def _refused(task: Task, notifier: Notifier, field: str) -> TaskFailedError:
    return TaskFailedError(
        "item_refused", kind="notifier", item=notifier.id, fields=field, region=task.destination.name
    )


async def _copy_alert(task: Task, alert: Alert) -> Alert:
    with copying("alert", alert.id):
        return await task.destination.add_alert(task.destination_app, alert, task.grant("alert", alert.id))


def _addressed(alert: Alert, ids: Mapping[str, str]) -> Alert:
    return alert.model_copy(update={"notifiers": tuple(ids[each] for each in alert.notifiers if each in ids)})


def _alert_fields(alert: Alert) -> dict[str, Any]:
    return {**alert.model_dump(exclude={"id"}), "notifiers": sorted(alert.notifiers)}
