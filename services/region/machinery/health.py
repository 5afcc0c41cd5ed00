"""Whether web processes answer."""

from collections.abc import Iterable

import anyio
import httpx

from services.region.machinery import plain_http

_LOOK_AGAIN = 0.1  # seconds


async def answers(ports: Iterable[int], timeout_seconds: float) -> bool:
    """Return whether every port answers `GET /` with a status below 500 before the time-out."""
    with anyio.move_on_after(timeout_seconds):
        async with (
            plain_http.client(timeout_seconds) as client,
            anyio.create_task_group() as group,
        ):
            for port in ports:
                group.start_soon(_answers, client, port)
        return True
    return False


async def _answers(client: httpx.AsyncClient, port: int) -> None:
    while not await _answers_now(client, port):
        await anyio.sleep(_LOOK_AGAIN)


async def _answers_now(client: httpx.AsyncClient, port: int) -> bool:
    try:
        async with client.stream("GET", f"http://127.0.0.1:{port}/") as response:
            return response.status_code < httpx.codes.INTERNAL_SERVER_ERROR
    except httpx.TransportError:
        return False
