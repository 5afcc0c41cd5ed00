"""What the region offers."""

from typing import Any

from fastapi import APIRouter

from services.region.api import shapes
from services.region.api.dependencies import Reader, ThisRegion
from services.region.api.errors import missing

read = APIRouter()


@read.get("/features/stacks")
async def stacks(region: ThisRegion, _caller: Reader) -> dict[str, Any]:
    """List the stacks."""
    return {"stacks": [stack.model_dump(mode="json") for stack in region.catalogue.stacks]}


@read.get("/features/container_sizes")
async def container_sizes(region: ThisRegion, _caller: Reader) -> dict[str, Any]:
    """List the sizes of containers."""
    return {"container_sizes": [size.model_dump() for size in region.catalogue.container_sizes]}


@read.get("/addon_providers")
async def addon_providers(region: ThisRegion) -> dict[str, Any]:
    """List the addon providers; open to everybody."""
    return {"addon_providers": [shapes.provider(each) for each in region.catalogue.addon_providers]}


@read.get("/addon_providers/{provider}/plans")
async def plans(provider: str, region: ThisRegion) -> dict[str, Any]:
    """List a provider's plans; open to everybody."""
    try:
        return {"plans": shapes.plans(region.catalogue.provider(provider))}
    except KeyError:
        raise missing("addon_provider") from None
