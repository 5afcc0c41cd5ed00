"""HTTP to a region: the credential, the headers of a grant, time limits, and failures as our errors."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from events import trace_context
from regions.errors import (
    WORD,
    FencedError,
    NotFoundError,
    RefusedError,
    RegionError,
    RegionUnavailableError,
)
from regions.port import Grant

T = TypeVar("T")

TIMEOUT = httpx.Timeout(20, connect=3)  # seconds
SERVER_ERROR = 500
FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")


def path(*parts: str) -> str:
    """Join a path; each part is quoted, so that no id can climb out of its place."""
    return "".join("/" + quote(part, safe="") for part in parts)


class Transport:
    """One region's HTTP client."""

    def __init__(self, region: str, api: str, credential: str) -> None:
        self.region = region
        self._client = httpx.AsyncClient(
            base_url=api.rstrip("/"),
            headers={"Authorization": f"Bearer {credential}"},
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,
            event_hooks={"request": [_traced]},
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def get(self, url: str, key: str, kind: type[T], **query: str) -> T:
        """Return what the answer has under `key`."""
        return self._read(await self._request("GET", url, params=query or None), key, kind)

    async def post(self, url: str, body: Mapping[str, Any], key: str, kind: type[T], grant: Grant) -> T:
        """Send a mutating call and return what the answer has under `key`."""
        return self._read(await self.send("POST", url, grant, body), key, kind)

    async def send(
        self, method: str, url: str, grant: Grant, body: Mapping[str, Any] | None = None, **query: str
    ) -> httpx.Response:
        """Send a mutating call in the name of the grant."""
        headers = {
            "Storky-Migration": str(grant.migration_id),
            "Storky-Epoch": str(grant.epoch),
            "Idempotency-Key": grant.key,
        }
        return await self._request(method, url, headers=headers, json=body, params=query or None)

    async def _request(self, method: str, url: str, **options: Any) -> httpx.Response:
        try:
            response = await self._client.request(method, url, **options)
        except httpx.TimeoutException:
            raise RegionUnavailableError("region_timeout", region=self.region) from None
        except httpx.RequestError:
            raise RegionUnavailableError("region_unreachable", region=self.region) from None
        if not response.is_success:
            raise failure(self.region, response)
        return response

    def _read(self, response: httpx.Response, key: str, kind: type[T]) -> T:
        """Take an answer that is none for a passing failure: something between us and the region spoke."""
        try:
            return TypeAdapter(kind).validate_python(response.json()[key], extra="ignore")
        except (ValueError, TypeError, KeyError):
            raise RegionUnavailableError("region_answer_invalid", region=self.region) from None


async def _traced(request: httpx.Request) -> None:
    request.headers.update(trace_context.headers())


def failure(region: str, response: httpx.Response) -> RegionError:
    """Return the error for an answer that is not a success; none of the answer's own text enters it."""
    body = _ErrorBody.read(response)
    match response.status_code:
        case 401:
            return RefusedError("credential_refused", region=region)
        case 403 if body.word == "fenced":
            return FencedError("fenced", region=region)
        case 404:
            return NotFoundError("not_found", region=region, resource=body.resource_word)
        case 429:
            return RegionUnavailableError(body.word or "region_busy", region=region)
        case status if status >= SERVER_ERROR:
            return RegionUnavailableError(body.word or "region_failing", region=region)
        case _:
            return RefusedError(body.word or "refused", region=region, **body.field_names)


class _ErrorBody(BaseModel):
    code: Any = None
    resource: Any = None
    errors: Any = None

    @classmethod
    def read(cls, response: httpx.Response) -> "_ErrorBody":
        try:
            return cls.model_validate_json(response.content)
        except ValidationError:
            return cls()

    @property
    def word(self) -> str | None:
        return self.code if isinstance(self.code, str) and WORD.fullmatch(self.code) else None

    @property
    def resource_word(self) -> str:
        known = isinstance(self.resource, str) and WORD.fullmatch(self.resource)
        return str(self.resource) if known else "resource"

    @property
    def field_names(self) -> dict[str, str]:
        errors = self.errors if isinstance(self.errors, dict) else {}
        names = sorted(name for name in errors if isinstance(name, str) and FIELD.fullmatch(name))
        return {"fields": ", ".join(names)} if names else {}
