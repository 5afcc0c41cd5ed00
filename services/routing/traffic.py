"""Who serves the app's visitors: handed over at the end, taken back by an abort."""

from datetime import timedelta

from regions.model import Handover
from services.common.worker.task import Outcome, Succeeded, Task


async def hand_over(task: Task, period: timedelta) -> Outcome:
    """Send the visitors to the new app, and make the old one read-only.

    The end is counted from the request, so that a second try sends the same.
    """
    destination, front = task.request.destination, await task.destination.front()
    handover = Handover(
        region=destination.region,
        app=destination.app,
        front=front.url,
        host=f"{destination.app}.{front.domain}",
        expires_at=task.requested_at + period,
    )
    await task.source.hand_over(task.source_app, handover, task.grant("hand-over"))
    await task.source.mark_migrated(task.source_app, destination, task.grant("migrated"))
    shown = handover.model_dump(mode="json", include={"expires_at", "front", "host"})
    return Succeeded({**shown, "domains": [domain.name for domain in task.inventory.domains]})


async def take_back_traffic(task: Task) -> Outcome:
    """Undo: serve the visitors from the source again."""
    made = await task.source.resources(task.request.migration_id)
    if not any(resource.kind == "handover" for resource in made):
        return Succeeded(skipped=True)
    await task.source.take_back(task.source_app, task.grant("take-back"))
    return Succeeded()
