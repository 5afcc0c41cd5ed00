"""Whether the region has the memory for an app's containers."""

from collections.abc import Iterable

from services.region.catalogue import Catalogue
from services.region.state.formation import ProcessType


def memory(processes: Iterable[ProcessType], catalogue: Catalogue) -> int:
    """Return how many bytes the containers of a formation may take up."""
    return sum(each.amount * catalogue.size(each.size).memory for each in processes)


def shortage(
    wanted: Iterable[ProcessType], others: Iterable[ProcessType], catalogue: Catalogue, available: int
) -> int:
    """Return how many bytes an app would take up beyond what the others leave; 0 when it has room."""
    return max(0, memory(wanted, catalogue) + memory(others, catalogue) - available)
