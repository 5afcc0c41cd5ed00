"""A migration copies what surrounds an app: each thing once, and mapped to what the new region calls it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.region.harness import ELSEWHERE, Client, Place, Storky, new_app

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Copy:
    """An app that a migration has made in the new region."""

    storky: Storky
    app: str

    async def add(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        """Ask twice, each time with a new key; returns what there is then, once."""
        path = f"{self.app}/{what}"
        answers = [await self.storky.call("POST", path, body) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 201], answers[0].text
        first, second = ({**answer.json()} for answer in answers)
        assert first == second
        (thing,) = first.values()
        (found,) = (await self.storky.http.get(path)).json().values()
        assert found in ([thing], thing)
        return dict(thing)

    async def refused(self, what: str, body: dict[str, Any]) -> list[str]:
        answer = await self.storky.call("POST", f"{self.app}/{what}", body)
        assert answer.status_code == 422, answer.text
        return list(answer.json()["errors"])


@pytest.fixture
async def copy(storky: Storky) -> Copy:
    answer = await storky.create(f"copy-{storky.migration.hex[:8]}")
    app = f"/v1/apps/{answer.json()['app']['name']}"
    types = {"containers": [{"name": "web", "amount": 1}]}
    assert (await storky.call("PUT", f"{app}/formation", types)).status_code == 200
    return Copy(storky, app)


async def test_whoever_works_on_it(place: Place, copy: Copy) -> None:
    carol = {"email": "carol@example.com", "username": "carol", "user_id": "us-carol"}
    added = await copy.add("collaborators", {"collaborator": carol})
    assert {**carol, "status": "accepted"}.items() <= added.items()
    assert await copy.refused("collaborators", {"collaborator": {"email": "dan@example.com"}}) == ["user_id"]
    async with place.user("carol") as http:
        assert (await http.put(copy.app, json={"sticky_session": True})).status_code == 200
        assert (await http.get("/v1/apps")).json()["apps"][0]["id"] == added["app_id"]
    linker = {"id": "us-carol", "username": "carol", "email": "carol@example.com"}
    link = {"source": "https://git.example.com/a/b", "scm_type": "gitlab-self-hosted", "linker": linker}
    linked = await copy.add("scm_repo_link", {"scm_repo_link": {**link, "hours_before_delete_stale": 48}})
    assert (linked["linker"], linked["hours_before_delete_stale"]) == (linker, 48)
    service = await copy.storky.call("POST", f"{copy.app}/collaborators/{added['id']}/accept", {})
    assert (service.status_code, service.json()["code"]) == (403, "users_only")


async def test_whoever_is_told(regions: Mapping[str, Place], copy: Copy) -> None:
    ids = {}
    for name, place in regions.items():
        async with place.client("") as anybody:
            events = (await anybody.get("/v1/event_types")).json()["event_types"]
            hooks = (await anybody.get("/v1/notification_platforms/search?name=webhook")).json()
            ids[name] = (
                {each["name"]: each["id"] for each in events},
                hooks["notification_platforms"][0]["id"],
            )
    (here, platform), (there, foreign) = ids["osc-fr1"], ids["agora-fr1"]
    order = {
        "name": "Ops",
        "active": False,
        "send_all_alerts": True,
        "platform_id": platform,
        "selected_event_ids": [here["crash"]],
        "type_data": {"webhook_url": "https://hooks.example.com/T"},
    }

    body = {"notifier": order, "migration": {"source_id": "of-old"}}
    notifier = await copy.add("notifiers", body)

    assert order.items() <= notifier.items()
    for change, field in [
        ({"platform_id": foreign}, "platform_id"),
        ({"selected_event_ids": [there["crash"]]}, "selected_event_ids"),
    ]:
        fresh = {"notifier": {**order, **change}, "migration": {"source_id": "another"}}
        assert await copy.refused("notifiers", fresh) == [field]
    alert = {"container_type": "web", "metric": "5XX", "limit": 3.0, "notifiers": [notifier["id"]]}
    copied = await copy.add("alerts", {"alert": alert, "migration": {"source_id": "of-old"}})
    assert alert.items() <= copied.items()
    alert["notifiers"] = ["of-old"]
    assert await copy.refused("alerts", {"alert": alert, "migration": {"source_id": "x"}}) == ["notifiers"]


async def test_whatever_scales_it_and_takes_its_log(copy: Copy) -> None:
    order = {
        "container_type": "web",
        "metric": "cpu",
        "target": 0.5,
        "min_containers": 1,
        "max_containers": 3,
    }
    autoscaler = await copy.add("autoscalers", {"autoscaler": {**order, "disabled": True}})
    assert autoscaler["disabled"] is True
    url = "ovh-graylog://:sesame@tag3.logs.example.com:6514"
    drain = await copy.add("log_drains", {"drain": {"url": url}})
    assert (drain["url"], bool(drain["id"])) == (url, True)
    order = {"addon_provider_id": "logbook", "plan_id": "logbook-free"}
    addon = (await copy.storky.call("POST", f"{copy.app}/addons", {"addon": order})).json()["addon"]["id"]
    assert (await copy.add(f"addons/{addon}/log_drains", {"drain": {"url": url}}))["url"] == url
    gone = await copy.storky.call("DELETE", f"{copy.app}/addons/{addon}/log_drains?url={url}")
    assert gone.status_code == 204
    assert (await copy.storky.http.get(f"{copy.app}/log_drains")).json() == {"drains": [drain]}


@pytest.fixture
async def full(ada: Client, storky: Storky) -> AsyncIterator[str]:
    """The path of an app of ada's that has one thing of each kind, and two invitations."""
    name = await new_app(ada)
    app = f"/v1/apps/{name}"
    types = {"containers": [{"name": "web", "amount": 0}]}
    await storky.freeze(name)
    await storky.call("PUT", f"{app}/formation", types)
    await storky.call("DELETE", f"{app}/freeze")
    found = (await ada.get("/v1/notification_platforms/search?name=email")).json()["notification_platforms"]
    notifier = {"platform_id": found[0]["id"], "type_data": {"emails": ["ada@example.com"]}}
    scale = {"container_type": "web", "metric": "cpu", "target": 1, "min_containers": 1, "max_containers": 2}
    for what, body in [
        ("collaborators", {"collaborator": {"email": "bob@example.com"}}),
        ("collaborators", {"collaborator": {"email": "eve@example.com"}}),
        ("scm_repo_link", {"scm_repo_link": {"source": "https://github.com/ada/engine"}}),
        ("notifiers", {"notifier": notifier}),
        ("alerts", {"alert": {"container_type": "web", "metric": "cpu", "limit": 1}}),
        ("autoscalers", {"autoscaler": scale}),
        ("log_drains", {"drain": {"url": "syslog://logs.example.com:514"}}),
    ]:
        answer = await ada.post(f"{app}/{what}", json=body)
        assert answer.status_code == 201, answer.text
    yield app
    await storky.call("DELETE", f"{app}/freeze")


async def test_a_frozen_app_counts_it_all_and_keeps_it(
    place: Place, ada: Client, storky: Storky, full: str
) -> None:
    invitations = (await ada.get(f"{full}/collaborators")).json()["collaborators"]
    async with place.user("bob") as bob, place.user("eve") as eve:
        assert (
            await bob.post(f"{full}/collaborators/{invitations[0]['id']}/accept", json={})
        ).status_code == 200

        inventory = (await storky.call("POST", f"{full}/freeze", ELSEWHERE)).json()["inventory"]

        late = await eve.post(f"{full}/collaborators/{invitations[1]['id']}/accept", json={})
        assert (late.status_code, late.json()["code"]) == (403, "app_migrating")
        assert (await bob.put(full, json={})).json()["code"] == "app_migrating"
    counts = {
        "collaborators": 1,
        "pending_collaborators": 1,
        "scm_link": True,
        "notifiers": 1,
        "alerts": 1,
        "log_drains": 1,
        "autoscalers": 1,
    }
    assert counts.items() <= inventory.items()
    assert "example.com" not in str(inventory)
    for method, what in [
        ("DELETE", f"collaborators/{invitations[0]['id']}"),
        ("DELETE", "scm_repo_link"),
        ("POST", "notifiers"),
        ("POST", "alerts"),
        ("POST", "autoscalers"),
        ("DELETE", "log_drains?url=syslog://logs.example.com:514"),
        ("PUT", "limits"),
        ("POST", "deployments/x/rollback"),
    ]:
        answer = await ada.request(method, f"{full}/{what}", json={})
        assert (answer.status_code, answer.json()["code"]) == (403, "app_migrating"), what
