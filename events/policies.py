"""The policies of internal platforms, as their events left them."""

from collections.abc import Iterable

from events.facts import Fact, PlatformRegistered, PlatformRemoved


def policy_of(history: Iterable[Fact]) -> PlatformRegistered | None:
    """Return the policy after these events of a platform's stream, None if it is not registered."""
    policy: PlatformRegistered | None = None
    for fact in history:
        match fact:
            case PlatformRegistered():
                policy = fact
            case PlatformRemoved():
                policy = None
    return policy
