"""How archives fail."""

from events.store.errors import LogError, LogUnavailableError


class ArchiveError(LogError):
    """Nothing was archived."""


class ArchiveAwayError(LogUnavailableError):
    """Events are in an archive that cannot be read; the text says which."""
