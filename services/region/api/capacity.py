"""How much room the region has."""

from typing import Any

from fastapi import APIRouter

from services.region.api.dependencies import Reader, ThisRegion
from services.region.rules.capacity import memory
from services.region.state import formation

read = APIRouter()


@read.get("/capacity")
async def show(region: ThisRegion, _caller: Reader) -> dict[str, Any]:
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
