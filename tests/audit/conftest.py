from tests.cli.conftest import stack
from tests.store.conftest import log, pool

__all__ = ["log", "pool", "stack"]
