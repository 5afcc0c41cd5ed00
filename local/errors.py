"""How starting something on this machine fails. Every text says what to do, or shows why."""


class LocalError(Exception):
    """What a person who started something has to read."""


class MissingServerError(LocalError):
    """A server program is not installed."""


class StartError(LocalError):
    """A program ended, or was not ready in time. The text ends with the last lines of its log."""


class InUseError(LocalError):
    """Another system runs in the directory."""
