"""When are two requests the same? Same method, path, query and body."""

import hashlib
import json
from typing import Any
from urllib.parse import urlsplit


def digest(method: str, path: str, query: str, body: bytes) -> str:
    """Return a digest that is equal for equal requests, however their JSON is spaced."""
    request = json.dumps([method, path, query, _canonical(body)], sort_keys=True)
    return hashlib.sha256(request.encode()).hexdigest()


def _canonical(body: bytes) -> Any:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return body.hex()
    if isinstance(content, dict) and isinstance(url := content.get("source_url"), str):
        content["source_url"] = _unsigned(url)
    return content


def _unsigned(url: str) -> str:
    # A caller that asks again signs the source's URL anew: the signature is no part of what is asked for.
    try:
        return urlsplit(url)._replace(query="").geturl()
    except ValueError:
        return url
