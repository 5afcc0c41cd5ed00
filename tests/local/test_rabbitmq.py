from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx
import pytest

from local import rabbitmq
from local.errors import MissingServerError, MovedError
from local.rabbitmq import RabbitmqServer
from tests.local.processes import parent, using, wait_until_unused

pytestmark = pytest.mark.anyio


PARENT = """
    import sys, anyio
    from pathlib import Path
    from local.rabbitmq import RabbitmqServer

    async def main():
        await RabbitmqServer(Path(sys.argv[1])).start()
        print("running", flush=True)
        await anyio.sleep_forever()

    anyio.run(main)
"""


async def test_a_queue_survives_a_restart_and_a_kill_and_a_node_does_not_outlive_its_parent(
    tmp_path: Path,
) -> None:
    server = RabbitmqServer(tmp_path)
    await server.start()
    async with _management(server) as api:
        declared = await api.put("/queues/%2F/kept", json={"durable": True})
        declared.raise_for_status()
        message = {"routing_key": "kept", "payload": "hello", "payload_encoding": "string"}
        await api.post("/exchanges/%2F//publish", json=message | {"properties": {"delivery_mode": 2}})
    await server.stop()
    assert using(tmp_path) == set()

    # Only what the broker had time to write survives a kill: it was, at the latest, when it stopped.
    with parent(PARENT, tmp_path):
        assert await _kept(RabbitmqServer(tmp_path)) == ["hello"]
    wait_until_unused(tmp_path)

    again = RabbitmqServer(tmp_path)
    try:
        await again.start()
        assert await _kept(again) == ["hello"]
        assert again.amqp_url("a", "b") == server.amqp_url("a", "b")
    finally:
        await again.kill()
        await again.stop()


async def _kept(server: RabbitmqServer) -> list[str]:
    """Return what the queue holds, once it is there: it may recover later than the node answers."""
    ask = {"count": 1, "ackmode": "ack_requeue_true", "encoding": "auto"}
    with anyio.fail_after(30):
        async with _management(server) as api:
            while not (answer := await api.post("/queues/%2F/kept/get", json=ask)).is_success:
                await anyio.sleep(0.1)
    return [message["payload"] for message in answer.json()]


async def test_a_missing_broker_says_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rabbitmq, "_PACKAGE", tmp_path)
    with pytest.raises(MissingServerError, match="apt-get install rabbitmq-server"):
        await RabbitmqServer(tmp_path).start()


@asynccontextmanager
async def _management(server: RabbitmqServer) -> AsyncIterator[httpx.AsyncClient]:
    credentials = (server.admin_user, server.admin_password)
    async with httpx.AsyncClient(base_url=f"{server.management_url}/api", auth=credentials) as api:
        yield api


async def test_data_that_was_moved_is_refused_with_the_place_it_belongs_to(tmp_path: Path) -> None:
    moved = RabbitmqServer(tmp_path)
    (tmp_path / "path").write_text("/where/it/was")
    with pytest.raises(MovedError, match="move it back to there") as refusal:
        await moved.start()
    assert "/where/it/was" in str(refusal.value)
