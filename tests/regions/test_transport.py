"""What becomes of a call when there is no answer, or one that is none."""

from collections.abc import AsyncIterator

import anyio
import pytest
from anyio.abc import SocketStream

from local.ports import free_port
from regions.errors import RegionUnavailableError
from regions.http import HttpRegion
from regions.transport import path

pytestmark = pytest.mark.anyio


@pytest.fixture
async def stranger() -> AsyncIterator[int]:
    """The port of a server that answers every call with a success that is not a region's."""

    async def answer(client: SocketStream) -> None:
        async with client:
            await client.receive()
            await client.send(
                b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\nConnection: close\r\n\r\n<html></html>"
            )

    port = free_port()
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=port)
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, answer)
        yield port
        tasks.cancel_scope.cancel()


async def failing(port: int) -> RegionUnavailableError:
    region = HttpRegion("osc-fr1", f"http://127.0.0.1:{port}", "credential")
    with pytest.raises(RegionUnavailableError) as caught:
        await region.front()
    await region.aclose()
    return caught.value


async def test_nobody_listens() -> None:
    assert (await failing(free_port())).code == "region_unreachable"


async def test_an_answer_that_no_region_gives_is_a_passing_failure(stranger: int) -> None:
    assert (await failing(stranger)).code == "region_answer_invalid"


def test_an_id_cannot_climb_out_of_its_place() -> None:
    assert path("v1", "apps", "../../x?y#z") == "/v1/apps/..%2F..%2Fx%3Fy%23z"
