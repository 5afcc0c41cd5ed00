"""What is read of both regions for a plan. A user sees less of an app than storky's own service does."""

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from events.vocabulary import AppRef
from regions import model
from regions.model import Answer
from services.gateway.settings import Region


class App(model.App):
    """An app with its addresses."""

    git_url: str = ""


class Running(Answer):
    """A container that runs now."""

    type: str


class Pagination(Answer):
    """How many there are in all."""

    total_count: int


class Meta(Answer):
    """What stands beside a list of which one page was asked for."""

    pagination: Pagination


class Addon(model.Addon):
    """An addon, and how much hangs on it; `backups` is None where they could not be counted."""

    log_drains: int = 0
    backups: int | None = None

    @property
    def title(self) -> str:
        """What people call it."""
        return " ".join(
            filter(None, (self.addon_provider.name, self.version, f"({self.plan.name})", self.id))
        )


class Source(Answer):
    """The app as it is. Of what is only counted, nothing is kept that could be shown."""

    app: App
    containers: tuple[model.Container, ...] = ()
    running: tuple[Running, ...] = ()
    variables: tuple[model.Variable, ...] = ()
    collaborators: tuple[model.Collaborator, ...] = ()
    scm_link: dict[str, Any] | None = Field(default=None, repr=False)
    domains: tuple[model.Domain, ...] = ()
    notifiers: tuple[Any, ...] = Field(default=(), repr=False)
    alerts: tuple[Any, ...] = Field(default=(), repr=False)
    log_drains: tuple[Any, ...] = Field(default=(), repr=False)
    autoscalers: tuple[Any, ...] = Field(default=(), repr=False)
    addons: tuple[Addon, ...] = ()
    deployments: Meta | None = None

    @property
    def provided(self) -> frozenset[str]:
        """The names of the variables that addons provide, by the addons and by the region's own mark."""
        named = {name for addon in self.addons for name in addon.variables}
        return frozenset(named | {variable.name for variable in self.variables if variable.addon_id})

    @property
    def accepted(self) -> int:
        """How many collaborators have accepted."""
        return sum(each.status == "accepted" for each in self.collaborators)


class Destination(Answer):
    """The addons that a region offers: providers, and the plans of each by its id."""

    providers: tuple[model.Provider, ...] = ()
    plans: dict[str, tuple[model.Plan, ...] | None] = Field(default_factory=dict)

    def lacks(self, addon: Addon) -> str | None:
        """Return what of the addon the region does not offer, None if it offers all of it."""
        wanted = addon.addon_provider
        provider = next((each for each in self.providers if each.id == wanted.id), None)
        if provider is None:
            return f"does not offer {wanted.name}"
        if addon.plan.name not in {plan.name for plan in self.plans.get(wanted.id) or ()}:
            return f"does not offer the plan {addon.plan.name} of {wanted.name}"
        if addon.version and addon.version not in provider.versions:
            return f"does not offer {wanted.name} {addon.version}"
        return None


@dataclass(frozen=True)
class End:
    """One end of a migration: the app's name there, and the region as the settings have it."""

    ref: AppRef
    at: Region

    @property
    def host(self) -> str:
        """The app's address there."""
        return f"{self.ref.app}.{self.at.domain}"
