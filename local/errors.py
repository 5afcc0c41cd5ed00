"""How starting something on this machine fails."""


class MissingServerError(Exception):
    """A server program is not installed. The text says what to type."""


class StartError(Exception):
    """A program ended, or was not ready in time. The text ends with the last lines of its log."""
