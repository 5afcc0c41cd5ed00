"""Which environment variables move."""

from collections.abc import Sequence
from typing import Any

from events.inventory import Inventory
from regions.model import Variable
from services.common.mentions import mentions_of_source
from services.common.worker.evidence import compared
from services.common.worker.refusals import copying
from services.common.worker.task import Outcome, Succeeded, Task


async def copy_variables(task: Task) -> Outcome:
    """Copy the variables, less those that the new app's own addons will provide.

    The result names the variables that mention the source: their values are the user's to change.
    """
    variables = await task.source.variables(task.source_app)
    provided = left_to_addons(variables, task.inventory)
    own = [variable for variable in variables if variable.name not in provided]
    if own:
        with copying("variables", task.destination_app):
            await task.destination.set_variables(task.destination_app, own, task.grant("variables"))
    made = await task.destination.variables(task.destination_app)
    host = f"{task.source_app}.{(await task.source.front()).domain}"
    return Succeeded(
        {
            "copied": len(own),
            "left_to_addons": sorted(provided),
            "mention_source": mentions_of_source(variables, provided, host),
            "items": compared(task, "variable", _values(own), _values(made)),
        },
        skipped=not own,
    )


def left_to_addons(variables: Sequence[Variable], inventory: Inventory) -> frozenset[str]:
    """Return the names that addons provide, by the inventory and by the region's own mark."""
    named = {name for addon in inventory.addons for name in addon.variables}
    marked = {variable.name for variable in variables if variable.addon_id}
    return frozenset(named & {variable.name for variable in variables} | marked)


def _values(variables: Sequence[Variable]) -> dict[str, dict[str, Any]]:
    return {variable.name: {"value": variable.value} for variable in variables}
