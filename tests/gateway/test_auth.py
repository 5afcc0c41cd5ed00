"""Signing in, as the contract's rows say it."""

import time
from typing import Any

import httpx
import jwt
import pytest

from tests.gateway.region import JWT_KEY, OWNER
from tests.gateway.stack import Stack, api_token


def exchange(stack: Stack, auth: tuple[str, str] | None) -> httpx.Response:
    return httpx.post(f"{stack.url}/v1/tokens/exchange", auth=auth, json={}, trust_env=False)


def signed(algorithm: str = "HS256", key: str = JWT_KEY, **claims: Any) -> str:
    known = {"sub": OWNER, "username": "owner", "email": "o@example.com", "role": "user"}
    return jwt.encode({"exp": int(time.time()) + 7200, **known, **claims}, key, algorithm)


def users_self(stack: Stack, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{stack.url}/v1/users/self?", headers=headers, trust_env=False)


def test_an_api_token_is_exchanged_for_a_jwt_of_the_user(stack: Stack) -> None:
    answer = exchange(stack, ("", api_token("owner")))
    assert (answer.status_code, set(answer.json())) == (200, {"token"})
    claims = jwt.decode(answer.json()["token"], JWT_KEY, algorithms=["HS256"])
    assert claims.pop("exp") > time.time() + 3600
    assert claims == {"sub": OWNER, "username": "owner", "email": "owner@example.com", "role": "user"}


@pytest.mark.parametrize("auth", [None, ("", "tk-us-unknown"), ("", ""), ("owner", api_token("owner"))])
def test_anything_else_is_not_exchanged(stack: Stack, auth: tuple[str, str] | None) -> None:
    answer = exchange(stack, auth)
    assert (answer.status_code, set(answer.json())) == (401, {"error"})


def test_users_self_is_who_the_token_says(stack: Stack) -> None:
    answer = users_self(stack, signed())
    assert answer.status_code == 200
    assert answer.json() == {
        "user": {
            "id": OWNER,
            "username": "owner",
            "fullname": "owner",
            "email": "o@example.com",
            "flags": {"admin": False},
        }
    }


FORGED = {
    "nonsense": "nonsense",
    "unsigned": signed("none", ""),
    "another algorithm": signed("HS512"),
    "another key": signed(key=JWT_KEY.upper()),
    "expired": signed(exp=int(time.time()) - 1),
    "no expiry": jwt.encode({"sub": OWNER, "username": "", "email": "", "role": "user"}, JWT_KEY),
}


@pytest.mark.parametrize("kind", FORGED)
def test_a_token_that_is_not_ours_is_refused(stack: Stack, kind: str) -> None:
    answer = users_self(stack, FORGED[kind])
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
