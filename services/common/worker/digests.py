"""Digests of what is copied: they show that both sides hold the same, and nothing of what that is."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

LENGTH = 32  # hexadecimal digits: 128 bits, beyond any collision


class Digests:
    """Keyed, so that nobody can guess a secret value and see whether its digest is the one in the log."""

    def __init__(self, key: str) -> None:
        """Keep the key, which stays outside the log."""
        self._key = key.encode()

    def of(self, kind: str, item: str, fields: Mapping[str, Any] | None) -> str:
        """Return the digest of an item's copied fields; None for an item that is not there."""
        text = json.dumps([kind, item, fields], sort_keys=True, separators=(",", ":"))
        return hmac.digest(self._key, text.encode(), hashlib.sha256).hex()[:LENGTH]
