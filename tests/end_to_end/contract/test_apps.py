"""Rows: apps, settings, variables, formation, domains, deployments and logs."""

import re
from datetime import UTC, datetime, timedelta

import anyio
import pytest

from tests.certificates import certificate
from tests.contract.client import apps, migrations, resources
from tests.contract.client.refusals import RefusedError
from tests.contract.client.shapes import Logs, Source
from tests.contract.client.wire import ACCEPTED, Api
from tests.end_to_end import echo
from tests.end_to_end.contract.conftest import PROCFILE, Shop
from tests.end_to_end.world import SOURCE
from tests.region.harness import archive

pytestmark = pytest.mark.anyio

PATIENCE = 30  # seconds for a line to be in the log
LINE = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9} \+0000 UTC \[(?P<source>[^]]+)\] .*"


async def test_list_and_show(source: Api, shop: Shop) -> None:
    found = await apps.apps_info(source, shop.name)
    assert found in await apps.apps(source)
    assert await apps.apps_info(source, shop.id) == found
    assert (found.id, found.region, found.status) == (shop.id, SOURCE, "running")
    assert found.owner.username == found.last_deployed_by == "owner"
    assert found.last_deployed_at
    assert found.base_url.startswith("http")
    assert shop.name in found.git_url


async def test_create_and_destroy(source: Api) -> None:
    name = "contract-short-lived"
    created = await apps.create(source, name, stack_id="storky-22")
    assert (created.name, created.status, created.last_deployed_at) == (name, "new", None)
    with pytest.raises(RefusedError) as taken:
        await apps.create(source, name)
    assert (taken.value.status, taken.value.fields) == (422, {"name"})
    with pytest.raises(RefusedError) as misspelt:
        await source.delete(f"/apps/{name}", {"current_name": "something-else"})
    assert (misspelt.value.status, misspelt.value.fields) == (422, {"current_name"})
    await apps.destroy(source, created.id)
    with pytest.raises(RefusedError) as gone:
        await apps.apps_info(source, name)
    assert (gone.value.status, gone.value.resource) == (404, "app")


async def test_an_app_that_has_nothing_yet_has_empty_lists(source: Api) -> None:
    name = "contract-empty"
    await apps.create(source, name)
    for listing in (
        apps.domains(source, name),
        apps.formation(source, name),
        apps.ps(source, name),
        apps.logs(source, name),
        resources.addons(source, name),
        resources.collaborators(source, name),
        resources.log_drains(source, name),
        resources.notifiers(source, name),
        resources.alerts(source, name),
        resources.autoscalers(source, name),
        migrations.migrations(source, name),
    ):
        assert await listing == []
    assert await apps.env(source, name) == {}
    none = await apps.deployments(source, name, page=1, per_page=20)
    assert (none.deployments, none.meta.pagination.total_count) == ([], 0)
    assert (await apps.restart(source, name)).status == "done"
    await apps.destroy(source, name)


async def test_settings(source: Api, shop: Shop) -> None:
    for option in ("force_https", "sticky_session", "router_logs"):
        for enabled in (True, False):
            changed = await apps.set_option(source, shop.name, **{option: enabled})
            assert getattr(changed, option) is enabled
    stack = (await apps.apps_info(source, shop.name)).stack_id
    assert (await apps.stacks_set(source, shop.name, "storky-22")).stack_id == "storky-22"
    assert (await apps.stacks_set(source, shop.name, stack)).stack_id == stack


async def test_stacks(source: Api) -> None:
    found = await apps.stacks(source)
    assert [stack.default for stack in found].count(True) == 1
    assert any(stack.deprecated_at for stack in found)


async def test_restart_and_operation(source: Api, shop: Shop) -> None:
    restarted = await apps.restart(source, shop.name)
    assert (restarted.status, restarted.type, restarted.app_id) == ("done", "restart", shop.id)
    assert (await apps.restart(source, shop.name, "web")).status == "done"


async def test_variables(source: Api, shop: Shop) -> None:
    values = {
        "GREETING": "salut, ça va ? 🚚",
        "ALIAS": "$GREETING",
        "EMPTY": "",
        "SPACES": "  a\nb\t",
        "2ND-NAME": 'a=b "c" \\ <&> $GREETING',
    }
    written = await apps.env_set(source, shop.name, values)
    assert {each.name for each in written} >= set(values)
    raw, resolved = [await apps.env(source, shop.name, aliases=aliases) for aliases in (False, True)]
    assert {name: raw[name] for name in values} == values
    assert await apps.env_get(source, shop.name, "ALIAS") == "$GREETING"
    assert resolved["ALIAS"] == values["GREETING"]
    assert resolved["DATABASE_URL"] == raw["SCALINGO_POSTGRESQL_URL"]
    assert (await apps.env_set_one(source, shop.name, "ONE", "1")).value == "1"
    assert (await apps.env_set_one(source, shop.name, "ONE", "2")).value == "2"
    for name in (*values, "ONE"):
        await apps.env_unset(source, shop.name, name)
    assert not {*values, "ONE"} & set(await apps.env(source, shop.name))


async def test_scale_and_formation(source: Api, shop: Shop) -> None:
    formation, operation = await apps.scale(source, shop.name, web=2, size="S")
    assert (operation.type, operation.status) == ("scale", "done")
    assert formation == await apps.formation(source, shop.name)
    (web,) = [each for each in formation if each.name == "web"]
    assert (web.amount, web.size) == (2, "S")
    formation, operation = await apps.scale_by(source, shop.name, web=-1)
    assert next((each.amount, each.size) for each in formation if each.name == "web") == (
        1,
        "S",
    )  # "" keeps it
    for refused, field in (
        (apps.scale_by(source, shop.name, web=-2), "amount"),
        (apps.scale(source, shop.name, web=1, size="XXXL"), "size"),
    ):
        with pytest.raises(RefusedError) as wrong:
            await refused
        assert (wrong.value.status, wrong.value.fields) == (422, {field})
    with pytest.raises(RefusedError) as unknown:
        await apps.scale(source, shop.name, nothing=1)
    assert unknown.value.status == 422


async def test_running_containers(source: Api, shop: Shop) -> None:
    (container, *_) = [each for each in await apps.ps(source, shop.name) if each.type == "web"]
    assert (container.label, container.type_index, container.app_id) == ("web-1", 1, shop.id)


async def test_domains(source: Api, shop: Shop) -> None:
    name = f"www.{shop.domain}"
    added = await apps.domains_add(source, shop.name, name)
    assert (added.name, added.canonical, added.ssl_status) == (name, False, "success")
    assert (await apps.domains_change(source, shop.name, name, canonical=True)).canonical
    assert [each.name for each in await apps.domains(source, shop.name) if each.canonical] == [name]
    assert not (await apps.domains_change(source, shop.name, name, canonical=False)).canonical
    assert not (await apps.domains_change(source, shop.name, name, letsencrypt_enabled=False)).letsencrypt
    with pytest.raises(RefusedError) as twice:
        await apps.domains_add(source, shop.name, name)
    assert (twice.value.status, twice.value.fields) == (422, {"name"})
    await apps.domains_remove(source, shop.name, name)
    assert name not in [each.name for each in await apps.domains(source, shop.name)]


async def test_a_domain_with_a_certificate_of_one_s_own(source: Api, shop: Shop) -> None:
    name = f"own.{shop.domain}"
    own = certificate([name], datetime.now(UTC) + timedelta(days=30))
    pair = {"tlscert": own.tlscert, "tlskey": own.tlskey}
    added = await apps.domains_add(source, shop.name, name, **pair)
    assert (added.ssl, added.letsencrypt) == (True, False)
    assert added.validity
    with pytest.raises(RefusedError) as other:
        await apps.domains_change(source, shop.name, name, tlscert="no certificate", tlskey=own.tlskey)
    assert (other.value.status, other.value.fields) == (422, {"tlscert"})
    assert (await apps.domains_change(source, shop.name, name, tlscert="", tlskey="")).letsencrypt
    assert not (await apps.domains_change(source, shop.name, name, **pair)).letsencrypt
    await apps.domains_remove(source, shop.name, name)


async def test_every_link_leads_through_the_gateway(source: Api, shop: Shop) -> None:
    gateway = source.base.removesuffix("/v1")
    uploaded = await source.add("/sources", Source, "source")
    (newest, *_) = (await apps.deployments(source, shop.name)).deployments
    log = await source.get(f"/apps/{shop.name}/logs", Logs)
    restarting = await source.send("POST", f"/apps/{shop.name}/restart", {"scope": []}, expected=(ACCEPTED,))
    assert restarting.headers["Location"].startswith(f"{source.base}/apps/{shop.name}/operations/")
    for link in (uploaded.upload_url, uploaded.download_url, newest.links.output, log.logs_url):
        assert link.startswith(f"{gateway}/"), link


async def test_deployments(source: Api, shop: Shop) -> None:
    first = (await apps.deployments(source, shop.name)).deployments[-1]
    again = await apps.deploy(source, shop.name, archive(echo.files("another", Procfile=PROCFILE)), None)
    assert (again.status, again.pusher.username, again.app_id) == ("success", "owner", shop.id)
    assert (first.git_ref, again.git_ref) == ("v1", "")
    assert await apps.deployment_logs(source, shop.name, again.id)
    pages = [await apps.deployments(source, shop.name, page=page, per_page=1) for page in (1, 2)]
    assert [page.deployments[0].id for page in pages] == [again.id, first.id]
    newest, oldest = [page.meta.pagination for page in pages]
    assert (newest.prev_page, newest.current_page, newest.next_page) == (None, 1, 2)
    assert (oldest.prev_page, oldest.current_page, oldest.next_page) == (1, 2, None)
    assert (newest.total_pages, newest.total_count) == (2, 2)
    with pytest.raises(RefusedError) as unknown:
        await apps.deployment(source, shop.name, "nothing")
    assert (unknown.value.status, unknown.value.resource) == (404, "deployment")


async def test_a_build_that_fails_is_a_deployment_that_says_so(source: Api) -> None:
    name = "contract-broken"
    await apps.create(source, name)
    failed = await apps.deploy(source, name, b"no archive at all", "v1")
    assert failed.status == "build-error"
    assert await apps.deployment_logs(source, name, failed.id)
    await apps.destroy(source, name)


async def test_logs(source: Api, shop: Shop) -> None:
    await apps.scale(source, shop.name, clock=1)
    with anyio.fail_after(PATIENCE):
        while not {"web-1", "clock-1"} <= set(await _talking(source, shop)):
            await anyio.sleep(0.5)
    for lines in (0, 1):
        assert len(await apps.logs(source, shop.name, lines)) == lines
    assert await apps.logs(source, shop.name, 100_000)
    assert {who.partition("-")[0] for who in await _talking(source, shop, "web")} == {"web"}
    assert set(await _talking(source, shop, "web-1|clock-1")) == {"web-1", "clock-1"}
    assert await _talking(source, shop, "nothing") == []
    await apps.scale(source, shop.name, clock=0)


async def _talking(source: Api, shop: Shop, of: str = "") -> list[str]:
    """Return who has printed the lines, which are of the shape that the client colours."""
    lines = await apps.logs(source, shop.name, 1000, of)
    found = [re.fullmatch(LINE, line) for line in lines]
    assert all(found), lines
    return [match["source"] for match in found if match]
