"""Two regions: a build, a database and the visitors go from one to the other."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import asyncpg
import pytest

from tests.region.harness import Client, Place, Storky, deploy, ended, new_app, site
from tests.region.test_addons import POSTGRESQL, added

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Move:
    """A migration's two sides, and the owner at each."""

    old: Place
    new: Place
    source: Storky
    destination: Storky
    ada: Client

    @property
    def sides(self) -> tuple[Storky, Storky]:
        return self.source, self.destination


@pytest.fixture
async def move(regions: Mapping[str, Place]) -> AsyncIterator[Move]:
    old, new = regions["agora-fr1"], regions["osc-fr1"]
    source, destination = old.storky(), new.storky()
    destination.migration = source.migration
    async with source.http, destination.http, old.user("ada") as ada:
        yield Move(old, new, source, destination, ada)


async def exported(move: Move, name: str) -> dict[str, Any]:
    """Return the body with which a destination imports an app's build."""
    build = (await move.source.http.get(f"/v1/apps/{name}/build")).json()["build"]
    body = {"source_url": build["url"], "digest": build["digest"], "size_bytes": build["size_bytes"]}
    return {**body, "git_ref": build["git_ref"], "stack": build["stack"]}


async def test_a_build_runs_in_another_region(move: Move) -> None:
    name = await new_app(move.ada)
    app = f"/v1/apps/{name}"
    await deploy(move.ada, name, site("moved"))
    body = await exported(move, name)
    async with move.old.client("") as anybody:
        content = (await anybody.get(body["source_url"])).content
    assert hashlib.sha256(content).hexdigest() == body["digest"]
    owner = {"id": "us-ada", "username": "ada", "email": "ada@example.com"}
    await move.destination.call("POST", "/v1/apps", {"app": {"name": name}, "owner": owner})

    result = await move.destination.done("POST", f"{app}/build", body)

    assert result["digest"] == body["digest"]
    shown = (await move.destination.http.get(app)).json()["app"]
    assert (shown["status"], shown["owner"]) == ("stopped", owner)
    again = await exported(move, name)
    assert {**again, "source_url": ""} == {**body, "source_url": ""}
    assert (body["git_ref"], body["stack"]) == ("v1", "storky-24")
    formation = {"containers": [{"name": "web", "amount": 2, "size": "M", "command": ""}]}
    await move.destination.call("PUT", f"{app}/formation", formation)
    assert (await move.new.visit(f"{name}.osc-fr1.localhost")).status_code == 503
    await move.destination.done("POST", f"{app}/start", {})
    assert (await move.new.visit(f"{name}.osc-fr1.localhost")).text == "moved\n"


async def test_a_build_that_is_not_what_was_announced(move: Move) -> None:
    name = await new_app(move.ada)
    app = f"/v1/apps/{name}"
    await deploy(move.ada, name, site())
    body = await exported(move, name)
    await move.destination.create(name)

    wrong = await move.destination.call("POST", f"{app}/build", {**body, "digest": "0" * 64})
    operation = await ended(move.destination.http, wrong)

    assert (operation["status"], operation["code"]) == ("error", "digest_mismatch")
    answer = await move.destination.http.get(f"{app}/build")
    assert (answer.status_code, answer.json()["resource"]) == (404, "build")
    elsewhere = body["source_url"].replace("127.0.0.1", "127.0.0.2")
    for url in (elsewhere, "http://[::1", "file:///etc/passwd"):
        refused = await move.destination.call("POST", f"{app}/build", {**body, "source_url": url})
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["source_url"])


async def test_data_arrives_whole(move: Move) -> None:
    name = await new_app(move.ada)
    app = f"/v1/apps/{name}"
    old_addon = await added(move.ada, app, POSTGRESQL)
    await run(move.source, app, "create table items as select n, md5(n::text) from generate_series(1, 999) n")
    await move.source.freeze(name)
    await move.destination.create(name)
    order = {
        "addon": {**POSTGRESQL, "options": {"version": "18"}},
        "migration": {"source_id": old_addon["id"]},
    }
    new_id = (await move.destination.call("POST", f"{app}/addons", order)).json()["addon"]["id"]
    dump = await backed_up(move.source, old_addon["id"])

    for _ in range(2):
        await move.destination.done("POST", f"{app}/addons/{new_id}/restore", dump)

    old = await move.source.done("POST", f"{app}/addons/{old_addon['id']}/fingerprint", {})
    new = await move.destination.done("POST", f"{app}/addons/{new_id}/fingerprint", {})
    assert old == new
    assert [(part["name"], part["rows"]) for part in new["contents"]] == [("public.items", 999)]
    await run(move.destination, app, "insert into items values (1000, 'more')")
    damaged = await move.destination.call(
        "POST", f"{app}/addons/{new_id}/restore", {**dump, "digest": "0" * 64}
    )
    assert (await ended(move.destination.http, damaged))["code"] == "digest_mismatch"
    after = await move.destination.done("POST", f"{app}/addons/{new_id}/fingerprint", {})
    assert after["contents"][0]["rows"] == 1000


async def run(storky: Storky, app: str, statement: str) -> None:
    variables = (await storky.http.get(f"{app}/variables")).json()["variables"]
    connection = await asyncpg.connect(variables[0]["value"])
    await connection.execute(statement)
    await connection.close()


async def backed_up(storky: Storky, addon: str) -> dict[str, Any]:
    """Back an addon up; returns the body with which a destination restores it."""
    path = f"/api/databases/{addon}/backups"
    started = await storky.call("POST", path, {})
    backup = started.json()["database_backup"]
    with anyio.fail_after(30):
        while backup["status"] != "done":
            await anyio.sleep(0.05)
            backup = (await storky.http.get(f"{path}/{backup['id']}")).json()["database_backup"]
    url = (await storky.http.get(f"{path}/{backup['id']}/archive")).json()["download_url"]
    return {"source_url": url, "digest": backup["digest"], "size_bytes": backup["size"]}


async def test_visitors_are_handed_over(move: Move) -> None:
    name = await new_app(move.ada)
    app, domain = f"/v1/apps/{name}", f"{name}.example.com"
    await deploy(move.ada, name, site("old"))
    await move.source.freeze(name)
    for storky in move.sides:
        await storky.create(name)
        await storky.call("POST", f"{app}/domains", {"domain": {"name": domain}})
    async with move.new.user("op", "operator") as operator:
        await deploy(operator, name, site("new"))
    await move.source.done("POST", f"{app}/stop", {})

    answer = await move.source.call("POST", f"{app}/handover", handover(move, name, seconds=60))

    assert answer.status_code == 200
    for host in (f"{name}.agora-fr1.localhost", domain):
        assert (await move.old.visit(host)).text == "new\n"
    assert (await move.new.visit(domain)).text == "new\n"
    for _ in range(2):
        assert (await move.source.call("DELETE", f"{app}/handover")).status_code == 204
    await move.source.done("POST", f"{app}/start", {})
    assert (await move.old.visit(domain)).text == "old\n"
    await it_expires(move, name)


async def it_expires(move: Move, name: str) -> None:
    await move.source.call("POST", f"/v1/apps/{name}/handover", handover(move, name, seconds=2))
    host = f"{name}.agora-fr1.localhost"
    assert (await move.old.visit(host)).text == "new\n"
    with anyio.fail_after(30):
        while (await move.old.visit(host)).text != "old\n":
            await anyio.sleep(0.1)


def handover(move: Move, name: str, seconds: float, **change: str) -> dict[str, str]:
    return {
        "region": "osc-fr1",
        "app": name,
        "front": move.new.front.front_url,
        "host": f"{name}.osc-fr1.localhost",
        "expires_at": (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(),
        **change,
    }


async def test_visitors_are_handed_over_to_a_region_only(move: Move) -> None:
    name = await new_app(move.ada)
    await move.source.freeze(name)
    for change, field in [
        ({"front": "http://127.0.0.1:1"}, "front"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2099-01-01T00:00:00"}, "expires_at"),
        ({"host": "no host"}, "host"),
    ]:
        body = handover(move, name, seconds=60, **change)
        answer = await move.source.call("POST", f"/v1/apps/{name}/handover", body)
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
