"""What the gateway does not answer itself passes through it unchanged."""

import hashlib
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.gateway.stack import DESTINATION, DOWN, SOURCE, Stack


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_method_path_and_query_arrive_as_they_were(http: httpx.Client, method: str) -> None:
    answer = http.request(method, f"/{SOURCE}/api/data%2Fbases/a%20b/?x=1&x=%26&empty=")
    seen = answer.json()
    assert answer.status_code == (201 if method == "POST" else 200)
    assert (seen["method"], seen["path"]) == (method, f"/{SOURCE}/api/data%2Fbases/a%20b/")
    assert seen["query"] == "x=1&x=%26&empty="


def test_a_bare_question_mark_is_no_query(http: httpx.Client) -> None:
    assert http.get(f"/{SOURCE}/v1/features/stacks?").json()["query"] == ""


def test_each_region_has_its_own_api(http: httpx.Client) -> None:
    assert http.get(f"/{DESTINATION}/v1/stacks").json()["path"] == f"/{DESTINATION}/v1/stacks"


def test_the_callers_headers_arrive_but_for_those_of_the_connection_and_of_storky(http: httpx.Client) -> None:
    headers = {
        "Storky-Migration": "m",
        "storky-epoch": "7",
        "Connection": "X-Mine",
        "X-Mine": "1",
        "TE": "trailers",
        "X-Kept": "kept",
        "Idempotency-Key": "k",
    }
    seen = http.get(f"/{SOURCE}/v1/x", headers=headers).json()["headers"]
    assert (seen["x-kept"], seen["idempotency-key"]) == ("kept", "k")
    assert seen["authorization"] == http.headers["Authorization"]
    assert seen["user-agent"] == http.headers["User-Agent"]
    assert not {"storky-migration", "storky-epoch", "x-mine", "te"} & seen.keys()


def test_a_large_body_is_streamed_in_both_ways(http: httpx.Client) -> None:
    chunk = b"x" * 65536

    def body() -> Iterator[bytes]:
        for _ in range(256):
            yield chunk

    seen = http.put(f"/{SOURCE}/v1/upload", content=body()).json()
    assert seen["size"] == 256 * len(chunk)
    assert seen["sha256"] == hashlib.sha256(chunk * 256).hexdigest()
    assert "content-length" not in seen["headers"]


def test_an_answer_is_passed_on_while_it_is_being_made(http: httpx.Client) -> None:
    with http.stream("GET", f"/{SOURCE}/v1/slowly") as answer:
        lines = answer.iter_lines()
        assert next(lines) == "first"
        first = time.monotonic()
        assert next(lines) == "second"
        assert time.monotonic() - first > 0.5


def test_an_answer_that_breaks_off_does_not_look_complete(http: httpx.Client) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        http.get(f"/{SOURCE}/v1/broken")


def test_an_address_inside_the_region_leads_through_the_gateway(stack: Stack, http: httpx.Client) -> None:
    answer = http.post(f"/{SOURCE}/v1/moved", json={})
    assert answer.status_code == 202
    assert answer.headers["location"] == f"{stack.url}/{SOURCE}/v1/operations/7"
    assert "x-hop" not in answer.headers


def test_an_answer_has_the_time_and_the_server_once(http: httpx.Client) -> None:
    headers = http.get(f"/{SOURCE}/v1/x").headers
    assert [len(headers.get_list(name)) for name in ("date", "server")] == [1, 1]


def test_a_region_that_is_down_answers_503(http: httpx.Client) -> None:
    answer = http.get(f"/{DOWN}/v1/apps?")
    assert (answer.status_code, answer.json().keys()) == (503, {"error", "code"})


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("path", ["/v1/users/self/more", "/v1", "/nowhere"])
def test_what_is_nowhere_is_answered_in_the_contracts_shape(
    http: httpx.Client, method: str, path: str
) -> None:
    answer = http.request(method, path)
    assert (answer.status_code, answer.json().keys()) == (404, {"resource", "error"})
    assert answer.json()["resource"] == "path"


def test_a_method_nobody_knows_is_answered_in_the_contracts_shape(http: httpx.Client) -> None:
    answer = http.request("BREW", f"/{SOURCE}/v1/apps")
    assert (answer.status_code, answer.json().keys()) == (405, {"error", "code"})
