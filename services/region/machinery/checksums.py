"""Checksums of many items in no order.

Two 64-bit pieces of each item's sha256 are summed (so the order of the items does not matter), and the sums
are hashed once more. Two collections that differ by accident have equal checksums with a probability of about
2**-128. It guards against losing data, not against forging it: somebody may construct items whose hashes have
the same sum.
"""

import json
from collections.abc import Sequence
from hashlib import sha256


def summary(labels: Sequence[str], items: int, first: int, second: int) -> str:
    """Return the checksum, in hexadecimal, of so many items with these sums of their hashes' pieces."""
    text = json.dumps([labels, items, str(first), str(second)])
    return sha256(text.encode()).hexdigest()
