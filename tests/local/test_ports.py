import socket
import subprocess
import sys

from local.ports import free_port


def test_no_two_callers_are_given_the_same_port() -> None:
    program = "from local.ports import free_port; print([free_port() for _ in range(60)])"
    commands = [sys.executable, "-c", f"import time; {program}; time.sleep(0.5)"]
    others = [subprocess.Popen(commands, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    ports = [free_port() for _ in range(60)]
    for other in others:
        ports += [int(port) for port in other.communicate()[0].strip("[]\n").split(",")]
    assert len(ports) == len(set(ports)) == 240


def test_a_port_in_use_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        assert server.getsockname()[1] not in {free_port() for _ in range(100)}
