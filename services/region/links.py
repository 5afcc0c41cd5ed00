"""Short-lived signed links to files of this region: whoever has one needs no other credential."""

import hashlib
import hmac
import time
from typing import Literal
from urllib.parse import parse_qs, urlsplit

Kind = Literal["sources", "builds", "backups", "logs"]
Use = Literal["GET", "PUT"]


class Links:
    """Signs links, and checks them."""

    def __init__(self, public_url: str, key: bytes, lifetime: int) -> None:
        """Name the region's address, its key, and how many seconds a link is good for."""
        self._base = public_url.rstrip("/")
        self._key = key
        self._lifetime = lifetime

    def sign(self, use: Use, kind: Kind, name: str) -> str:
        """Return the link with which one may get, or put, a file until it expires."""
        expires = str(int(time.time()) + self._lifetime)
        signature = self._signature(use, kind, name, expires)
        return f"{self._base}/files/{kind}/{name}?expires={expires}&signature={signature}"

    def allows(self, use: Use, kind: Kind, name: str, expires: str, signature: str) -> bool:
        """Tell whether a link was signed here for this use, and is still good."""
        expected = self._signature(use, kind, name, expires)
        genuine = hmac.compare_digest(expected.encode(), signature.encode())
        return genuine and int(expires) >= time.time()

    def source_of(self, url: str) -> str | None:
        """Return the id of the uploaded source that a link of ours leads to, or None for any other URL."""
        prefix = f"{self._base}/files/sources/"
        if not url.startswith(prefix):
            return None
        parts = urlsplit(url.removeprefix(prefix))
        query = parse_qs(parts.query)
        expires, signature = (query.get(name, [""])[0] for name in ("expires", "signature"))
        return parts.path if self.allows("GET", "sources", parts.path, expires, signature) else None

    def _signature(self, use: Use, kind: Kind, name: str, expires: str) -> str:
        signed = f"{use}\n{kind}\n{name}\n{expires}".encode()
        return hmac.new(self._key, signed, hashlib.sha256).hexdigest()
