"""Who may use the console, and what it sends, below what a browser shows."""

import re
from collections.abc import Iterator

import httpx
import jwt
import pytest

from local.visiting import NO_AUTHORITIES
from tests.browser.test_console import migrated
from tests.gateway.region import JWT_KEY
from tests.gateway.stack import Stack, api_token
from tests.gateway.test_migrations import fresh

HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def visitor(stack: Stack) -> Iterator[httpx.Client]:
    """Somebody who has not signed in."""
    with httpx.Client(base_url=stack.url, trust_env=False, timeout=30, verify=NO_AUTHORITIES) as client:
        yield client


def sign_in(client: httpx.Client, user: str = "owner", **headers: str) -> httpx.Response:
    form = {"token": api_token(user), "next": "/console/"}
    return client.post("/console/sign-in", data=form, headers=HERE | headers)


def form_of(page: httpx.Response) -> str:
    found = re.search(r'name="form" value="([0-9a-f]{64})"', page.text)
    assert found
    return found[1]


def test_the_root_leads_to_the_console_and_that_to_the_sign_in(visitor: httpx.Client) -> None:
    for path in ("/", "/console"):
        assert visitor.get(path).headers["location"] == "/console/"
    answer = visitor.get("/console/new")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/sign-in?next=%2Fconsole%2Fnew"


def test_the_cookie_is_the_token_and_ends_with_it(visitor: httpx.Client) -> None:
    answer = sign_in(visitor)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/")
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/console"} <= set(cookie.split("; "))
    claims = jwt.decode(answer.cookies["storky_session"], JWT_KEY, algorithms=["HS256"])
    (kept,) = answer.cookies.jar
    assert kept.expires == claims["exp"]


def test_the_cookie_counts_in_the_console_only_and_nothing_else_counts_there(visitor: httpx.Client) -> None:
    token = sign_in(visitor).cookies["storky_session"]
    assert visitor.get("/v1/users/self?", headers={"Cookie": f"storky_session={token}"}).status_code == 401
    visitor.cookies.clear()
    assert visitor.get("/console/", headers={"Authorization": f"Bearer {token}"}).status_code == 303


@pytest.mark.parametrize("wrong", ["", "tk-us-nobody", "tk-us-\u00e9\u0000", "x" * 10_000])
def test_a_wrong_token_is_told_on_the_form(visitor: httpx.Client, wrong: str) -> None:
    answer = visitor.post("/console/sign-in", data={"token": wrong}, headers=HERE)
    assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
    assert "This token is not known" in answer.text
    assert not wrong or wrong not in answer.text


@pytest.mark.parametrize("token", ["nonsense", jwt.encode({"sub": "us-owner", "exp": 1}, JWT_KEY, "HS256")])
def test_a_session_that_is_over_asks_again(visitor: httpx.Client, token: str) -> None:
    answer = visitor.get("/console/", headers={"Cookie": f"storky_session={token}"})
    assert answer.status_code == 303
    assert 'storky_session=""' in answer.headers["set-cookie"]


def test_one_is_led_back_into_the_console_only(visitor: httpx.Client) -> None:
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example/console/", "/console/..//x.example"):
        form = {"token": api_token("owner"), "next": elsewhere}
        location = visitor.post("/console/sign-in", data=form, headers=HERE).headers["location"]
        assert location.startswith("/console/")


def test_a_link_on_another_site_reaches_who_is_signed_in(visitor: httpx.Client) -> None:
    # A browser sends no strict cookie along such a link; the page it gets leads on from our own site.
    answer = visitor.get("/console/new", headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, 'http-equiv="refresh"' in answer.text) == (200, True)


def test_only_our_own_pages_of_the_same_session_can_send_a_form(visitor: httpx.Client, stack: Stack) -> None:
    address = migrated(stack, fresh("forged"))
    assert visitor.post("/console/sign-in", data={"token": api_token("owner")}).status_code == 403
    sign_in(visitor)
    form = form_of(visitor.get(address))
    sent = {"form": form}
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {},
    ):
        assert visitor.post(f"{address}/run/preflight", data=sent, headers=headers).status_code == 403
    for other in ("", "0" * 64):
        answer = visitor.post(f"{address}/run/preflight", data={"form": other}, headers=HERE)
        assert (answer.status_code, "not of your session" in answer.text) == (403, True)
    assert "opened" in visitor.get(address).text
    assert (
        visitor.post(f"{address}/run/preflight", data=sent, headers={"Origin": stack.url}).status_code == 303
    )


def test_an_auditor_looks_and_is_offered_nothing(visitor: httpx.Client, stack: Stack) -> None:
    address = migrated(stack, fresh("audited"))
    sign_in(visitor, "auditor")
    page = visitor.get(address)
    assert (page.status_code, "Run the checks" in page.text, "Abort" in page.text) == (200, False, False)
    sent = {"form": form_of(page)}
    answer = visitor.post(f"{address}/run/preflight", data=sent, headers=HERE)
    assert (answer.status_code, answer.headers["content-type"]) == (403, "text/html; charset=utf-8")


def test_every_answer_forbids_what_it_does_not_need(visitor: httpx.Client) -> None:
    for path in ("/console/sign-in", "/console/static/console.css", "/console/nothing", "/console/"):
        headers = visitor.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    assert visitor.get("/console/sign-in").headers["cache-control"] == "no-store"


def test_a_failure_is_a_page(visitor: httpx.Client, stack: Stack) -> None:
    address = migrated(stack, fresh("failing"))
    sign_in(visitor)
    for path, status in {
        "/console/nothing": 404,
        "/console/static/..%2fapp.py": 404,
        "/console/migrations/nowhere/app/0": 404,
        "/console/migrations/down-fr1/app/8e624121-2ce3-4b01-9bf4-d5e2b32df7e9": 503,
        f"{address}?version=0": 422,
        f"{address}?version=99999999999": 200,
        f"{address}?kind=no": 422,
        f"{address}/run/data": 400,
        f"{address}/run/nothing": 422,
        "/console/?page=0": 422,
        "/console/?text=%00": 422,
    }.items():
        answer = visitor.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8"), (
            path
        )
        assert answer.text.startswith("<!doctype html>")
    answer = visitor.post("/console/sign-in", content=b"x" * 100_000, headers=HERE)
    assert answer.status_code == 413


def test_what_people_enter_is_shown_as_it_is(visitor: httpx.Client) -> None:
    sign_in(visitor)
    page = visitor.get("/console/new", params={"app": "<script>alert(1)</script>", "destination": '"><b>'})
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_the_evidence_can_be_kept(visitor: httpx.Client, stack: Stack) -> None:
    address = migrated(stack, fresh("proven"), "preflight")
    sign_in(visitor)
    answer = visitor.get(f"{address}/evidence")
    assert answer.headers["content-disposition"].startswith('attachment; filename="evidence-')
    assert answer.json()["status"] == "preflight-success"
