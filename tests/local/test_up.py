import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from local.services import SERVICES
from tests.local.processes import using, wait_until_unused

STORKY = Path(sys.executable).with_name("storky")


def test_up_keeps_everything_in_its_directory_and_ends_everything(tmp_path: Path) -> None:
    with up(tmp_path) as first:
        before = endpoints(tmp_path, first)
        assert {service.name for service in SERVICES} < before["processes"].keys()
        for private in ("endpoints.json", "operator-key.pem"):
            assert (tmp_path / private).stat().st_mode & 0o777 == 0o600
        create_app(before)
        assert_refused_a_second_time(tmp_path)
        first.send_signal(signal.SIGTERM)
        wait_until_gone(tmp_path / "endpoints.json", first)
        first.send_signal(signal.SIGINT)  # an impatient user's
        assert first.wait(60) == 0
    assert using(tmp_path) == set()

    with up(tmp_path) as second:
        after = endpoints(tmp_path, second)
        assert {**after, "processes": None} == {**before, "processes": None}
        assert app_exists(after)
        second.kill()
    wait_until_unused(tmp_path)


@contextmanager
def up(directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([STORKY, "up", "--dir", directory]) as process:
        try:
            yield process
        finally:
            process.terminate()


def endpoints(directory: Path, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    deadline = time.monotonic() + 90
    while not (file := directory / "endpoints.json").exists():
        assert process.poll() is None, "storky up has ended"
        assert time.monotonic() < deadline, "storky up was not ready in time"
        time.sleep(0.1)
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def wait_until_gone(file: Path, process: subprocess.Popen[bytes]) -> None:
    while file.exists() and process.poll() is None:
        time.sleep(0.05)


def assert_refused_a_second_time(directory: Path) -> None:
    refused = subprocess.run([STORKY, "up", "--dir", directory], check=False, capture_output=True, text=True)
    assert refused.returncode == 1
    assert f"already running in {directory}" in refused.stderr


def create_app(at: dict[str, Any]) -> None:
    with client(at) as gateway:
        gateway.post("/agora-fr1/v1/apps", json={"app": {"name": "kept"}}).raise_for_status()


def app_exists(at: dict[str, Any]) -> bool:
    with client(at) as gateway:
        return gateway.get("/agora-fr1/v1/apps/kept").is_success


def client(at: dict[str, Any]) -> httpx.Client:
    exchanged = httpx.post(f"{at['gateway']}/v1/tokens/exchange", auth=("", at["tokens"]["owner"]), json={})
    authorization = {"Authorization": f"Bearer {exchanged.json()['token']}"}
    return httpx.Client(base_url=at["gateway"], headers=authorization)
