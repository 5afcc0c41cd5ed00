"""Requests as the client writes them, and the statuses that it takes for a success."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
from pydantic import TypeAdapter

from local.visiting import NO_AUTHORITIES
from tests.contract.client.refusals import UnreadableError, refused

TIMEOUT = 30  # seconds
OK, CREATED, ACCEPTED, NO_CONTENT = 200, 201, 202, 204

Params = Mapping[str, Any]
Shape = TypeVar("Shape")


@asynccontextmanager
async def connected() -> AsyncIterator[httpx.AsyncClient]:
    """Open what the requests are sent with; it follows no redirect."""
    async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, verify=NO_AUTHORITIES) as http:
        yield http


@dataclass(frozen=True)
class Api:
    """One of the APIs: where it is, and whose token is sent to it."""

    http: httpx.AsyncClient
    base: str
    token: Callable[[], Awaitable[str]]

    async def get(
        self,
        path: str,
        shape: type[Shape],
        key: str = "",
        params: Params | None = None,
        *,
        anonymous: bool = False,
    ) -> Shape:
        """Return what is under a key of the answer, or the whole of it."""
        return read(await self.send("GET", path, params, anonymous=anonymous), shape, key)

    async def get_map(self, path: str, shape: type[Shape], key: str) -> Shape:
        """Return what is under a key of an answer in which the client takes every key's value to be alike."""
        found = json.loads((await self.send("GET", path)).content)
        return {name: decoded(value, shape) for name, value in found.items()}[key]

    async def add(self, path: str, shape: type[Shape], key: str, params: Params | None = None) -> Shape:
        """Add to a collection."""
        return read(await self.send("POST", path, params, expected=(CREATED,)), shape, key)

    async def change(
        self, path: str, shape: type[Shape], key: str, params: Params, method: str = "PATCH"
    ) -> Shape:
        """Change something."""
        return read(await self.send(method, path, params), shape, key)

    async def delete(self, path: str, params: Params | None = None) -> None:
        """Delete something."""
        await self.send("DELETE", path, params, expected=(NO_CONTENT,))

    async def send(
        self,
        method: str,
        path: str,
        params: Params | None = None,
        *,
        expected: tuple[int, ...] = (OK,),
        anonymous: bool = False,
    ) -> httpx.Response:
        """Send a request; raises RefusedError, and UnreadableError for what the client cannot read."""
        headers = {} if anonymous else {"Authorization": f"Bearer {await self.token()}"}
        return await exchange(self.http, method, self.base + path, params, headers, expected=expected)


async def exchange(
    http: httpx.AsyncClient,
    method: str,
    url: str,
    params: Params | None,
    headers: Mapping[str, str],
    *,
    expected: tuple[int, ...] = (OK,),
) -> httpx.Response:
    """Send a request as the client does: with `?` after each GET and DELETE, with a body in all others."""
    headers = {"Content-Type": "application/json", "Accept": "application/json", **headers}
    if method in ("GET", "DELETE"):
        url, content = f"{url}?{urlencode(sorted((params or {}).items()))}", None
    else:
        content = json.dumps(params or {}).encode()
    answer = await http.request(method, url, content=content, headers=headers)
    if answer.status_code not in expected:
        raise refused(answer.status_code, answer.headers.get("Content-Type", ""), answer.content)
    if answer.status_code == NO_CONTENT and answer.content:
        raise UnreadableError(f"204 with a body: {method} {url}")
    return answer


def read(answer: httpx.Response, shape: type[Shape], key: str = "") -> Shape:
    """Return what an answer holds, or what is under a key of it; raises pydantic.ValidationError."""
    body = json.loads(answer.content)
    return decoded(body[key] if key else body, shape)


def decoded(value: Any, shape: type[Shape]) -> Shape:
    """Return a value as the client reads it; raises pydantic.ValidationError where its reader would fail."""
    return TypeAdapter(shape).validate_python(value, strict=True)
