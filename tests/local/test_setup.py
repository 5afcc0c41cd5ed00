"""What the set-up says where it can install nothing."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from services.common.settings import read
from services.region.settings import Settings

SERVERS = Path(__file__).parents[2] / "local" / "setup" / "servers.sh"
REDIS, RABBITMQ = "apt-get install redis-server", "apt-get install rabbitmq-server"
CHROMIUM, CLIENTS = "apt-get install chromium", "apt-get install amqp-tools jq"


def set_up(environment: Mapping[str, str], *purpose: str) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", str(SERVERS), *purpose]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_nothing_is_done_where_everything_is_there() -> None:
    done = set_up(os.environ, "for-tests")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_is_missing_and_cannot_be_installed_is_told(tmp_path: Path) -> None:
    nothing = {"PATH": str(tmp_path)}
    failed = set_up(nothing)
    assert failed.returncode == 1
    assert f"type '{REDIS}' as root" in failed.stderr
    assert f"type '{RABBITMQ}' as root" in failed.stderr
    given = set_up({**nothing, "STORKY_AMQP_URLS": "[]"})
    assert given.returncode == 1
    assert REDIS in given.stderr
    assert RABBITMQ not in given.stderr


def test_a_browser_is_needed_for_the_tests_only(tmp_path: Path) -> None:
    nothing = {"PATH": str(tmp_path)}
    assert CHROMIUM not in set_up(nothing).stderr
    assert f"type '{CHROMIUM}' as root" in set_up(nothing, "for-tests").stderr
    assert CHROMIUM not in set_up({**nothing, "STORKY_CHROMIUM": "/opt/browser"}, "for-tests").stderr


def test_the_clients_of_the_examples_are_needed_for_the_tests_only(tmp_path: Path) -> None:
    nothing = {"PATH": str(tmp_path)}
    assert CLIENTS not in set_up(nothing).stderr
    assert f"type '{CLIENTS}' as root" in set_up(nothing, "for-tests").stderr


def test_a_region_without_redis_says_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=f"STORKY_REGION_REDIS_BIN: .*type `{REDIS}` as root"):
        read(Settings)
