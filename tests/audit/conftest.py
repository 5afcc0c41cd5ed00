from tests.store.conftest import log, pool

__all__ = ["log", "pool"]
