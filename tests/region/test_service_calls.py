"""The rules of storky's calls: mandates, keys, and what a migration has made already."""

from typing import Any
from uuid import uuid4

import pytest

from tests.region.harness import ELSEWHERE, Client, Place, Storky, new_app

pytestmark = pytest.mark.anyio


async def test_a_mutating_call_names_its_migration(storky: Storky) -> None:
    complete = {"Storky-Migration": str(uuid4()), "Storky-Epoch": "1", "Idempotency-Key": "k"}
    for missing in complete:
        headers = {name: value for name, value in complete.items() if name != missing}
        answer = await storky.http.post("/v1/apps", json={"app": {"name": "some-app"}}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "headers_missing")
    for name, bad in [
        ("Storky-Migration", "no-uuid"),
        ("Storky-Epoch", "0"),
        ("Storky-Epoch", "x"),
        ("Storky-Epoch", str(2**40)),
        ("Idempotency-Key", "k" * 201),
    ]:
        answer = await storky.http.delete("/v1/apps/none", headers={**complete, name: bad})
        assert (answer.status_code, answer.json()["code"]) == (400, "headers_invalid")


async def test_users_are_kept_out_of_the_extensions(place: Place, ada: Client) -> None:
    app = f"/v1/apps/{await new_app(ada)}"
    migration = f"/v1/migrations/{uuid4()}"
    calls: list[tuple[str, str, Any]] = [
        ("POST", f"{migration}/fence", {"epoch": 2}),
        ("GET", f"{migration}/resources", None),
        ("POST", f"{app}/freeze", ELSEWHERE),
        ("DELETE", f"{app}/freeze", None),
        ("POST", f"{app}/stop", {}),
        ("POST", f"{app}/start", {}),
        ("PUT", f"{app}/formation", {"containers": []}),
        ("GET", f"{app}/build", None),
        ("DELETE", "/v1/apps/not-there/handover", None),
        ("POST", f"{app}/migrated", {"region": "agora-fr1", "app": "x"}),
        ("GET", "/v1/front", None),
    ]
    for method, path, body in calls:
        answer = await ada.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "service_only"), path


async def test_a_success_is_answered_again(storky: Storky) -> None:
    name, key = f"app-{uuid4().hex[:8]}", f"{uuid4()}/create/"
    body = {"app": {"name": name}}

    first = await storky.call("POST", "/v1/apps", body, key=key)
    again = await storky.call("POST", "/v1/apps", body, key=key)

    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.headers["Content-Type"] == again.headers["Content-Type"]
    stopped = [await storky.call("POST", f"/v1/apps/{name}/stop", {}, key=f"{key}stop") for _ in range(2)]
    assert stopped[0].json()["operation"]["id"] == stopped[1].json()["operation"]["id"]
    assert stopped[0].headers["Location"] == stopped[1].headers["Location"]
    gone = [await storky.call("DELETE", f"/v1/apps/{name}?current_name={name}", key=f"{key}d") for _ in "12"]
    assert [(answer.status_code, answer.content) for answer in gone] == [(204, b""), (204, b"")]


async def test_a_key_stands_for_one_request(storky: Storky) -> None:
    name, key = f"app-{uuid4().hex[:8]}", f"{uuid4()}/create/"
    await storky.call("POST", "/v1/apps", {"app": {"name": name}}, key=key)

    for method, path, body in [
        ("POST", "/v1/apps", {"app": {"name": f"{name}-2"}}),
        ("PUT", f"/v1/apps/{name}", {"app": {"name": name}}),
        ("POST", f"/v1/apps/{name}/stop", {"app": {"name": name}}),
    ]:
        answer = await storky.call(method, path, body, key=key)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["Idempotency-Key"])


async def test_a_failure_is_not_remembered(ada: Client, storky: Storky) -> None:
    taken, key = await new_app(ada), f"{uuid4()}/create/"
    body = {"app": {"name": taken}}
    assert (await storky.call("POST", "/v1/apps", body, key=key)).status_code == 422

    await ada.delete(f"/v1/apps/{taken}?current_name={taken}")

    assert (await storky.call("POST", "/v1/apps", body, key=key)).status_code == 201


async def test_asking_twice_with_new_keys_makes_one_thing(storky: Storky) -> None:
    name = f"app-{uuid4().hex[:8]}"
    apps = [(await storky.create(name)).json()["app"]["id"] for _ in range(2)]
    domain = {"domain": {"name": f"{name}.example.com"}}
    order = {
        "addon": {"addon_provider_id": "logbook", "plan_id": "logbook-free", "options": {"version": "1"}},
        "migration": {"source_id": "ad-source"},
    }
    domains = [await storky.call("POST", f"/v1/apps/{name}/domains", domain) for _ in range(2)]
    addons = [await storky.call("POST", f"/v1/apps/{name}/addons", order) for _ in range(2)]

    assert apps[0] == apps[1]
    assert {answer.status_code for answer in (*domains, *addons)} == {201}
    assert domains[0].json()["domain"]["id"] == domains[1].json()["domain"]["id"]
    assert addons[0].json()["addon"]["id"] == addons[1].json()["addon"]["id"]
    resources = (await storky.http.get(f"/v1/migrations/{storky.migration}/resources")).json()["resources"]
    assert resources == [
        {"kind": "app", "id": apps[0], "app": name, "source_id": f"elsewhere/{name}"},
        {"kind": "addon", "id": addons[0].json()["addon"]["id"], "app": name, "source_id": "ad-source"},
    ]


async def test_a_migration_changes_only_what_it_has_frozen_or_made(ada: Client, storky: Storky) -> None:
    name = await new_app(ada)
    variables = {"variables": [{"name": "NEW", "value": "1"}]}
    for method, path, body in [("PUT", "variables", variables), ("POST", "stop", {}), ("POST", "start", {})]:
        answer = await storky.call(method, f"/v1/apps/{name}/{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_of_migration")
    await storky.freeze(name)
    assert (await storky.call("PUT", f"/v1/apps/{name}/variables", variables)).status_code == 200


async def test_a_migration_deletes_only_what_it_has_made(place: Place, ada: Client, storky: Storky) -> None:
    name = await new_app(ada)
    answer = await storky.call("DELETE", f"/v1/apps/{name}?current_name={name}")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_made_by_migration")
    assert (await ada.get(f"/v1/apps/{name}")).status_code == 200


async def test_copied_variables_do_not_replace_those_of_an_addon(storky: Storky) -> None:
    name = f"app-{uuid4().hex[:8]}"
    await storky.create(name)
    order = {"addon": {"addon_provider_id": "logbook", "plan_id": "logbook-free", "options": None}}
    await storky.call("POST", f"/v1/apps/{name}/addons", order)
    copies = [{"name": "LOGBOOK_URL", "value": "old"}, {"name": "OWN", "value": "mine"}]

    assert (await storky.call("PUT", f"/v1/apps/{name}/variables", {"variables": copies})).status_code == 200

    found = (await storky.http.get(f"/v1/apps/{name}/variables?aliases=false")).json()["variables"]
    values = {variable["name"]: variable["value"] for variable in found}
    assert values["OWN"] == "mine"
    assert values["LOGBOOK_URL"].startswith("https://logbook.example/")
