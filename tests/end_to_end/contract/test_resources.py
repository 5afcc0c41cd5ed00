"""Rows: addons, collaborators, log drains, notifiers, alerts, autoscalers and the SCM link."""

import pytest

from tests.contract.client import resources
from tests.contract.client.refusals import RefusedError
from tests.contract.client.session import Session
from tests.contract.client.wire import Api
from tests.end_to_end.contract.conftest import Shop

pytestmark = pytest.mark.anyio


async def test_addon_catalogue(source: Api) -> None:
    found = await resources.addon_providers(source)
    assert {"postgresql", "redis"} <= {provider.id for provider in found}
    for provider in found:
        assert await resources.plans(source, provider.id)
    with pytest.raises(RefusedError) as unknown:
        await resources.plans(source, "nothing")
    assert unknown.value.status == 404


async def test_addons(source: Api, shop: Shop) -> None:
    added = await resources.addons_add(source, shop.name, "logbook", "logbook-free", {"version": "1"})
    assert set(added.variables) == {"LOGBOOK_URL", "LOGBOOK_TOKEN"}
    assert added.message
    listed = {addon.id: addon for addon in await resources.addons(source, shop.name)}
    assert set(listed) == {shop.addon, added.addon.id}
    assert listed[shop.addon] == await resources.addons_info(source, shop.name, shop.addon)
    for kind in ("postgresql", "PostgreSQL", "psql"):
        assert await resources.addon_of_type(source, shop.name, kind) == shop.addon
    upgraded = await resources.addons_upgrade(source, shop.name, shop.addon, "postgresql-starter-512")
    assert upgraded.plan.name == "postgresql-starter-512"
    await resources.addons_remove(source, shop.name, added.addon.id)
    assert [addon.id for addon in await resources.addons(source, shop.name)] == [shop.addon]


async def test_an_addon_that_cannot_be_had_is_a_422(source: Api, shop: Shop) -> None:
    for order, field in (
        ({"addon_provider_id": "nothing", "plan_id": "x", "options": None}, "addon_provider_id"),
        ({"addon_provider_id": "redis", "plan_id": "nothing", "options": {}}, "plan_id"),
        ({"addon_provider_id": "redis", "plan_id": 1, "options": {}}, "plan_id"),
        ({"plan_id": "redis-starter-256"}, "addon_provider_id"),
    ):
        with pytest.raises(RefusedError) as refused:
            await source.send("POST", f"/apps/{shop.name}/addons", {"addon": order})
        assert (refused.value.status, refused.value.fields) == (422, {field})


async def test_collaborators(source: Api, shop: Shop) -> None:
    invited = await resources.collaborators_add(source, shop.name, "ada@example.com")
    assert (invited.status, invited.user_id, invited.username) == ("pending", "", "")
    assert await resources.collaborators(source, shop.name) == [invited]
    with pytest.raises(RefusedError) as wrong:
        await resources.collaborators_add(source, shop.name, "no address")
    assert (wrong.value.status, wrong.value.fields) == (422, {"email"})
    await resources.collaborators_remove(source, shop.name, "ada@example.com")
    assert await resources.collaborators(source, shop.name) == []


async def test_log_drains(source: Api, shop: Shop) -> None:
    elk = await resources.log_drains_add(source, shop.name, type="elk", url="https://logs.example.com/x")
    await resources.log_drains_add(source, shop.name, type="syslog", host="logs.example.com", port="514")
    await resources.log_drains_add(
        source, shop.name, type="datadog", token="hunter2", drain_region="eu-west-3"
    )
    listed = await resources.log_drains(source, shop.name)
    assert elk in listed
    assert len(listed) == 3
    assert not any("hunter2" in drain.url for drain in listed)
    for drain in listed:
        await resources.log_drains_remove(source, shop.name, drain.url)
    assert await resources.log_drains(source, shop.name) == []
    with pytest.raises(RefusedError) as wrong:
        await resources.log_drains_add(source, shop.name, type="carrier-pigeon")
    assert (wrong.value.status, wrong.value.fields) == (422, {"type"})


async def test_log_drains_of_an_addon(source: Api, shop: Shop) -> None:
    added = await resources.log_drains_add(source, shop.name, shop.addon, type="logtail", token="hunter2")
    assert await resources.log_drains(source, shop.name, shop.addon) == [added]
    await resources.log_drains_remove(source, shop.name, added.url, shop.addon)
    with pytest.raises(RefusedError) as gone:  # the client asks every addon, and tells which had none
        await resources.log_drains_remove(source, shop.name, added.url, shop.addon)
    assert (gone.value.status, gone.value.resource) == (404, "log_drain")


async def test_notifiers(source: Api, shop: Shop) -> None:
    types = {each.name: each.id for each in await resources.event_types(source)}
    assert "start_region_migration" in types
    hook = await resources.notifiers_add(
        source,
        shop.name,
        "webhook",
        {"webhook_url": "https://example.com/hook"},
        name="hook",
        active=True,
        send_all_events=False,
        send_all_alerts=True,
        selected_event_ids=[types["deployment"]],
    )
    assert (hook.type, hook.selected_event_ids) == ("webhook", [types["deployment"]])
    email = await resources.notifiers_add(
        source, shop.name, "email", {"emails": ["ada@example.com"]}, send_all_events=True
    )
    assert email.type == "email"
    changed = await resources.notifiers_update(source, shop.name, hook.id, active=False)
    assert (changed.active, changed.name, changed.type_data) == (False, "hook", hook.type_data)
    assert await resources.notifiers_details(source, shop.name, hook.id) == changed
    assert {each.id for each in await resources.notifiers(source, shop.name)} == {hook.id, email.id}
    for notifier in (hook, email):
        await resources.notifiers_remove(source, shop.name, notifier.id)
    assert await resources.notifiers(source, shop.name) == []
    assert await resources.platforms(source, "carrier-pigeon") == []


async def test_alerts(source: Api, shop: Shop) -> None:
    alert = await resources.alerts_add(source, shop.name, "web", "memory", 0.9, remind_every="5m30s")
    assert (alert.limit, alert.remind_every, alert.app_id) == (0.9, "5m30s", shop.id)
    changed = await resources.alerts_update(
        source,
        shop.name,
        alert.id,
        limit=1,
        disabled=True,
        remind_every=10**10,
        duration_before_trigger=10**9,
    )
    assert (changed.limit, changed.disabled, changed.remind_every) == (1, True, "10s")
    assert changed.duration_before_trigger == 10**9
    assert await resources.alerts(source, shop.name) == [changed]
    with pytest.raises(RefusedError) as wrong:
        await resources.alerts_add(source, shop.name, "nothing", "memory", 0.9)
    assert (wrong.value.status, wrong.value.fields) == (422, {"container_type"})
    await resources.alerts_remove(source, shop.name, alert.id)
    assert await resources.alerts(source, shop.name) == []


async def test_autoscalers(source: Api, shop: Shop) -> None:
    terms = {
        "container_type": "web",
        "metric": "cpu",
        "target": 0.5,
        "min_containers": 2,
        "max_containers": 4,
    }
    scaler = await resources.autoscalers_add(source, shop.name, **terms)
    assert scaler.model_dump(include=set(terms)) == terms
    changed = await resources.autoscalers_update(
        source, shop.name, scaler.id, max_containers=3, disabled=True
    )
    assert (changed.max_containers, changed.disabled) == (3, True)
    assert await resources.autoscalers(source, shop.name) == [changed]
    with pytest.raises(RefusedError) as twice:
        await resources.autoscalers_add(source, shop.name, **terms)
    assert twice.value.status == 422
    await resources.autoscalers_remove(source, shop.name, scaler.id)
    assert await resources.autoscalers(source, shop.name) == []


async def test_scm_link(session: Session, source: Api, shop: Shop) -> None:
    with pytest.raises(RefusedError) as none:
        await resources.integration_link(source, shop.name)
    assert (none.value.status, none.value.resource) == (404, "scm_repo_link")
    repository = "https://github.com/example/shop"
    link = await resources.integration_link_create(session, source, shop.name, repository)
    assert (link.owner, link.repo, link.branch, link.auto_deploy_enabled) == ("example", "shop", "", False)
    assert link.auth_integration_uuid == (await session.integration_with(repository)).id
    await resources.integration_link_delete(source, shop.name)
    link = await resources.integration_link_create(
        session, source, shop.name, repository, branch="main", auto_deploy_enabled=True
    )
    assert (link.branch, link.auto_deploy_enabled) == ("main", True)
    changed = await resources.integration_link_update(
        source, shop.name, {"delete_stale_enabled": True, "hours_before_delete_stale": 72}
    )
    assert (changed.hours_before_delete_stale, changed.auto_deploy_enabled) == (72, True)
    assert await resources.integration_link(source, shop.name) == changed
    await resources.integration_link_delete(source, shop.name)


async def test_an_integration_that_there_is_not(session: Session) -> None:
    for reference in ("github-enterprise", "nothing", "%00"):
        with pytest.raises(RefusedError) as unknown:
            await session.integration(reference)
        assert (unknown.value.status, unknown.value.resource) == (404, "scm_integration")
