"""The hand-overs of the migrations that are done: when each ends, and what was told of it so far."""

from projections.timers.model import Handover
from projections.timers.projection import TimersProjection

__all__ = ["Handover", "TimersProjection"]
