"""What surrounds an app, as its users see it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.region.harness import Client, Place, Storky, new_app

pytestmark = pytest.mark.anyio


@pytest.fixture
async def bob(place: Place) -> AsyncIterator[Client]:
    async with place.user("bob") as client:
        yield client


@pytest.fixture
async def app(ada: Client, storky: Storky) -> str:
    """The path of an app that has process types, and none of them running."""
    name = await new_app(ada)
    await storky.freeze(name)
    types = [{"name": name, "amount": 0} for name in ("web", "clock")]
    await storky.call("PUT", f"/v1/apps/{name}/formation", {"containers": types})
    await storky.call("DELETE", f"/v1/apps/{name}/freeze")
    return f"/v1/apps/{name}"


async def made(http: Client, path: str, kind: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await http.post(path, json={kind: body})
    assert answer.status_code == 201, answer.text
    return dict(answer.json()[kind])


async def refused(http: Client, path: str, kind: str, body: dict[str, Any]) -> list[str]:
    """Return the fields for which a POST is refused."""
    answer = await http.post(path, json={kind: body})
    assert answer.status_code == 422, answer.text
    return list(answer.json()["errors"])


async def each_refused(
    http: Client, path: str, kind: str, order: dict[str, Any], changes: list[tuple[dict[str, Any], str]]
) -> None:
    """Check that each change of a good order makes it one that is refused for that field."""
    for change, field in changes:
        assert await refused(http, path, kind, {**order, **change}) == [field]


async def test_collaborators_work_on_an_app(place: Place, ada: Client, bob: Client, app: str) -> None:
    name, path = app.rpartition("/")[2], f"{app}/collaborators"
    invited = await made(ada, path, "collaborator", {"email": "Bob@Example.com"})
    assert (invited["status"], invited["email"], invited["user_id"]) == ("pending", "bob@example.com", "")
    for email in ("bob@example.com", "ada@example.com", "nobody", "", 7):
        assert await refused(ada, path, "collaborator", {"email": email}) == ["email"]

    assert (await bob.get(app)).status_code == 404
    accept = f"{path}/{invited['id']}/accept"
    async with place.user("eve") as eve, place.user("op", "operator") as operator:
        assert (await eve.post(accept, json={})).json()["resource"] == "app"
        assert (await operator.post(accept, json={})).json()["resource"] == "collaborator"
    for _ in range(2):
        accepted = (await bob.post(accept, json={})).json()["collaborator"]
    assert (accepted["status"], accepted["username"], accepted["user_id"]) == ("accepted", "bob", "us-bob")

    assert [each["name"] for each in (await bob.get("/v1/apps")).json()["apps"]] == [name]
    assert (await bob.put(app, json={"force_https": True})).json()["app"]["force_https"] is True
    by_bob = await made(bob, path, "collaborator", {"email": "eve@example.com"})
    assert (await ada.get(path)).json() == {"collaborators": [accepted, by_bob]}
    assert (await bob.delete(f"{path}/{by_bob['id']}")).status_code == 204
    refused_to_bob = await bob.delete(f"{app}?current_name={name}")
    assert (refused_to_bob.status_code, refused_to_bob.json()["code"]) == (403, "owner_only")
    assert (await ada.delete(f"{path}/{invited['id']}")).status_code == 204
    assert (await ada.delete(f"{path}/{invited['id']}")).json()["resource"] == "collaborator"
    assert (await bob.get(app)).status_code == 404
    assert (await bob.get("/v1/apps")).json() == {"apps": []}


async def test_a_repository_is_linked(ada: Client, app: str) -> None:
    path, kind = f"{app}/scm_repo_link", "scm_repo_link"
    assert (await ada.get(path)).json()["resource"] == kind
    body = {"source": "https://github.com/ada/engine", "branch": "main", "auto_deploy_enabled": True}
    changes: list[tuple[dict[str, Any], str]] = [
        ({"source": "https://github.com/ada"}, "source"),
        ({"source": "https://u:p@github.com/ada/engine"}, "source"),
        ({"source": "https://git.example.com/ada/engine"}, "scm_type"),
        ({"scm_type": "cvs"}, "scm_type"),
        ({"hours_before_delete_stale": -1}, "hours_before_delete_stale"),
        ({"auth_integration_uuid": "x"}, "auth_integration_uuid"),
    ]
    await each_refused(ada, path, kind, body, changes)

    link = await made(ada, path, kind, {**body, "auth_integration_uuid": ""})

    expected = {
        "owner": "ada",
        "repo": "engine",
        "branch": "main",
        "scm_type": "github",
        "delete_stale_enabled": False,
    }
    assert expected.items() <= link.items()
    assert (link["url"], link["linker"]["username"], link["last_auto_deploy_at"]) == (
        body["source"],
        "ada",
        None,
    )
    assert await refused(ada, path, kind, body) == ["source"]
    terms = {"branch": "next", "delete_on_close_enabled": True, "hours_before_delete_on_close": 5}
    changed = (await ada.patch(path, json={kind: terms})).json()[kind]
    assert changed == {**link, **terms, "updated_at": changed["updated_at"]}
    assert (await ada.get(path)).json() == {kind: changed}
    assert (await ada.delete(path)).status_code == 204
    for answer in (await ada.patch(path, json={kind: {}}), await ada.delete(path)):
        assert (answer.status_code, answer.json()["resource"]) == (404, kind)


async def test_notifiers_and_the_alerts_that_use_them(place: Place, ada: Client, app: str) -> None:
    async with place.client("") as anybody:
        events = {
            each["name"]: each["id"] for each in (await anybody.get("/v1/event_types")).json()["event_types"]
        }
        slack = await platform(anybody, "slack")
        email = await platform(anybody, "email")
        nothing = await anybody.get("/v1/notification_platforms/search?name=pigeon")
        assert nothing.json() == {"notification_platforms": []}
    path = f"{app}/notifiers"
    # As the command line client sends it: what it was not told is empty.
    order: dict[str, Any] = {
        "platform_id": slack,
        "type": "",
        "name": "Ops",
        "selected_event_ids": [events["crash"]],
        "type_data": {"webhook_url": "https://hooks.example.com/T", "phone_number": ""},
    }
    await each_refused(
        ada,
        path,
        "notifier",
        order,
        [
            ({"platform_id": events["crash"]}, "platform_id"),
            ({"type": "email"}, "type"),
            ({"selected_event_ids": [slack]}, "selected_event_ids"),
            ({"type_data": {"emails": ["ada@example.com"]}}, "webhook_url"),
            ({"type_data": {"webhook_url": "ftp://x"}}, "webhook_url"),
            ({"platform_id": email}, "emails"),
            ({"active": "maybe"}, "active"),
        ],
    )

    notifier = await made(ada, path, "notifier", order)

    expected = {
        "type": "slack",
        "active": True,
        "send_all_events": False,
        "platform_id": slack,
        "name": "Ops",
    }
    assert expected.items() <= notifier.items()
    assert notifier["type_data"] == {"webhook_url": "https://hooks.example.com/T"}
    changes = {"notifier": {"name": "", "type": "", "active": False, "type_data": {"phone_number": ""}}}
    changed = (await ada.patch(f"{path}/{notifier['id']}", json=changes)).json()["notifier"]
    assert changed == {**notifier, "active": False, "updated_at": changed["updated_at"]}
    assert (await ada.get(f"{path}/{notifier['id']}")).json() == {"notifier": changed}
    people = {"emails": ["Ada@example.com"], "user_ids": ["us-ada"]}
    other = await made(
        ada, path, "notifier", {"platform_id": email, "type_data": people, "send_all_events": True}
    )
    assert other["type_data"] == {"emails": ["ada@example.com"], "user_ids": ["us-ada"]}
    assert (await ada.get(path)).json() == {"notifiers": [changed, other]}
    await alerts(ada, app, [notifier["id"], other["id"]])


async def platform(anybody: Client, name: str) -> str:
    found = (await anybody.get(f"/v1/notification_platforms/search?name={name}")).json()[
        "notification_platforms"
    ]
    assert [each["name"] for each in found] == [name]
    return str(found[0]["id"])


async def alerts(ada: Client, app: str, notifiers: list[str]) -> None:
    path = f"{app}/alerts"
    order: dict[str, Any] = {
        "container_type": "web",
        "metric": "cpu",
        "limit": 0.75,
        "remind_every": "5m30s",
        "notifiers": notifiers,
    }
    await each_refused(
        ada,
        path,
        "alert",
        order,
        [
            ({"container_type": "cron"}, "container_type"),
            ({"metric": "mood"}, "metric"),
            ({"limit": -1}, "limit"),
            ({"remind_every": "soon"}, "remind_every"),
            ({"notifiers": [*notifiers, "x"]}, "notifiers"),
        ],
    )

    alert = await made(ada, path, "alert", order)

    expected = {
        **order,
        "disabled": False,
        "send_when_below": False,
        "duration_before_trigger": 0,
        "metadata": {},
    }
    assert expected.items() <= alert.items()
    changes = {
        "limit": 2.5,
        "remind_every": 60_000_000_000,
        "duration_before_trigger": 10**9,
        "send_when_below": True,
    }
    changed = (await ada.patch(f"{path}/{alert['id']}", json=changes)).json()["alert"]
    wanted = {**alert, **changes, "remind_every": "1m0s", "updated_at": changed["updated_at"]}
    assert changed == wanted
    wrong = await ada.patch(f"{path}/{alert['id']}", json={"container_type": "cron"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (422, ["container_type"])

    assert (await ada.delete(f"{app}/notifiers/{notifiers[0]}")).status_code == 204

    assert (await ada.get(path)).json() == {"alerts": [{**wanted, "notifiers": notifiers[1:]}]}
    assert (await ada.delete(f"{path}/{alert['id']}")).status_code == 204
    assert (await ada.patch(f"{path}/{alert['id']}", json={})).json()["resource"] == "alert"


async def test_autoscalers(ada: Client, app: str) -> None:
    path = f"{app}/autoscalers"
    order: dict[str, Any] = {
        "container_type": "web",
        "metric": "cpu",
        "target": 0.8,
        "min_containers": 2,
        "max_containers": 4,
    }
    await each_refused(
        ada,
        path,
        "autoscaler",
        order,
        [
            ({"container_type": "cron"}, "container_type"),
            ({"metric": "mood"}, "metric"),
            ({"target": 0}, "target"),
            ({"min_containers": 0}, "min_containers"),
            ({"min_containers": 5}, "min_containers"),
            ({"max_containers": 10**6}, "max_containers"),
        ],
    )

    first = await made(ada, path, "autoscaler", order)
    second = await made(ada, path, "autoscaler", {**order, "metric": "memory"})

    assert {**order, "disabled": False}.items() <= first.items()
    assert await refused(ada, path, "autoscaler", order) == ["metric"]
    for change, field in [({"metric": "cpu"}, "metric"), ({"max_containers": 1}, "min_containers")]:
        answer = await ada.patch(f"{path}/{second['id']}", json=change)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    changed = (await ada.patch(f"{path}/{first['id']}", json={"disabled": True, "min_containers": 1})).json()
    assert changed == {"autoscaler": {**first, "disabled": True, "min_containers": 1}}
    assert (await ada.delete(f"{path}/{second['id']}")).status_code == 204
    assert (await ada.delete(f"{path}/{second['id']}")).json()["resource"] == "autoscaler"
    assert (await ada.get(path)).json() == {"autoscalers": [changed["autoscaler"]]}
    await ada.patch(f"{path}/{first['id']}", json={"disabled": False})
    await ada.post(f"{app}/scale", json={"containers": [{"name": "web", "amount": 0}]})
    assert (await ada.get(path)).json() == {"autoscalers": [changed["autoscaler"]]}  # disabled by hand


async def test_log_drains_of_an_app_and_of_its_addons(place: Place, ada: Client, app: str) -> None:
    order = {"addon_provider_id": "logbook", "plan_id": "logbook-free", "options": None}
    addon = (await made(ada, f"{app}/addons", "addon", order))["id"]
    secret = "sesame-4711"
    # As the command line client sends it: what it was not told is empty, and a port is a text.
    drain: dict[str, Any] = {
        "type": "syslog",
        "url": "",
        "host": "logs.example.com",
        "port": "514",
        "token": secret,
        "drain_region": "",
    }
    for path in (f"{app}/log_drains", f"{app}/addons/{addon}/log_drains"):
        await each_refused(
            ada,
            path,
            "drain",
            drain,
            [
                ({"type": "pigeon"}, "type"),
                ({"port": ""}, "port"),
                ({"port": 70_000}, "port"),
                ({"host": "no host"}, "host"),
                ({"type": "elk"}, "url"),
                ({"type": "datadog"}, "drain_region"),
            ],
        )
        added = await made(ada, path, "drain", drain)
        assert added["url"] == "syslog://***@logs.example.com:514"
        assert await refused(ada, path, "drain", drain) == ["url"]
        assert (await ada.get(path)).json() == {"drains": [added]}

    path = f"{app}/log_drains"
    await made(ada, path, "drain", {**drain, "token": f"{secret}-too"})
    seen = {"url": "syslog://***@logs.example.com:514"}
    unclear = await ada.delete(path, params=seen)
    assert (unclear.status_code, list(unclear.json()["errors"])) == (422, ["url"])
    whole = {"url": f"syslog://:{secret}@logs.example.com:514"}
    assert (await ada.delete(path, params=whole)).status_code == 204
    assert (await ada.delete(path, params=seen)).status_code == 204
    assert (await ada.delete(path, params=seen)).json()["resource"] == "log_drain"
    assert (await ada.delete(path)).status_code == 422
    assert len((await ada.get(f"{app}/addons/{addon}/log_drains")).json()["drains"]) == 1
    assert secret not in place.process._log.read_text()
