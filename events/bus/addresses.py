"""The addresses of direct replies: which of them the broker has made, and which a publisher has made up."""

import re
from base64 import b64decode

from events.bus.topology import REPLIES

_PREFIX = f"{REPLIES}."
_PROCESS = b"\x83Xv"  # so an Erlang term begins, in it a process id, in that a text
_LENGTH = slice(3, 5)  # of the text: the name of the node
_NODE = re.compile(rb"reply@[0-9]+")
_NUMBERS = 12  # bytes behind it


def is_broker_made(address: str) -> bool:
    """Tell whether this is how RabbitMQ names a channel: `<prefix>.<process id>.<key>`, both in base 64.

    It reads a reply's address as a term of Erlang; where that fails it ends the connection of who replies.
    """
    process, _, key = address.removeprefix(_PREFIX).partition(".")
    try:
        term, _ = b64decode(process, validate=True), b64decode(key, validate=True)
    except ValueError:
        return False
    node = term[_LENGTH.stop : _LENGTH.stop + int.from_bytes(term[_LENGTH])]
    named = term.startswith(_PROCESS) and _NODE.fullmatch(node) is not None
    return address.startswith(_PREFIX) and named and len(term) == _LENGTH.stop + len(node) + _NUMBERS
