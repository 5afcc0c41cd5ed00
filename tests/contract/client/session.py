"""Who is signed in, and the regions that there are."""

import base64
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from tests.contract.client.golang import Id, Struct
from tests.contract.client.refusals import UnreadableError
from tests.contract.client.wire import Api, connected, exchange, read

TEXTS = ("iss", "sub", "jti")  # claims that are texts, wherever a token has them
SOON = 3600  # seconds before its end from which on a token is exchanged again, before every call


class Token(Struct):
    """An answer that holds a token."""

    token: Id


class User(Struct):
    """Somebody of the platform."""

    id: Id
    username: str
    fullname: str
    email: str
    flags: dict[str, bool]


class RegionInfo(Struct):
    """A region, as the list of regions has it."""

    name: Id
    display_name: str
    ssh: str
    api: str
    dashboard: str
    database_api: str
    default: bool


class Integration(Struct):
    """A code host that a user's apps may be linked to."""

    id: Id
    scm_type: Id
    url: str
    username: str
    email: str


@dataclass(frozen=True)
class Region:
    """A region that commands are typed for: its own API, and the way to its database API."""

    info: RegionInfo
    api: Api

    def databases(self, app: str, addon: str) -> Api:
        """Return the database API, for which each addon has a token of its own."""

        async def token() -> str:
            answer = await self.api.send("POST", f"/apps/{app}/addons/{addon}/token")
            return read(answer, Token, "addon").token

        return Api(self.api.http, f"{self.info.database_api}/api", token)


@dataclass
class Session:
    """A user's API token, and the signed token that it was exchanged for."""

    http: httpx.AsyncClient
    auth_url: str
    api_token: str
    exchanges: int = 0
    _token: str = ""
    _expires: float = 0
    _regions: list[RegionInfo] = field(default_factory=list)

    async def token(self) -> str:
        """Return a signed token that is good for an hour more."""
        if self._expires - time.time() < SOON:
            self._token = await self._exchanged()
            self._expires = _expiry(self._token)
        return self._token

    async def self(self) -> User:
        """Say who is signed in."""
        return await self._auth.get("/users/self", User, "user")

    async def regions(self) -> list[RegionInfo]:
        """List the regions, whose addresses the client must be able to take apart."""
        found = await self._auth.get("/regions", list[RegionInfo], "regions")
        for region in found:
            check_address(region.api)
            check_address(region.database_api)
        return found

    async def integration_with(self, repository: str) -> Integration:
        """Return the integration with a repository's host: the client lists them, and asks for its type."""
        parts = urlsplit(repository)
        found = await self._auth.get("/scm_integrations", list[Integration], "scm_integrations")
        kind = next(each.scm_type for each in found if each.url == f"{parts.scheme}://{parts.netloc}")
        return await self.integration(kind)

    async def integration(self, reference: str) -> Integration:
        """Return an integration by its type, or its id."""
        return await self._auth.get(f"/scm_integrations/{reference}", Integration, "scm_integration")

    async def region(self, name: str) -> Region:
        """Return a region, of which the client reads the address once."""
        self._regions = self._regions or await self.regions()
        info = next(each for each in self._regions if each.name == name)
        return Region(info, Api(self.http, f"{info.api}/v1", self.token))

    @property
    def _auth(self) -> Api:
        return Api(self.http, f"{self.auth_url}/v1", self.token)

    async def _exchanged(self) -> str:
        self.exchanges += 1
        password = base64.b64encode(f":{self.api_token}".encode()).decode()
        url = f"{self.auth_url}/v1/tokens/exchange"
        answer = await exchange(self.http, "POST", url, None, {"Authorization": f"Basic {password}"})
        return read(answer, Token).token


@asynccontextmanager
async def signed_in(auth_url: str, api_token: str) -> AsyncIterator[Session]:
    """Open a session; its first call exchanges the token."""
    async with connected() as http:
        yield Session(http, auth_url, api_token)


def _expiry(token: str) -> float:
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    expires = claims["exp"]
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        raise UnreadableError(f"exp is no number: {expires!r}")
    for name in TEXTS:
        if not isinstance(claims.get(name, ""), str):
            raise UnreadableError(f"{name} is no text")
    return expires


def check_address(url: str) -> None:
    """Raise UnreadableError for a region's address with which the client would fail."""
    # Of a host without a dot the client has no second label to name the region by, and panics.
    if url.endswith("/") or "." not in (urlsplit(url).hostname or ""):
        raise UnreadableError(f"an address that ends the client: {url}")
