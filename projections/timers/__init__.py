"""The hand-overs of the migrations that are done: when each ends, and what was told of it so far."""

from projections.timers.model import Handover
from projections.timers.projection import TIMERS

__all__ = ["TIMERS", "Handover"]
