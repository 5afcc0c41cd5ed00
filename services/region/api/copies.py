"""What a migration makes as the copy of something in another region: asked again, it is given the same."""

from collections.abc import Iterable
from typing import Protocol, TypeVar
from uuid import UUID

from services.region.api.calls import Call
from services.region.api.fields import Body, Short


class Original(Body):
    """What the new thing is the copy of."""

    source_id: Short


class _Copy(Protocol):
    @property
    def made_by(self) -> UUID | None: ...

    @property
    def source_id(self) -> str | None: ...


Copy = TypeVar("Copy", bound=_Copy)


def source_of(original: Original | None, call: Call) -> str | None:
    """Return the source's id that a service call names; users name none."""
    return original.source_id if original and call.mandate else None


def copy_among(known: Iterable[Copy], original: Original | None, call: Call) -> Copy | None:
    """Return what the calling migration has made of that original."""
    source_id = source_of(original, call)
    if source_id is None:
        return None
    return next(
        (each for each in known if (each.made_by, each.source_id) == (call.migration_id, source_id)), None
    )
