"""The port: everything storky asks of a region, one method per call.

Every call may raise RegionUnavailableError (ask again later) or RefusedError (asking again is of no use);
a mutating one also FencedError. What each call does is said in docs/region-api.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from events.inventory import Inventory
from events.vocabulary import AppRef
from regions import model


@dataclass(frozen=True)
class Grant:
    """In whose name a mutating call is made: a migration in its epoch. One key, one effect."""

    migration_id: UUID
    epoch: int
    key: str


@dataclass(frozen=True)
class Archive:
    """A dump to pull from another region. The URL is as good as a credential."""

    url: str
    digest: str
    size_bytes: int


@dataclass(frozen=True)
class AddonOrder:
    """An addon to provision, as the copy of the source's addon `source_id`."""

    provider_id: str
    plan_id: str
    version: str
    source_id: str


class Apps(Protocol):
    """Apps, their configuration and their processes."""

    async def app(self, app: str) -> model.App:
        """Return the app; raises NotFoundError."""
        ...

    async def create_app(self, app: str, like: model.App, source: AppRef, grant: Grant) -> model.App:
        """Create an app with the owner and the stack of another; RefusedError when the name is taken."""
        ...

    async def change_settings(self, app: str, like: model.App, grant: Grant) -> None:
        """Give the app the settings of another: sticky sessions, HTTPS alone, router logs."""
        ...

    async def set_limits(self, app: str, limits: model.Limits, grant: Grant) -> None:
        """Give the app limits of its own."""
        ...

    async def delete_app(self, app: str, grant: Grant) -> None:
        """Delete the app with all it has. Already gone is fine."""
        ...

    async def containers(self, app: str) -> tuple[model.Container, ...]:
        """Return the formation."""
        ...

    async def set_formation(self, app: str, containers: Sequence[model.Container], grant: Grant) -> None:
        """Write the formation; nothing is started."""
        ...

    async def variables(self, app: str) -> tuple[model.Variable, ...]:
        """Return the variables, unresolved."""
        ...

    async def set_variables(self, app: str, variables: Sequence[model.Variable], grant: Grant) -> None:
        """Add or replace variables by name; the others stay."""
        ...

    async def build(self, app: str) -> model.Build:
        """Return the running build with a fresh URL; raises NotFoundError when there is none."""
        ...

    async def import_build(self, app: str, build: model.Build, grant: Grant) -> model.Operation:
        """Start to make another region's build the app's own."""
        ...

    async def start_app(self, app: str, grant: Grant) -> model.Operation:
        """Start the formation; the operation is done when the app is healthy."""
        ...

    async def stop_app(self, app: str, grant: Grant) -> model.Operation:
        """Stop the formation and keep its amounts."""
        ...

    async def operation(self, app: str, operation_id: str) -> model.Operation:
        """Look at an operation."""
        ...

    async def stacks(self) -> tuple[model.Stack, ...]:
        """Return what builds can be made for here."""
        ...

    async def container_sizes(self) -> tuple[model.ContainerSize, ...]:
        """Return the sizes of containers that the region offers."""
        ...

    async def capacity(self) -> model.Capacity:
        """Return how much room the region has."""
        ...


class Surroundings(Protocol):
    """Who works on an app, where it is deployed from, who is told about it, and what scales it."""

    async def collaborators(self, app: str) -> tuple[model.Collaborator, ...]:
        """Return those who were invited, and those who have accepted."""
        ...

    async def add_collaborator(self, app: str, collaborator: model.Collaborator, grant: Grant) -> None:
        """Add somebody who has accepted elsewhere."""
        ...

    async def scm_link(self, app: str) -> model.ScmLink:
        """Return the repository it is deployed from; raises NotFoundError when there is none."""
        ...

    async def link_scm(self, app: str, link: model.ScmLink, grant: Grant) -> None:
        """Deploy the app from that repository."""
        ...

    async def event_types(self) -> tuple[model.Named, ...]:
        """Return the kinds of events that notifiers may select."""
        ...

    async def notification_platform(self, name: str) -> model.Named:
        """Return the platform of that name; raises NotFoundError."""
        ...

    async def notifiers(self, app: str) -> tuple[model.Notifier, ...]:
        """Return the app's notifiers."""
        ...

    async def add_notifier(self, app: str, notifier: model.Notifier, grant: Grant) -> model.Notifier:
        """Add a notifier as the copy of the source's `notifier.id`; all other ids are this region's."""
        ...

    async def alerts(self, app: str) -> tuple[model.Alert, ...]:
        """Return the app's alerts."""
        ...

    async def add_alert(self, app: str, alert: model.Alert, grant: Grant) -> model.Alert:
        """Add an alert as the copy of the source's `alert.id`; its notifiers are this region's."""
        ...

    async def autoscalers(self, app: str) -> tuple[model.Autoscaler, ...]:
        """Return the app's autoscalers."""
        ...

    async def add_autoscaler(self, app: str, autoscaler: model.Autoscaler, grant: Grant) -> None:
        """Add an autoscaler."""
        ...

    async def log_drains(self, app: str, addon_id: str | None = None) -> tuple[model.LogDrain, ...]:
        """Return the log drains of the app, or of one of its addons."""
        ...

    async def add_log_drain(
        self, app: str, drain: model.LogDrain, grant: Grant, addon_id: str | None = None
    ) -> None:
        """Send the log of the app, or of one of its addons, there too."""
        ...


class Addons(Protocol):
    """Addons and their data."""

    async def providers(self) -> tuple[model.Provider, ...]:
        """Return the kinds of addons the region offers."""
        ...

    async def plans(self, provider: str) -> tuple[model.Plan, ...]:
        """Return a provider's plans."""
        ...

    async def addons(self, app: str) -> tuple[model.Addon, ...]:
        """Return the app's addons."""
        ...

    async def addon(self, app: str, addon_id: str) -> model.Addon:
        """Return one addon; raises NotFoundError."""
        ...

    async def add_addon(self, app: str, order: AddonOrder, grant: Grant) -> model.Addon:
        """Provision an addon; it is usable once its status is `running`."""
        ...

    async def start_backup(self, addon_id: str, grant: Grant) -> model.Backup:
        """Start a backup of an addon's data."""
        ...

    async def backup(self, addon_id: str, backup_id: str) -> model.Backup:
        """Look at a backup."""
        ...

    async def backup_url(self, addon_id: str, backup_id: str) -> str:
        """Return a fresh, short-lived URL of the backup's archive."""
        ...

    async def restore(self, app: str, addon_id: str, archive: Archive, grant: Grant) -> model.Operation:
        """Start to restore a dump into a freshly created database."""
        ...

    async def fingerprint(self, app: str, addon_id: str, grant: Grant) -> model.Operation:
        """Start to fingerprint the contents; the result has `contents`."""
        ...


class Traffic(Protocol):
    """Domains, and who serves the app's visitors."""

    async def front(self) -> model.Front:
        """Return where the region takes in traffic."""
        ...

    async def domains(self, app: str) -> tuple[model.Domain, ...]:
        """Return the custom domains."""
        ...

    async def certificate(self, app: str, domain_id: str) -> model.Certificate:
        """Return a domain's certificate with its key; raises NotFoundError when there is none."""
        ...

    async def add_domain(
        self, app: str, domain: model.Domain, certificate: model.Certificate | None, grant: Grant
    ) -> model.Domain:
        """Add a custom domain, with its certificate if it has one."""
        ...

    async def hand_over(self, app: str, handover: model.Handover, grant: Grant) -> None:
        """Send the app's traffic to another region; returns once the front does it."""
        ...

    async def take_back(self, app: str, grant: Grant) -> None:
        """End the hand-over. None there is fine."""
        ...

    async def mark_migrated(self, app: str, destination: AppRef, grant: Grant) -> None:
        """Make the app read-only for good: it lives elsewhere now."""
        ...


class Fencing(Protocol):
    """What keeps everyone but one epoch of one migration away."""

    async def freeze(self, app: str, destination: AppRef, grant: Grant) -> Inventory:
        """Freeze the app that is to move, and return what there is.

        Raises RegionUnavailableError while it still deploys.
        """
        ...

    async def unfreeze(self, app: str, grant: Grant) -> None:
        """Give the app back as it was. Not frozen is fine."""
        ...

    async def fence(self, grant: Grant) -> None:
        """Refuse all lower epochs of the migration from now on, and return once their work has ended."""
        ...

    async def resources(self, migration_id: UUID) -> tuple[model.Resource, ...]:
        """Return what exists here because the migration made it."""
        ...


class Region(Apps, Surroundings, Addons, Traffic, Fencing, Protocol):
    """A region of the platform."""

    name: str
