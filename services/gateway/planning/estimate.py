"""For how long the app will be stopped, judged by how long the same tasks took before. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from projections.status import Timing

MEGABYTE = 1_000_000
LITTLE = MEGABYTE  # a task with less data tells what it takes at the least, one with more how fast it is

# What is taken for granted until it was measured: bytes per second of a small server, on which one core
# compresses rows, writes rows and their indexes, or reads rows.
ASSUMED_RATES: Mapping[str, float] = {
    "back-up-database": 20 * MEGABYTE,
    "restore-database": 10 * MEGABYTE,
    "verify-database": 40 * MEGABYTE,
}
# Seconds with next to no data: a region gives containers ten to end, and most apps answer within ten.
ASSUMED_LEAST: Mapping[str, float] = {
    "stop-source": 10,
    "back-up-database": 1,
    "restore-database": 1,
    "verify-database": 1,
    "start-new-app": 10,
    "hand-over": 1,
}
MOVING = tuple(ASSUMED_RATES)  # for each database, one after the other; databases side by side
STANDSTILL = tuple(name for name in ASSUMED_LEAST if name not in ASSUMED_RATES)
TIMED = tuple(ASSUMED_LEAST)


@dataclass(frozen=True)
class Pace:
    """How long the tasks of one name take: `least` seconds, and one more for each `rate` bytes."""

    least: float
    rate: float
    measured_from: int
    assumed: str | None

    def seconds(self, size_bytes: int = 0) -> float:
        """Return how long it takes with this much data."""
        return self.least + size_bytes / self.rate


@dataclass(frozen=True)
class Estimate:
    """Seconds: how long each database takes, by its addon's id, and how long the app will be stopped."""

    databases: Mapping[str, int]
    stop_seconds: int
    measured_from: int
    assumed: Sequence[str]


def estimate(sizes: Mapping[str, int | None], timings: Sequence[Timing]) -> Estimate:
    """Return the estimate for databases of these sizes (None: unknown), by their addons' ids."""
    paces = {name: _pace(name, timings) for name in (*STANDSTILL, *(MOVING if sizes else ()))}
    databases = {
        addon: sum(paces[name].seconds(size or 0) for name in MOVING) for addon, size in sizes.items()
    }
    stopped = sum(paces[name].seconds() for name in STANDSTILL) + max(databases.values(), default=0)
    unknown = [f"The size of {addon} is not known: 0 bytes." for addon, size in sizes.items() if size is None]
    return Estimate(
        databases={addon: math.ceil(seconds) for addon, seconds in databases.items()},
        stop_seconds=math.ceil(stopped),
        measured_from=sum(pace.measured_from for pace in paces.values()),
        assumed=[pace.assumed for pace in paces.values() if pace.assumed] + unknown,
    )


def _pace(name: str, timings: Iterable[Timing]) -> Pace:
    own = [timing for timing in timings if timing.name == name]
    short = [timing.seconds for timing in own if timing.size_bytes < LITTLE]
    rates = [each.size_bytes / each.seconds for each in own if each.size_bytes >= LITTLE and each.seconds > 0]
    rate = median(rates) if rates else ASSUMED_RATES.get(name, math.inf)
    least = median(short) if short else ASSUMED_LEAST[name]
    return Pace(least, rate, len(short) + len(rates), _assumed(name, least, rate, short or rates))


def _assumed(name: str, least: float, rate: float, measured: Sequence[float]) -> str | None:
    if measured:
        return None
    pace = "" if math.isinf(rate) else f" and a second for each {rate / MEGABYTE:.0f} MB"
    return f"{name} takes {least:.0f} s{pace}: none was measured yet."
