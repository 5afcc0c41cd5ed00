"""How much room the region has."""

from fastapi import APIRouter
from typing_extensions import TypedDict

from services.region.api.dependencies import Reader, ThisRegion
from services.region.rules.capacity import memory
from services.region.state import formation

read = APIRouter()


class Capacity(TypedDict):
    """How many bytes there are, and are left."""

    memory_bytes: int
    memory_free_bytes: int
    disk_free_bytes: int


class CapacityBody(TypedDict):
    """One, wrapped as clients read it."""

    capacity: Capacity


@read.get("/capacity")
async def show(region: ThisRegion, _caller: Reader) -> CapacityBody:
    """Say what containers may take up in all, and what is left for them and for files."""
    taken = memory(await formation.started(region.pool), region.catalogue)
    available = region.settings.memory_bytes
    return {
        "capacity": {
            "memory_bytes": available,
            "memory_free_bytes": max(0, available - taken),
            "disk_free_bytes": region.storage.free_bytes,
        }
    }
