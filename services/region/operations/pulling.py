"""Pull a file from another region, with patience for a moment's trouble."""

from pathlib import Path

import stamina

from services.region.machinery import downloads
from services.region.machinery.downloads import DownloadError, SourceUnavailableError
from services.region.operations.work import OperationFailedError, Work

PATIENCE = 30.0  # seconds


async def pull(work: Work, to: Path) -> None:
    """Download the file that the arguments describe; raises OperationFailedError."""
    try:
        async for attempt in stamina.retry_context(
            on=SourceUnavailableError, attempts=5, timeout=PATIENCE, wait_max=5.0
        ):
            with attempt:
                await _fetch(work, to)
    except DownloadError as error:
        raise OperationFailedError(error.code, str(error)) from None


async def _fetch(work: Work, to: Path) -> None:
    size_bytes = work.arguments["size_bytes"]
    await downloads.fetch(
        work.arguments["source_url"],
        to,
        allowed=work.region.settings.origins,
        digest=work.arguments["digest"],
        size_bytes=size_bytes,
        largest=size_bytes,
        progress=work.progress,
    )
