"""What the parts of the driver have in common."""

from collections.abc import Mapping

from regions import model
from regions.port import Archive, Grant
from regions.transport import Transport


class Calls:
    """Some of a region's calls, over one client."""

    _http: Transport

    async def _start(self, url: str, body: Mapping[str, object], grant: Grant) -> model.Operation:
        return await self._http.post(url, body, "operation", model.Operation, grant)


def pulled(file: Archive | model.Build) -> dict[str, object]:
    """Return the body's part that says where to pull a file from, and how to know it again."""
    return {"source_url": file.url, "digest": file.digest, "size_bytes": file.size_bytes}
