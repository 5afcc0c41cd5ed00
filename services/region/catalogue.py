"""What the region offers: stacks, container sizes, addon providers with their plans and versions."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, Field

from services.region.machinery import engines
from services.region.machinery.engines import EngineName


class Item(BaseModel):
    """Something that can be chosen by its id or its name."""

    id: str
    name: str


Named = TypeVar("Named", bound=Item)


class Stack(Item):
    """What builds are made for."""

    description: str
    base_image: str
    created_at: datetime
    default: bool = False
    deprecated_at: date | None = None


class ContainerSize(Item):
    """How large a container is; memory and swap are in bytes."""

    human_name: str
    human_cpu: str
    memory: int
    swap: int = 0
    default: bool = False


class Plan(Item):
    """A size of an addon; `disk_bytes` is how much data it holds."""

    display_name: str
    description: str
    sku: str
    disk_bytes: int | None = None


class Category(Item):
    """What kind of addon a provider offers."""

    description: str
    position: int


class Provider(Item):
    """A kind of addon; its data are kept by an engine, if it has any.

    `variables` maps each name to a template of {url}, {password} and {resource}; a value `$NAME` is an
    alias. `url` is such a template too, for providers without an engine.
    """

    short_description: str
    description: str
    category: Category
    engine: EngineName | None = None
    versions: list[str] = Field(default_factory=list)
    variables: Mapping[str, str]
    url: str = ""
    plans: list[Plan]

    @property
    def has_data(self) -> bool:
        """Whether there is something to back up."""
        return self.engine is not None

    def plan(self, reference: str) -> Plan:
        """Return the plan of that id or name; raises KeyError."""
        return _named(self.plans, reference)

    def values(self, url: str, resource: str, password: str) -> dict[str, str]:
        """Return the variables of an addon, in which the templates are filled."""
        facts = {"resource": resource, "password": password}
        facts["url"] = url or self.url.format_map(facts)
        return {name: template.format_map(facts) for name, template in self.variables.items()}


class Catalogue(BaseModel):
    """Everything a user can choose from."""

    stacks: list[Stack]
    container_sizes: list[ContainerSize]
    addon_providers: list[Provider]

    @property
    def default_stack(self) -> Stack:
        """The stack of an app for which none was chosen."""
        return next(stack for stack in self.stacks if stack.default)

    @property
    def default_size(self) -> str:
        """The size of containers for which none was chosen."""
        return next(size.name for size in self.container_sizes if size.default)

    def stack(self, reference: str) -> Stack:
        """Return the stack of that id or name; raises KeyError."""
        return _named(self.stacks, reference)

    def size(self, reference: str) -> ContainerSize:
        """Return the container size of that id or name; raises KeyError."""
        return _named(self.container_sizes, reference)

    def provider(self, reference: str) -> Provider:
        """Return the provider of that id or name; raises KeyError."""
        return _named(self.addon_providers, reference)


def load(file: Path | None, running: Iterable[tuple[str, str]]) -> Catalogue:
    """Read the catalogue of a file, or else the project's own.

    Of a provider with data it offers the versions that run here: those that it names, or else all.
    """
    source = file or files(__package__).joinpath("catalogue.json")
    catalogue = Catalogue.model_validate_json(source.read_text())
    known = list(running)
    for provider in catalogue.addon_providers:
        if provider.engine:
            wanted, found = provider.versions, engines.versions(known, provider.engine)
            provider.versions = [version for version in found if not wanted or version in wanted]
    return catalogue


def _named(items: Iterable[Named], reference: str) -> Named:
    for item in items:
        if reference in (item.id, item.name):
            return item
    raise KeyError(reference)
