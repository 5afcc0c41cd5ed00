"""How much one user, or one address, may ask for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from services.gateway import metrics
from services.gateway.limits import Limits
from services.gateway.settings import Rate, Rates, Settings
from services.gateway.tokens import LIFETIME, User, expiry, sign
from tests.gateway.region import JWT_KEY
from tests.gateway.stack import WEBHOOK_KEY

pytestmark = pytest.mark.anyio

BURST = 3
FEW = Rate(per_second=1, burst=BURST)
ENOUGH, TOO_MANY = [200] * BURST, [429]
EXCHANGE = "/v1/tokens/exchange"


def settings(region: str = "agora-fr1") -> Settings:
    return Settings.model_validate(
        {
            "database_url": "postgresql://127.0.0.1/x",
            "amqp_urls": ["amqp://127.0.0.1/"],
            "public_url": "http://127.0.0.1:1",
            "regions": {
                region: {"api": "http://127.0.0.1:2", "front": "http://127.0.0.1:3", "domain": "x.example"}
            },
            "jwt_key": JWT_KEY,
            "webhook_key": WEBHOOK_KEY,
            "rates": Rates(user=Rate(per_second=1, burst=2 * BURST), anonymous=FEW, exchange=FEW),
        }
    )


def bearer(user: str, key: str = JWT_KEY) -> dict[str, str]:
    claims = User(sub=user, username=user, email="", role="user", tid=uuid4(), exp=expiry(None))
    return {"Authorization": f"Bearer {sign(claims, key)}"}


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    app.add_middleware(Limits, settings=settings())
    app.add_middleware(metrics.Counted)
    app.include_router(metrics.router)

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def anything() -> None: ...

    return app


@asynccontextmanager
async def client_at(app: FastAPI, host: str = "192.0.2.1") -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, client=(host, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


async def answered(client: httpx.AsyncClient, times: int, path: str = "/x", **request: Any) -> list[int]:
    method = "POST" if path == EXCHANGE else "GET"
    return [(await client.request(method, path, **request)).status_code for _ in range(times)]


async def test_each_user_and_each_address_has_a_bucket_of_its_own(app: FastAPI) -> None:
    async with client_at(app) as client, client_at(app, "192.0.2.2") as elsewhere:
        assert await answered(client, BURST + 1) == ENOUGH + TOO_MANY
        assert await answered(client, BURST + 1, EXCHANGE) == ENOUGH + TOO_MANY
        assert await answered(client, 2 * BURST + 1, headers=bearer("us-ada")) == 2 * ENOUGH + TOO_MANY
        assert await answered(client, 1, headers=bearer("us-bob")) == [200]
        assert (
            await answered(client, 1, headers=bearer("us-bob", key=JWT_KEY.upper())) == TOO_MANY
        )  # nobody's
        assert await answered(elsewhere, BURST + 1) == ENOUGH + TOO_MANY


async def test_of_a_version_6_address_the_network_counts(app: FastAPI) -> None:
    statuses = []
    for host in ("2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::", "2001:db8::3", "2001:db8:0:1::1"):
        async with client_at(app, host) as client:
            statuses += await answered(client, 1)
    assert statuses == [200, 200, 200, 429, 200]


async def test_who_is_refused_is_told_when_to_come_back_and_is_counted(app: FastAPI) -> None:
    async with client_at(app) as client:
        before = await count(client, 'storky_gateway_limited_total{limit="exchange"}')
        await answered(client, BURST, EXCHANGE)
        answer = await client.post(EXCHANGE)
        assert (answer.status_code, answer.json().keys()) == (429, {"error", "code"})
        assert int(answer.headers["retry-after"]) >= 1
        assert await count(client, 'storky_gateway_limited_total{limit="exchange"}') == before + 1
        assert await count(client, 'storky_gateway_responses_total{status="429"}') >= 1


async def count(client: httpx.AsyncClient, name: str) -> float:
    shown = await client.get("/metrics", headers=bearer("us-collector"))
    found = [line for line in shown.text.splitlines() if line.startswith(f"{name} ")]
    return float(found[0].rpartition(" ")[2]) if found else 0.0


def test_a_jwt_ends_with_its_api_token() -> None:
    now = datetime.now(UTC)
    soon = now + timedelta(minutes=5)
    assert expiry(soon) == int(soon.timestamp())
    assert expiry(now + timedelta(days=1)) - now.timestamp() == pytest.approx(LIFETIME, abs=60)


@pytest.mark.parametrize("name", ["v1", "console", "metrics", "docs"])
def test_a_region_is_not_called_as_the_gateways_own_paths_are(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        settings(name)
