"""An item that a region refuses: reported by its kind and its name, or its id where a name says too much."""

from collections.abc import Iterator
from contextlib import contextmanager

from regions.errors import RefusedError
from services.common.worker.task import TaskFailedError


@contextmanager
def copying(kind: str, item: str) -> Iterator[None]:
    """Raise TaskFailedError for a region that refuses this item's fields; any other refusal passes."""
    try:
        yield
    except RefusedError as error:
        if not {"fields", "region"} <= error.params.keys():
            raise
        where = {name: error.params[name] for name in ("fields", "region")}
        raise TaskFailedError("item_refused", kind=kind, item=item, **where) from None
