from pathlib import Path

import httpx
import pytest

from local.caddy import CaddyServer
from tests.local.processes import using

pytestmark = pytest.mark.anyio


async def test_a_restart_serves_what_was_posted_last(tmp_path: Path) -> None:
    server = CaddyServer(tmp_path)
    await server.start()
    async with httpx.AsyncClient() as client:
        (await client.post(f"{server.admin_url}/load", json=_says(server, "hello"))).raise_for_status()
    await server.stop()
    assert using(tmp_path) == set()

    again = CaddyServer(tmp_path)
    await again.start()
    async with httpx.AsyncClient() as client:
        assert (await client.get(again.front_url)).text == "hello"
    await again.stop()


def _says(server: CaddyServer, text: str) -> object:
    route = {"handle": [{"handler": "static_response", "body": text}]}
    front = {
        "listen": [server.front_url.removeprefix("http://")],
        "routes": [route],
        "automatic_https": {"disable": True},
    }
    return {"apps": {"http": {"servers": {"front": front}}}}
