"""Times and amounts as people read them, in the terminal and in the console alike."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from rich.filesize import decimal


class Measured(Protocol):
    """How far a task is; None for what is not known."""

    bytes: int
    total_bytes: int | None
    rows: int | None
    total_rows: int | None
    eta_seconds: int | None


def moment(at: datetime) -> str:
    """Return a point in time."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def span(seconds: float, decimals: int = 0) -> str:
    """Return a length of time."""
    minutes, rest = divmod(max(seconds, 0.0), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:.0f} h {minutes:.0f} min"
    return f"{minutes:.0f} min {rest:.0f} s" if minutes else f"{rest:.{decimals}f} s"


def how_far(progress: Measured | None) -> str:
    """Return what is done, of how much, and how long the rest may take; what is not known is left out."""
    if progress is None:
        return ""
    parts = []
    if progress.bytes or progress.total_bytes:
        parts.append(_of(decimal(progress.bytes), progress.total_bytes, decimal))
    if progress.rows is not None:
        parts.append(_of(f"{progress.rows:,}", progress.total_rows, "{:,}".format) + " rows")
    if progress.eta_seconds is not None:
        parts.append(f"about {span(progress.eta_seconds)} left")
    return ", ".join(parts)


def _of(done: str, total: int | None, shown: Callable[[int], str]) -> str:
    return done if total is None else f"{done} of {shown(total)}"
