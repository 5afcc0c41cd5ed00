import socket
import subprocess
import sys
from pathlib import Path

from local import kept
from local.ports import free_port


def test_no_two_callers_are_given_the_same_port() -> None:
    program = "from local.ports import free_port; print([free_port() for _ in range(60)])"
    commands = [sys.executable, "-c", f"import time; {program}; time.sleep(0.5)"]
    others = [subprocess.Popen(commands, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    ports = [free_port() for _ in range(60)]
    for other in others:
        ports += [int(port) for port in other.communicate()[0].strip("[]\n").split(",")]
    assert len(ports) == len(set(ports)) == 240


def test_a_port_that_was_kept_is_given_to_nobody_else(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    choose = f"from pathlib import Path; from local import kept; kept.ports(Path({str(file)!r}), ['one'])"
    subprocess.run([sys.executable, "-c", choose], check=True)
    first = kept.ports(file, ["one"])["one"] // 50 * 50
    ask = f"from local import ports; ports._FIRST, ports._END = {first}, {first + 50}; ports.free_port()"
    refused = subprocess.run([sys.executable, "-c", ask], check=False, capture_output=True, text=True)
    assert f"no free port on 127.0.0.1 between {first} and {first + 50}" in refused.stderr


def test_a_port_in_use_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        assert server.getsockname()[1] not in {free_port() for _ in range(100)}
