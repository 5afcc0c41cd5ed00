"""Free TCP ports of 127.0.0.1, never the same one for two programs that start at the same time.

A port that was found free is bound by somebody else only later. So each process takes its ports from a block
that it holds alone: it binds the block's name as an abstract Unix socket, which the kernel frees when the
process ends. All ports lie below those the kernel gives to outgoing connections.
"""

import random
import socket
from collections.abc import Iterator

_FIRST, _END, _BLOCK = 10_000, 32_000, 50


def free_port() -> int:
    """Return a port that nothing listens on, and that no other caller is given meanwhile."""
    return next(_ports)


def hold(port: int) -> None:
    """Let nobody else be given a port that an earlier process was given, for as long as this one lives.

    Whoever was given its neighbours meanwhile keeps them.
    """
    _claimed(port - (port - _FIRST) % _BLOCK)


def _every_port() -> Iterator[int]:
    blocks = list(range(_FIRST, _END, _BLOCK))
    random.shuffle(blocks)
    for block in blocks:
        if _claimed(block):
            yield from (port for port in range(block, block + _BLOCK) if _is_free(port))
    raise OSError(f"no free port on 127.0.0.1 between {_FIRST} and {_END}")


def _claimed(block: int) -> bool:
    guard = socket.socket(socket.AF_UNIX)
    try:
        guard.bind(f"\0storky-ports-{block}")
    except OSError:
        guard.close()
        return False
    guard.detach()  # held until this process ends
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port whose last connections are only fading away is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


_ports = _every_port()
