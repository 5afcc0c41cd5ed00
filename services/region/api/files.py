"""Files behind signed links: sources go up, sources, builds and backups come down."""

# ruff: noqa: FAST003 - dependencies read the path

from pathlib import Path
from typing import Annotated, Literal

import anyio
from anyio import AsyncFile
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import FileResponse, PlainTextResponse

from services.region.api.dependencies import ThisRegion
from services.region.api.errors import missing, refused
from services.region.links import Kind, Use
from services.region.machinery.app_logs import is_of
from services.region.machinery.files import replacing
from services.region.region import Region

MOST_LINES = 10_000  # of a log; who asks for more is given these

router = APIRouter()


def _refuse_unsigned(request: Request, region: Region, kind: Kind, name: str, token: str) -> None:
    use: Use = "PUT" if request.method == "PUT" else "GET"
    if not region.links.allows(use, kind, name, token):
        raise refused(403, "link_refused", "this link is not valid, or no more; ask for a new one")


def _file(
    request: Request, region: ThisRegion, kind: Literal["builds", "backups"], name: str, token: str = ""
) -> Path:
    _refuse_unsigned(request, region, kind, name, token)
    storage = region.storage
    return storage.build_archive(name) if kind == "builds" else storage.backup(name)


def _source(request: Request, region: ThisRegion, name: str, token: str = "") -> Path:
    _refuse_unsigned(request, region, "sources", name, token)
    return region.storage.source(name)


def _log(request: Request, region: ThisRegion, name: str, token: str = "") -> str:
    _refuse_unsigned(request, region, "logs", name, token)
    return name


SignedLog = Annotated[str, Depends(_log)]
SignedFile = Annotated[Path, Depends(_file)]
SignedSource = Annotated[Path, Depends(_source)]


@router.get("/files/logs/{name}", response_class=PlainTextResponse)
async def log(
    app_id: SignedLog,
    region: ThisRegion,
    n: Annotated[int, Query(ge=0)] = 100,
    containers: Annotated[str, Query(alias="filter")] = "",
) -> PlainTextResponse:
    """Return the last lines that an app's containers printed; the filter is such as `web|worker-1`."""
    lines = await anyio.to_thread.run_sync(region.containers.log, app_id, MOST_LINES)
    kept = [line for line in lines if is_of(line, containers)]
    return PlainTextResponse("".join(f"{line}\n" for line in kept[max(0, len(kept) - n) :]))


@router.get("/files/sources/{name}", response_class=FileResponse)
async def download_source(file: SignedSource) -> Response:
    """Send an archive that was uploaded."""
    return _sent(file)


@router.get("/files/{kind}/{name}", response_class=FileResponse)
async def download(file: SignedFile) -> Response:
    """Send a build, or a backup."""
    return _sent(file)


@router.put("/files/sources/{name}", response_class=Response)
async def upload(file: SignedSource, request: Request, region: ThisRegion) -> Response:
    """Take an archive that is to be deployed, up to the region's limit."""
    async with replacing(file) as output:
        await _receive(request, output, region.settings.largest_upload_bytes)
    return Response()


def _sent(file: Path) -> Response:
    if not file.is_file():
        raise missing("file")
    return FileResponse(file, media_type="application/octet-stream")


async def _receive(request: Request, output: AsyncFile[bytes], largest: int) -> None:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > largest:
            raise refused(413, "too_large", f"at most {largest} bytes are accepted")
        await output.write(chunk)
