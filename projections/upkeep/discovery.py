"""Find the read models: every module in projections/ that makes a Projection has one."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

import projections
from projections.upkeep.projection import Projection


def discover() -> Mapping[str, Projection]:
    """Return the projections of this release by their names; raises ValueError when two share one."""
    found: dict[str, Projection] = {}
    for module in iter_modules(projections.__path__, "projections."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, Projection) and found.setdefault(value.name, value) is not value:
                raise ValueError(f"two projections are called {value.name}: rename the one in {module.name}")
    return found
