"""What was done to an app is told to those who see it, in the fields that the command line client prints."""

from typing import Any

import pytest

from tests.contract.client.timeline import Event
from tests.contract.client.wire import decoded
from tests.region.harness import ELSEWHERE, Client, Place, Storky, new_app

pytestmark = pytest.mark.anyio

SECRET = "sesame-4711"


async def events(http: Client, path: str, **query: int) -> dict[str, Any]:
    answer = await http.get(f"{path}/events", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def told(http: Client, app: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the types and what they tell, oldest first; each in the shape that its type has for clients."""
    found = (await events(http, app, per_page=100))["events"]
    for each in found:
        assert decoded(each, Event).told
    return [(each["type"], each["type_data"]) for each in reversed(found)]


async def sent(http: Client, method: str, path: str, body: Any = None) -> Any:
    answer = await http.request(method, path, json=body)
    assert answer.is_success, (method, path, answer.text)
    return answer.json() if answer.content else None


async def test_settings_variables_domains_and_addons(ada: Client) -> None:
    name = await new_app(ada)
    app, host = f"/v1/apps/{name}", f"{name}.example.com"
    await sent(ada, "PUT", app, {"force_https": True})
    await sent(ada, "PUT", app, {})
    await sent(ada, "PATCH", app, {"app": {"stack_id": "storky-22"}})
    variables = [{"name": each, "value": SECRET} for each in ("ONE", "TWO")]
    await sent(ada, "PUT", f"{app}/variables", {"variables": variables})
    await sent(ada, "PUT", f"{app}/variables", {"variables": [{"name": "ONE", "value": f"{SECRET}!"}]})
    again = await sent(ada, "POST", f"{app}/variables", {"variable": {"name": "TWO", "value": SECRET}})
    await sent(ada, "DELETE", f"{app}/variables/{again['variable']['id']}")
    domain = (await sent(ada, "POST", f"{app}/domains", {"domain": {"name": host}}))["domain"]
    path = f"{app}/domains/{domain['id']}"
    await sent(ada, "PATCH", path, {"domain": {"letsencrypt_enabled": False}})
    await sent(ada, "DELETE", path)
    order = {"addon_provider_id": "redis", "plan_id": "redis-starter-256"}
    addon = (await sent(ada, "POST", f"{app}/addons", {"addon": order}))["addon"]
    path = f"{app}/addons/{addon['id']}"
    larger = await sent(ada, "PATCH", path, {"addon": {"plan_id": "redis-starter-512"}})
    assert larger["addon"]["plan"]["name"] == "redis-starter-512"
    await sent(ada, "DELETE", path)

    redis = {"addon_provider_name": "Redis", "resource_id": addon["resource_id"]}
    small, large = ({**redis, "plan_name": f"redis-starter-{size}"} for size in (256, 512))
    upgrade = {**large, "old_plan_name": small["plan_name"], "new_plan_name": large["plan_name"]}
    stacks = ("storky-24", "storky-22")
    assert await told(ada, app) == [
        ("new_app", {"git_source": ""}),
        ("edit_app", {"force_https": True}),
        (
            "stack_changed",
            {
                f"{when}_stack_{what}": stack
                for when, stack in zip(("previous", "current"), stacks, strict=True)
                for what in ("id", "name")
            },
        ),
        ("new_variable", {"name": "ONE"}),
        ("new_variable", {"name": "TWO"}),
        ("edit_variable", {"name": "ONE"}),
        ("delete_variable", {"name": "TWO"}),
        ("new_domain", {"hostname": host, "ssl": True}),
        ("edit_domain", {"hostname": host, "ssl": False, "old_ssl": True}),
        ("delete_domain", {"hostname": host, "ssl": False}),
        ("new_addon", small),
        ("upgrade_addon", upgrade),
        ("delete_addon", large),
    ]


async def test_what_surrounds_an_app(place: Place, ada: Client, storky: Storky) -> None:
    name = await new_app(ada)
    app = f"/v1/apps/{name}"
    await storky.freeze(name)
    await storky.call("PUT", f"{app}/formation", {"containers": [{"name": "web", "amount": 0, "size": "S"}]})
    await storky.call("DELETE", f"{app}/freeze")
    addon = {"addon": {"addon_provider_id": "logbook", "plan_id": "logbook-free"}}
    drains = f"{app}/addons/{(await sent(ada, 'POST', f'{app}/addons', addon))['addon']['id']}/log_drains"
    await sent(ada, "POST", f"{app}/scale", {"containers": [{"name": "web", "amount": 2, "size": "L"}]})
    await sent(ada, "POST", f"{app}/restart", {"scope": ["web"]})
    email = (await ada.get("/v1/notification_platforms/search?name=email")).json()["notification_platforms"]
    notifier = {"platform_id": email[0]["id"], "type_data": {"emails": [f"{SECRET}@example.com"]}}
    alert = {"container_type": "web", "metric": "cpu", "limit": 0.5}
    scaler = {**alert, "target": 0.5, "min_containers": 1, "max_containers": 2}
    link = {"source": "https://github.com/ada/engine", "branch": "main"}
    drain = {"url": f"https://u:{SECRET}@in.example.com/x?t={SECRET}"}
    for path, kind, body, change in (
        (f"{app}/notifiers", "notifier", notifier, {"notifier": {"name": "Ops"}}),
        (f"{app}/alerts", "alert", alert, {"disabled": True}),
        (f"{app}/autoscalers", "autoscaler", scaler, {"max_containers": 3}),
        (f"{app}/collaborators", "collaborator", {"email": "bob@example.com"}, None),
    ):
        made = (await sent(ada, "POST", path, {kind: body}))[kind]
        if change:
            await sent(ada, "PATCH", f"{path}/{made['id']}", change)
        else:
            async with place.user("bob") as bob:
                await sent(bob, "POST", f"{path}/{made['id']}/accept", {})
        await sent(ada, "DELETE", f"{path}/{made['id']}")
    path = f"{app}/scm_repo_link"
    await sent(ada, "POST", path, {"scm_repo_link": link})
    await sent(ada, "PATCH", path, {"scm_repo_link": {"branch": "next"}})
    await sent(ada, "DELETE", path)
    for path in (f"{app}/log_drains", drains):
        seen = (await sent(ada, "POST", path, {"drain": drain}))["drain"]["url"]
        assert (await ada.delete(path, params={"url": seen})).status_code == 204

    found = await told(ada, app)

    data = dict(found)
    changes = ("new", "edit", "delete")
    assert [kind for kind, _ in found] == [
        *("new_app", "start_region_migration", "scale", "new_addon", "scale", "restart"),
        *(f"{change}_notifier" for change in changes),
        *("new_alert", "delete_alert"),  # clients know no event for a changed one
        *(f"{change}_autoscaler" for change in changes),
        *("new_collaborator", "accept_collaborator", "delete_collaborator"),
        *("link_scm", "update_scm", "unlink_scm"),
        *("new_log_drain", "delete_log_drain", "new_addon_log_drain", "delete_addon_log_drain"),
    ]
    assert data["start_region_migration"] == {
        "migration_id": str(storky.migration),
        "source": "osc-fr1",
        "destination": ELSEWHERE["region"],
        "dst_app_name": ELSEWHERE["app"],
    }
    assert data["scale"] == {"previous_containers": {"web": "0:S"}, "containers": {"web": "2:L"}}
    assert data["edit_notifier"]["notifier_name"] == "Ops"
    amounts = {key: data["edit_autoscaler"][key] for key in ("min_containers", "max_containers", "target")}
    assert amounts == {"min_containers": "1", "max_containers": "3", "target": 0.5}
    assert data["accept_collaborator"]["collaborator"]["id"] == "us-bob"
    assert (data["update_scm"]["repo_name"], data["update_scm"]["branch"]) == ("ada/engine", "next")
    assert data["delete_addon_log_drain"]["url"] == "https://***@in.example.com/x?***"
    assert SECRET not in str(found)
    known = {each["name"] for each in (await ada.get("/v1/event_types")).json()["event_types"]}
    assert set(data) <= known


async def test_pages_actors_and_who_reads_it(place: Place, ada: Client, storky: Storky) -> None:
    created = (await storky.create(name := f"moved-{storky.migration.hex[:8]}")).json()["app"]
    path = f"/v1/apps/{name}"
    page = await events(storky.http, path, page=2, per_page=1)
    [event] = page["events"]
    assert (event["type"], event["app_id"], event["app_name"]) == ("new_app", created["id"], name)
    assert event["user"]["username"] == "platform"
    pagination = {"prev_page": 1, "current_page": 2, "next_page": None, "total_pages": 2, "total_count": 2}
    assert page["meta"] == {"pagination": pagination}
    [(_, move)] = [each for each in await told(storky.http, path) if each[0] == "start_region_migration"]
    assert (move["source"], move["destination"], move["dst_app_name"]) == ("elsewhere", "osc-fr1", name)

    name = await new_app(ada)
    path = f"/v1/apps/{name}"
    [mine] = (await events(ada, path))["events"]
    assert mine["user"] == {"id": "us-ada", "username": "ada", "email": "ada@example.com"}
    assert mine in (await events(ada, "/v1"))["events"]
    for wrong in ({"page": 0}, {"per_page": 101}):
        assert (await ada.get(f"{path}/events", params=wrong)).status_code == 422
    async with place.user("eve") as eve:
        assert (await eve.get(f"{path}/events")).json()["resource"] == "app"
        assert mine not in (await events(eve, "/v1"))["events"]
    await sent(ada, "DELETE", f"{path}?current_name={name}")
    left = [each for each in (await events(ada, "/v1"))["events"] if each["app_name"] == name]
    assert [each["type"] for each in left] == ["delete_app"]
