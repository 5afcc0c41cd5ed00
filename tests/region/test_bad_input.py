"""Whatever is sent, the answer is one of the documented errors."""

import json
from typing import Any

import pytest

from tests.region.harness import Client, Place, new_app

pytestmark = pytest.mark.anyio

DEEP = "[" * 100_000


@pytest.mark.parametrize(
    "body", [b"", b"{", b"nonsense", b'{"app": ', DEEP.encode(), b"\xff\xfe"], ids=range(6)
)
async def test_a_body_that_is_no_json(ada: Client, body: bytes) -> None:
    answer = await ada.post("/v1/apps", content=body, headers={"Content-Type": "application/json"})

    expected = {"errors"} if body == b"" else {"error", "code"}
    assert (answer.status_code, set(answer.json())) == (422 if body == b"" else 400, expected)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "app"),
        ([], "body"),
        ({"app": 7}, "app"),
        ({"app": {}}, "name"),
        ({"app": {"name": 7}}, "name"),
        ({"app": {"name": "Upper"}}, "name"),
        ({"app": {"name": "a"}}, "name"),
        ({"app": {"name": "x" * 49}}, "name"),
        ({"app": {"name": "nul\0"}}, "name"),
        ({"app": {"name": "0123456789abcdef01234567"}}, "name"),
        ({"app": {"name": "some-app", "stack_id": "none"}}, "stack_id"),
    ],
)
async def test_a_wrong_field_is_named(ada: Client, body: Any, field: str) -> None:
    answer = await ada.post("/v1/apps", json=body)

    assert (answer.status_code, list(answer.json()), list(answer.json()["errors"])) == (
        422,
        ["errors"],
        [field],
    )
    assert all(isinstance(text, str) for text in answer.json()["errors"][field])


async def test_a_name_that_is_taken(ada: Client) -> None:
    name = await new_app(ada)
    answer = await ada.post("/v1/apps", json={"app": {"name": name}})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["name"])


async def test_a_path_that_does_not_exist(ada: Client) -> None:
    answer = await ada.get("/v1/nothing?")
    assert (answer.status_code, set(answer.json())) == (404, {"resource", "error"})
    answer = await ada.patch("/v1/apps")
    seen = answer.status_code, set(answer.json()), answer.headers["Allow"]
    assert seen == (405, {"error", "code"}, "GET, POST")


@pytest.mark.parametrize(
    "name", ["%00", "a%00b", "..%2F..", "%F0%9F%90%98", "x" * 5000, "'; drop table apps"]
)
async def test_a_strange_name_in_the_path(ada: Client, name: str) -> None:
    for path in (f"/v1/apps/{name}", f"/v1/apps/{name}/variables", f"/api/databases/{name}"):
        assert (await ada.get(path)).status_code in (400, 401, 404)


@pytest.mark.parametrize("value", ["a\0b", "\ud800", 7, None, "x" * 65_537])
async def test_a_value_that_cannot_be_stored(ada: Client, value: Any) -> None:
    app = await new_app(ada)
    body = {"variables": [{"name": "FINE", "value": "1"}, {"name": "BAD", "value": value}]}

    answer = await ada.put(f"/v1/apps/{app}/variables", content=json.dumps(body))

    assert answer.status_code in (400, 422)
    assert (await ada.get(f"/v1/apps/{app}/variables")).json() == {"variables": []}


async def test_names_that_no_variable_has(ada: Client) -> None:
    path = f"/v1/apps/{await new_app(ada)}/variables"
    for name in ("", "a b", "A.B", "A=B", "É", "A\n", "x" * 129):
        answer = await ada.post(path, json={"variable": {"name": name, "value": "1"}})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["name"]), name


async def test_numbers_beyond_all_bounds(ada: Client) -> None:
    app = await new_app(ada)
    for amount in (-1, 10**30, 1.5, "many", "1", True, None):
        body = {"containers": [{"name": "web", "amount": amount}]}
        assert (await ada.post(f"/v1/apps/{app}/scale", json=body)).status_code == 422
    nobody = await ada.post(f"/v1/apps/{app}/restart", json={"scope": ["ghost-1"]})
    assert (nobody.status_code, list(nobody.json()["errors"])) == (422, ["scope"])
    yes = await ada.put(f"/v1/apps/{app}", json={"force_https": "yes"})
    assert (yes.status_code, list(yes.json()["errors"])) == (422, ["force_https"])
    for page in ("0", "-1", str(10**30), "x"):
        assert (await ada.get(f"/v1/apps/{app}/deployments?page={page}")).status_code == 422


async def test_a_body_that_is_too_long(ada: Client) -> None:
    answer = await ada.post("/v1/apps", content=b"[" + b"1," * 5_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_link_that_was_not_signed_here(place: Place, ada: Client) -> None:
    source = (await ada.post("/v1/sources", json={})).json()["source"]
    async with place.client("") as anybody:
        put_with_link_to_get = await anybody.put(source["download_url"], content=b"x")
        assert (put_with_link_to_get.status_code, put_with_link_to_get.json()["code"]) == (
            403,
            "link_refused",
        )
        for url in (
            source["upload_url"].replace("/sources/", "/sources/1"),
            source["upload_url"][:-3] + "000",
            source["upload_url"].partition("?")[0],
        ):
            assert (await anybody.put(url, content=b"x")).status_code == 403
        for path in ("/files/sources/..%2Fsigning.key?expires=1&signature=x", "/files/keys/x"):
            assert (await anybody.get(path)).status_code in (403, 404, 422)
