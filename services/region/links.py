"""Short-lived signed links to files of this region: whoever has one needs no other credential."""

import hashlib
import hmac
import time
from typing import Literal
from urllib.parse import parse_qs, urlsplit

Kind = Literal["sources", "builds", "backups", "logs"]
Use = Literal["GET", "PUT"]

_SOURCES = "/files/sources/"


class Links:
    """Signs links, and checks them. A link's whole right is its `token`: clients keep no other parameter."""

    def __init__(self, key: bytes, lifetime: int) -> None:
        """Name the region's key, and how many seconds a link is good for."""
        self._key = key
        self._lifetime = lifetime

    def sign(self, address: str, use: Use, kind: Kind, name: str) -> str:
        """Return the link, at an address of this region, with which one may get or put a file."""
        expires = str(int(time.time()) + self._lifetime)
        token = f"{expires}-{self._signature(use, kind, name, expires)}"
        return f"{address}/files/{kind}/{name}?token={token}"

    def allows(self, use: Use, kind: Kind, name: str, token: str) -> bool:
        """Tell whether a token was signed here for this use, and is still good."""
        expires, _, signature = token.partition("-")
        expected = self._signature(use, kind, name, expires)
        genuine = hmac.compare_digest(expected.encode(), signature.encode())
        return genuine and int(expires) >= time.time()

    def source_of(self, url: str) -> str | None:
        """Return the id of the uploaded source that a link of ours leads to, or None for any other URL."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return None
        source_id = parts.path.rpartition(_SOURCES)[2]
        token = parse_qs(parts.query).get("token", [""])[0]
        return source_id if self.allows("GET", "sources", source_id, token) else None

    def _signature(self, use: Use, kind: Kind, name: str, expires: str) -> str:
        signed = f"{use}\n{kind}\n{name}\n{expires}".encode()
        return hmac.new(self._key, signed, hashlib.sha256).hexdigest()
