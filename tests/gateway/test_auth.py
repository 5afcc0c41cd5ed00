"""Signing in, as the contract's rows say it."""

import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest

from tests.gateway.region import JWT_KEY, OWNER
from tests.gateway.stack import Stack, api_token


def exchange(stack: Stack, auth: tuple[str, str] | None) -> httpx.Response:
    return httpx.post(f"{stack.url}/v1/tokens/exchange", auth=auth, json={}, trust_env=False)


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, JWT_KEY, algorithms=["HS256"])


@pytest.fixture(scope="session")
def claims(stack: Stack) -> dict[str, Any]:
    """What a JWT of the owner says."""
    return claims_of(exchange(stack, ("", api_token("owner"))).json()["token"])


def signed(claims: dict[str, Any], key: str = JWT_KEY, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, key, algorithm)


def users_self(stack: Stack, token: str) -> httpx.Response:
    headers = [(b"Authorization", f"Bearer {token}".encode("latin-1"))]
    return httpx.get(f"{stack.url}/v1/users/self?", headers=headers, trust_env=False)


def test_an_api_token_is_exchanged_for_a_jwt_of_the_user(stack: Stack) -> None:
    answer = exchange(stack, ("", api_token("owner")))
    assert (answer.status_code, set(answer.json())) == (200, {"token"})
    claims = claims_of(answer.json()["token"])
    assert claims.pop("exp") > time.time() + 3600
    assert UUID(claims.pop("tid"))
    assert claims == {"sub": OWNER, "username": "owner", "email": "owner@example.com", "role": "user"}


@pytest.mark.parametrize(
    "auth", [None, ("", "tk-us-unknown"), ("", ""), ("owner", api_token("owner")), ("", "t\xf6ken")]
)
def test_anything_else_is_not_exchanged(stack: Stack, auth: tuple[str, str] | None) -> None:
    answer = exchange(stack, auth)
    assert (answer.status_code, set(answer.json())) == (401, {"error"})


def test_users_self_is_who_the_token_says(stack: Stack, claims: dict[str, Any]) -> None:
    answer = users_self(stack, signed(claims))
    assert answer.status_code == 200
    assert answer.json() == {
        "user": {
            "id": OWNER,
            "username": "owner",
            "fullname": "owner",
            "email": "owner@example.com",
            "flags": {"admin": False},
        }
    }


def lacking(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda claims: signed({key: claims[key] for key in claims if key != name})


FORGED: dict[str, Callable[[dict[str, Any]], str]] = {
    "nonsense": lambda _: "nonsense",
    "not ASCII": lambda _: "n\xf6nsense",
    "unsigned": lambda claims: signed(claims, "", "none"),
    "another algorithm": lambda claims: signed(claims, algorithm="HS512"),
    "another key": lambda claims: signed(claims, JWT_KEY.upper()),
    "expired": lambda claims: signed({**claims, "exp": int(time.time()) - 1}),
    "an expiry that is no number": lambda claims: signed({**claims, "exp": str(claims["exp"])}),
    "a user that is no text": lambda claims: signed({**claims, "sub": ["us-owner"]}),
    "a user without a name": lambda claims: signed({**claims, "sub": ""}),
    "a role there is not": lambda claims: signed({**claims, "role": "owner"}),
    "another role than its API token's": lambda claims: signed({**claims, "role": "operator"}),
    "another user than its API token's": lambda claims: signed({**claims, "sub": "us-stranger"}),
    "an API token there is not": lambda claims: signed({**claims, "tid": str(uuid4())}),
    "a signature cut short": lambda claims: signed(claims)[:-4],
    **{f"no {name}": lacking(name) for name in ("exp", "sub", "role", "tid")},
}


@pytest.mark.parametrize("kind", FORGED)
def test_a_token_that_is_not_ours_is_refused(stack: Stack, claims: dict[str, Any], kind: str) -> None:
    answer = users_self(stack, FORGED[kind](claims))
    assert (answer.status_code, set(answer.json())) == (401, {"error"})


def test_the_regions_are_all_behind_the_gateway(stack: Stack) -> None:
    with stack.client() as client:
        answer = client.get("/v1/regions?")
    assert answer.status_code == 200
    regions = {region["name"]: region for region in answer.json()["regions"]}
    assert regions["agora-fr1"] == {
        "name": "agora-fr1",
        "display_name": "Agora",
        "ssh": "127.0.0.1:22",
        "api": f"{stack.url}/agora-fr1",
        "dashboard": stack.url,
        "database_api": f"{stack.url}/agora-fr1",
        "default": True,
    }
    assert (regions["osc-fr1"]["display_name"], regions["osc-fr1"]["default"]) == ("osc-fr1", False)
