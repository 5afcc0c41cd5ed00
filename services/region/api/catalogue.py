"""What the region offers."""

from fastapi import APIRouter
from typing_extensions import TypedDict

from services.region.api import objects, shapes
from services.region.api.dependencies import Reader, ThisRegion
from services.region.api.errors import missing
from services.region.catalogue import ContainerSize, Stack

read = APIRouter()


class StacksBody(TypedDict):
    """All of them, wrapped as clients read them."""

    stacks: list[Stack]


class ContainerSizesBody(TypedDict):
    """All of them, wrapped as clients read them."""

    container_sizes: list[ContainerSize]


class ProvidersBody(TypedDict):
    """All of them, wrapped as clients read them."""

    addon_providers: list[objects.Provider]


class PlansBody(TypedDict):
    """All of them, wrapped as clients read them."""

    plans: list[objects.Plan]


@read.get("/features/stacks")
async def stacks(region: ThisRegion, _caller: Reader) -> StacksBody:
    """List the stacks."""
    return {"stacks": region.catalogue.stacks}


@read.get("/features/container_sizes")
async def container_sizes(region: ThisRegion, _caller: Reader) -> ContainerSizesBody:
    """List the sizes of containers."""
    return {"container_sizes": region.catalogue.container_sizes}


@read.get("/addon_providers")
async def addon_providers(region: ThisRegion) -> ProvidersBody:
    """List the addon providers; open to everybody."""
    return {"addon_providers": [shapes.provider(each) for each in region.catalogue.addon_providers]}


@read.get("/addon_providers/{provider}/plans")
async def plans(provider: str, region: ThisRegion) -> PlansBody:
    """List a provider's plans; open to everybody."""
    try:
        return {"plans": shapes.plans(region.catalogue.provider(provider))}
    except KeyError:
        raise missing("addon_provider") from None
