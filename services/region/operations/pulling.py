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
    settings, arguments = work.region.settings, work.arguments
    await downloads.fetch(
        arguments["source_url"],
        to,
        allowed=settings.origins,
        digest=arguments["digest"],
        size_bytes=arguments["size_bytes"],
        largest=settings.largest_upload_bytes,
    )
