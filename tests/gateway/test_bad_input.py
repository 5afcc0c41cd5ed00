"""What no client of the contract sends: each gets the contract's error, and nothing of it is in the log."""

import json
import socket
import subprocess
import sys
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.gateway.stack import DESTINATION, SOURCE, Stack, api_token
from tests.gateway.test_migrations import UNKNOWN, WireClient, fresh

JSON = {"Content-Type": "application/json"}
MALFORMED, INVALID = (400, {"error", "code"}), (422, {"errors"})
MISSING = (404, {"resource", "error"})

BODIES = {
    "cut short": (b'{"migration": {"destination"', MALFORMED),
    "not UTF-8": (b'{"migration": "\xff\xfe"}', MALFORMED),
    "not a number": (b'{"migration": NaN}', MALFORMED),
    "without an end": (b'{"migration": -Infinity}', MALFORMED),
    "a key twice": (b'{"migration": {"destination": "osc-fr1", "destination": "agora-fr1"}}', MALFORMED),
    "nested deeply": (b"[" * 60_000, MALFORMED),
    "a number of 5,000 digits": (b'{"migration": ' + b"9" * 5_000 + b"}", MALFORMED),
    "nothing": (b"", INVALID),
    "an array": (b"[]", INVALID),
    "null": (b"null", INVALID),
    "a text": (b'"migration"', INVALID),
    "an array for an object": (b'{"migration": []}', INVALID),
    "an object for a text": (b'{"migration": {"destination": {}}}', INVALID),
    "a NUL": (b'{"migration": {"destination": "osc-fr1\\u0000"}}', INVALID),
    "half a character": (b'{"migration": {"destination": "\\ud800"}}', INVALID),
    "another line": (b'{"migration": {"destination": "osc-fr1\\nX: y"}}', INVALID),
    "another alphabet": ('{"migration": {"destination": "öśç-fr1"}}'.encode(), INVALID),
    "a long name": (b'{"migration": {"destination": "' + b"x" * 10_000 + b'"}}', INVALID),
    "too much": (b'"' + b"x" * 66_000 + b'"', (413, {"error", "code"})),
}


def shape(answer: httpx.Response) -> tuple[int, set[str]]:
    """Return the status and the keys of the body, which must be JSON."""
    assert answer.headers["content-type"] == "application/json"
    return answer.status_code, set(answer.json())


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_is_wrong(http: httpx.Client, body: str) -> None:
    sent, expected = BODIES[body]
    path = WireClient(http, fresh()).path
    assert shape(http.post(path, content=sent, headers=JSON)) == expected
    assert http.get(path).json() == []


def test_what_a_client_sends_besides_is_ignored(http: httpx.Client) -> None:
    body = {"migration": {"destination": DESTINATION, "dst_app_name": "", "more": [1]}, "and": {}}
    assert http.post(WireClient(http, fresh()).path, json=body).status_code == 201


APPS = [
    "..",
    "%2e%2e",
    ".",
    "%00",
    "app%00",
    "app%0d%0aX-Injected:%201",
    "app%20",
    "%F0%9F%98%80",
    "%ff",
    "%",
    "app;x",
    "-",
    "a" * 5_000,
    "owner@example.com",
]


@pytest.mark.parametrize("app", APPS)
def test_what_cannot_be_an_app_is_none(stack: Stack, http: httpx.Client, app: str) -> None:
    for path in (
        f"/{SOURCE}/v1/apps/{app}/region_migrations",
        f"/{SOURCE}/v1/apps/{app}/region_migrations/{UNKNOWN}",
    ):
        status, headers, body = raw(stack, request("GET", path, http))
        assert (status, set(body), body["resource"]) == (404, {"resource", "error"}, "app")
        assert "x-injected" not in headers


PATHS = [
    f"/{SOURCE}/v1/apps/app/../../../admin",
    f"/{SOURCE}/v1/%2e%2e/%2e%2e/admin",
    f"/{SOURCE}/./v1/apps",
    f"/{SOURCE}/v1/apps/app/region_migrations/",
    f"/{SOURCE}/v1/apps/app/region_migrations/a%2Fb",
    f"/{SOURCE}/v1/apps/app/region_migrations/{UNKNOWN}/run/more",
    f"/{SOURCE}%0d%0aX-Injected:1/v1/apps",
    f"/{SOURCE}%00/v1/apps",
    "/v1/",
    "//v1/users/self",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_that_leads_elsewhere_leads_nowhere(stack: Stack, http: httpx.Client, path: str) -> None:
    status, headers, body = raw(stack, request("GET", path, http))
    assert (status, set(body)) == MISSING
    assert "x-injected" not in headers


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", f"/{SOURCE}/v1/apps/app/region_migrations", "GET, POST"),
        ("DELETE", f"/{SOURCE}/v1/apps/app/region_migrations/{UNKNOWN}", "GET"),
        ("GET", f"/{SOURCE}/v1/apps/app/region_migrations/{UNKNOWN}/run", "POST"),
        ("POST", "/v1/users/self", "GET"),
        ("GET", "/v1/tokens/exchange", "POST"),
        ("PATCH", "/v1/storky/tokens", "GET, POST"),
    ],
)
def test_another_method_is_not_allowed(http: httpx.Client, method: str, path: str, allowed: str) -> None:
    answer = http.request(method, path)
    assert shape(answer) == (405, {"error", "code"})
    assert answer.headers["allow"] == allowed


def test_two_tokens_in_one_request_are_none(stack: Stack, http: httpx.Client) -> None:
    twice = [(b"Authorization", http.headers["Authorization"].encode()), (b"Authorization", b"Bearer x")]
    answer = httpx.get(f"{stack.url}/{SOURCE}/v1/apps", headers=twice, trust_env=False)
    assert shape(answer) == (401, {"error"})


def test_headers_arrive_byte_for_byte(http: httpx.Client) -> None:
    seen = http.get(f"/{SOURCE}/v1/x", headers=[(b"X-Name", b"\xe9t\xe9"), (b"X-Other", "é".encode())]).json()
    assert seen["headers"]["x-name"] == "été"


NO_HTTP = {
    "no HTTP": b"HELO gateway\r\n\r\n",
    "a header over two lines": b"GET / HTTP/1.1\r\nHost: x\r\nX-One : 1\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "headers without an end": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 100_000,
    "a length below zero": b"POST /v1/tokens/exchange HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a NUL in a header": b"GET / HTTP/1.1\r\nHost: x\r\nX-One: a\x00b\r\n\r\n",
}


@pytest.mark.parametrize("kind", NO_HTTP)
def test_what_is_no_http_is_refused(stack: Stack, kind: str) -> None:
    status, _, body = raw(stack, NO_HTTP[kind])
    assert (status, set(body), body["code"]) == (400, {"error", "code"}, "malformed_http")


def test_a_chunked_body_that_claims_a_length_too_does_not_smuggle_a_second_request(
    stack: Stack, http: httpx.Client
) -> None:
    lines = b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"
    body = b"4\r\nbody\r\n0\r\n\r\n"
    status, _, seen = raw(stack, request("POST", f"/{SOURCE}/v1/upload", http, lines) + body)
    assert (status, seen["size"]) == (201, 4)


def test_the_log_has_no_secret_and_no_address_in_it(stack: Stack, http: httpx.Client) -> None:
    secret = api_token("owner")
    signed = http.headers["Authorization"].removeprefix("Bearer ")
    for token in (f"{secret}x", signed[:-4], "owner@example.com"):
        http.get(f"/{SOURCE}/v1/apps/{token}/region_migrations/{token}")
        http.get(f"/{token}/{token}")
        httpx.get(f"{stack.url}/v1/users/self?token={token}", headers={"Authorization": f"Bearer {token}"})
        httpx.post(f"{stack.url}/v1/tokens/exchange", auth=(token, token), content=token)
    log = stack.processes["gateway"].log.read_text()
    assert '"status": 401' in log
    for kept in (secret, signed[:-4], "@example.com"):
        assert kept not in log


LOGS_A_FAULT = """
import logging
from services.common import logs
logs.configure("gateway")
try:
    raise ValueError("postgresql://user:" + "a-secret".upper())
except ValueError as error:
    logging.getLogger("uvicorn.error").error("a fault", exc_info=error)
"""


def test_of_a_fault_the_log_keeps_where_it_was_and_not_what_it_said() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOGS_A_FAULT], capture_output=True, text=True, check=True, timeout=60
    )
    line = json.loads(done.stderr)
    assert (line["event"], line["error"], "A-SECRET" in done.stderr) == ("a fault", "ValueError", False)
    assert "<string>" in line["at"][0]


def request(method: str, path: str, http: httpx.Client, lines: bytes = b"") -> bytes:
    """Return a request that no library has touched."""
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {http.headers['Authorization']}\r\n"
    return head.encode() + b"Connection: close\r\n" + lines + b"\r\n"


def raw(stack: Stack, sent: bytes) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Send bytes; return the status, the headers and the JSON of what comes back."""
    where = urlsplit(stack.url)
    with socket.create_connection((where.hostname, where.port), timeout=30) as connection:
        connection.sendall(sent)
        answer = b""
        while chunk := connection.recv(65_536):
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(status.split()[1]), headers, json.loads(body)
