"""Durations as the public API's clients write them: `5m30s`, or a number of nanoseconds."""

import re
from decimal import Decimal

_UNITS = {"h": 3600 * 10**9, "m": 60 * 10**9, "s": 10**9, "ms": 10**6, "us": 10**3, "µs": 10**3, "ns": 1}
_PART = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)(ms|us|µs|ns|h|m|s)")
_WHOLE = re.compile(rf"(?:{_PART.pattern})+")
WRITTEN = rf"^({_WHOLE.pattern})?$"  # what nanoseconds takes of texts


def nanoseconds(written: object) -> object:
    """Return how many nanoseconds a text stands for, none at all for an empty one; raises ValueError.

    What is no text is returned as it is.
    """
    if not isinstance(written, str):
        return written
    if not written:
        return 0
    if not _WHOLE.fullmatch(written):
        raise ValueError("write a duration such as 5m30s")
    return int(sum(Decimal(number) * _UNITS[unit] for number, unit in _PART.findall(written)))


def text(duration: int) -> str:
    """Return a duration, given in nanoseconds, in hours, minutes and seconds; `0s` for none."""
    minutes, rest = divmod(duration, _UNITS["m"])
    hours, minutes = divmod(minutes, 60)
    seconds = format((Decimal(rest) / _UNITS["s"]).normalize(), "f")
    if hours:
        return f"{hours}h{minutes}m{seconds}s"
    return f"{minutes}m{seconds}s" if minutes else f"{seconds}s"
