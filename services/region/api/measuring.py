"""What alerts and autoscalers go by: a metric of one of the app's process types."""

from typing import Literal

from services.region.api.calls import Call
from services.region.api.errors import invalid
from services.region.state import formation
from services.region.state.apps import App

Metric = Literal["cpu", "memory", "swap", "rpm_per_container", "p95_response_time", "5XX"]
HIGHEST = 1e12  # of any metric


async def refuse_unknown(app: App, container_type: str, call: Call) -> None:
    """Raise 422 for a process type that the app does not have."""
    if container_type not in {each.name for each in await formation.read(call.connection, app.id)}:
        raise invalid("container_type", "the app has no process type of that name")
