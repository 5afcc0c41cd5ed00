"""Events that have left the log's table, in Parquet files that keep the chain whole.

Reading is for everybody (`Archive`), writing for the operator's command (`writer.archive`).
"""

from events.store.archive.errors import ArchiveAwayError, ArchiveError
from events.store.archive.reader import Archive

__all__ = ["Archive", "ArchiveAwayError", "ArchiveError"]
