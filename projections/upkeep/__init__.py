"""How read models are kept: found, installed, followed, rebuilt beside the live one, stopped by a fault."""

from projections.upkeep.discovery import discover
from projections.upkeep.keeping import keep
from projections.upkeep.projection import Projection
from projections.upkeep.rebuilding import rebuild

__all__ = ["Projection", "discover", "keep", "rebuild"]
