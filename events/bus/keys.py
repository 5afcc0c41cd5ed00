"""The routing keys of events, and what a subscription's pattern matches among them."""

from collections.abc import Sequence
from itertools import product

from events.bus.topology import event_key
from events.catalogue import FACTS
from events.vocabulary import Service, Step


def event_keys() -> list[str]:
    """Return every routing key that an event can have."""
    return [event_key(*parts) for parts in product(FACTS, (None, *Step), (None, *Service))]


def matches(pattern: str, key: str) -> bool:
    """Tell whether a topic exchange would route the key by this pattern (* is one word, # any number)."""
    return _matches(pattern.split("."), key.split("."))


def _matches(pattern: Sequence[str], words: Sequence[str]) -> bool:
    if not pattern:
        return not words
    first, *rest = pattern
    if first == "#":
        return any(_matches(rest, words[taken:]) for taken in range(len(words) + 1))
    return bool(words) and first in ("*", words[0]) and _matches(rest, words[1:])
