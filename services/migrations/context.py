"""What a decision may know beside the migration itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from events.facts import PlatformRegistered
from events.vocabulary import AppRef, Step


@dataclass(frozen=True)
class Context:
    """Who asks, and the rules that hold at this moment.

    `policy` is that of the publisher, if it is a registered platform; `approvals` are the steps that wait for
    a second person.
    """

    publisher: str
    regions: frozenset[str]
    on_behalf_of: str | None = None
    claims: Mapping[AppRef, UUID] = field(default_factory=dict)
    policy: PlatformRegistered | None = None
    approvals: frozenset[Step] = frozenset()

    @property
    def person(self) -> str:
        """Who is behind the command: the gateway's user, or the platform itself."""
        return self.on_behalf_of or self.publisher
