"""How starting something on this machine fails. Every text says what to do, or shows why."""

from collections.abc import Iterator


class LocalError(Exception):
    """What a person who started something has to read."""


class MissingServerError(LocalError):
    """A server program is not installed."""


class StartError(LocalError):
    """A program ended, or was not ready in time. The text ends with the last lines of its log."""


class MovedError(LocalError):
    """A directory is not where its server was first started."""


class InUseError(LocalError):
    """Another system runs in the directory."""


def sentences(failures: BaseExceptionGroup[BaseException]) -> Iterator[str]:
    """Yield what each failure of a group says, however deep it stands in it."""
    for failure in failures.exceptions:
        if isinstance(failure, BaseExceptionGroup):
            yield from sentences(failure)
        else:
            yield str(failure) or type(failure).__name__
