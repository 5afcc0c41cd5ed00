"""The current state of every migration with its tasks: what people ask for most."""

from projections.status.model import MigrationStatus, TaskStatus, Timing
from projections.status.projection import STATUS

__all__ = ["STATUS", "MigrationStatus", "TaskStatus", "Timing"]
