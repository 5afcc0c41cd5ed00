"""An addon's data from one region to another, and what keeps them from arriving."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from typing import Any

import anyio
import asyncpg
import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnectionError

from tests.region.harness import PATIENCE, PLAIN, Client, Place, Storky, ended
from tests.region.test_addons import POSTGRESQL, REDIS

pytestmark = pytest.mark.anyio

SANDBOX = {**POSTGRESQL, "plan_id": "postgresql-sandbox"}
FIFTEEN_MEGABYTES = """
CREATE TABLE large AS SELECT n, repeat(md5(n::text), 30) AS text FROM generate_series(1, 8000) AS n;
ALTER TABLE large ALTER text SET STORAGE EXTERNAL;
"""
PROGRESS = {"bytes", "total_bytes", "rows", "total_rows"}


@pytest.fixture
async def source(regions: Mapping[str, Place]) -> AsyncIterator[Storky]:
    """The service in the region that the data come from."""
    service = regions["agora-fr1"].storky()
    async with service.http:
        yield service


async def new_addon(service: Storky, order: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Add an addon to a new app of the migration's; returns the app's path, and the addon."""
    name = f"data-{service.migration.hex[:20]}"
    assert (await service.create(name)).status_code == 201
    app = f"/v1/apps/{name}"
    answer = await service.call("POST", f"{app}/addons", {"addon": order})
    assert answer.status_code == 201, answer.text
    path = f"{app}/addons/{answer.json()['addon']['id']}"
    with anyio.fail_after(PATIENCE):
        while (addon := (await service.http.get(path)).json()["addon"])["status"] != "running":
            await anyio.sleep(0.05)
    return app, dict(addon)


async def url_of(service: Storky, app: str, name: str) -> str:
    variables = (await service.http.get(f"{app}/variables?aliases=true")).json()["variables"]
    return str(next(variable["value"] for variable in variables if variable["name"] == name))


async def backed_up(service: Storky, addon: dict[str, Any]) -> dict[str, Any]:
    """Back an addon up; returns what a restore is told."""
    backups = f"/api/databases/{addon['id']}/backups"
    backup = (await service.call("POST", backups, {})).json()["database_backup"]
    with anyio.fail_after(PATIENCE):
        while backup["status"] in ("scheduled", "running"):
            assert backup["progress"] is None or backup["progress"].keys() == PROGRESS
            backup = (await service.http.get(f"{backups}/{backup['id']}")).json()["database_backup"]
    assert (backup["status"], backup["progress"]) == ("done", None)
    archive = (await service.http.get(f"{backups}/{backup['id']}/archive")).json()
    return {
        "source_url": archive["download_url"],
        "digest": backup["digest"],
        "size_bytes": backup["size"],
    }


async def failed(service: Storky, path: str, dump: dict[str, Any]) -> str:
    """Restore a dump in vain; returns the operation's code."""
    answer = await service.call("POST", f"{path}/restore", dump)
    assert answer.status_code == 202, answer.text
    operation = await ended(service.http, answer)
    assert operation["status"] == "error", operation
    return str(operation["code"])


async def test_redis_from_its_first_key_to_its_end(source: Storky, storky: Storky) -> None:
    old_app, old = await new_addon(source, REDIS)
    app, addon = await new_addon(storky, REDIS)
    assert (addon["version"], addon["has_data"]) == (old["version"], True)
    assert addon["variables"] == ["REDIS_URL", "SCALINGO_REDIS_URL"]
    async with Redis.from_url(await url_of(source, old_app, "REDIS_URL")) as redis:
        await redis.mset({f"key {n}": n for n in range(1000)})

    dump = await backed_up(source, old)
    await storky.done("POST", f"{app}/addons/{addon['id']}/restore", dump)

    before = await source.done("POST", f"{old_app}/addons/{old['id']}/fingerprint", {})
    after = await storky.done("POST", f"{app}/addons/{addon['id']}/fingerprint", {})
    assert after == before
    (keyspace,) = after["contents"]
    assert (keyspace["kind"], keyspace["name"], keyspace["rows"]) == ("keyspace", "db0", 1000)
    shown = (await storky.http.get(f"{app}/addons")).json()["addons"][0]
    assert shown["size_bytes"] > 1000
    url = await url_of(storky, app, "SCALINGO_REDIS_URL")
    async with Redis.from_url(url, retry=Retry(NoBackoff(), 0)) as redis:
        assert await redis.get("key 7") == b"7"
        assert (await storky.call("DELETE", f"{app}/addons/{addon['id']}")).status_code == 204
        with pytest.raises(NoConnectionError):
            await redis.ping()


async def test_every_kind_of_content_has_its_fingerprint_and_an_addon_its_size(storky: Storky) -> None:
    app, addon = await new_addon(storky, POSTGRESQL)
    assert (await storky.http.get(f"{app}/addons/{addon['id']}")).json()["addon"]["size_bytes"] > 1_000_000
    connection = await asyncpg.connect(await url_of(storky, app, "DATABASE_URL"))
    await connection.execute("CREATE TABLE people (id serial); SELECT lo_from_bytea(0, 'large')")
    await connection.close()

    found = await storky.done("POST", f"{app}/addons/{addon['id']}/fingerprint", {})

    assert [(each["kind"], each["name"], each["rows"]) for each in found["contents"]] == [
        ("large_objects", "large_objects", 1),
        ("sequence", "public.people_id_seq", 0),
        ("table", "public.people", 0),
    ]


async def test_what_cannot_be_restored_says_why(source: Storky, storky: Storky) -> None:
    old_app, old = await new_addon(source, POSTGRESQL)
    app, addon = await new_addon(storky, SANDBOX)
    assert addon["plan"]["disk_bytes"] == 12 * 2**20
    connection = await asyncpg.connect(await url_of(source, old_app, "DATABASE_URL"))
    await connection.execute(FIFTEEN_MEGABYTES)
    await connection.close()
    path, dump = f"{app}/addons/{addon['id']}", await backed_up(source, old)

    assert await failed(storky, path, dump) == "plan_too_small"
    assert (await storky.done("POST", f"{path}/fingerprint", {}))["contents"] == []
    assert await failed(storky, path, {**dump, "digest": "0" * 64}) == "digest_mismatch"
    assert await failed(storky, path, {**dump, "size_bytes": 10}) == "digest_mismatch"
    assert await failed(storky, path, await truncated(source, dump)) == "dump_unreadable"
    stranger = await storky.call("POST", f"{path}/restore", {**dump, "source_url": "http://127.0.0.1:1/dump"})
    assert (stranger.status_code, list(stranger.json()["errors"])) == (422, ["source_url"])


async def truncated(source: Storky, dump: dict[str, Any]) -> dict[str, Any]:
    """Return a dump that lacks its end, yet has the digest that is said."""
    async with Client(**PLAIN) as anybody:
        content = (await anybody.get(dump["source_url"])).content[:-100]
        place = (await source.call("POST", "/v1/sources", {})).json()["source"]
        assert (await anybody.put(place["upload_url"], content=content)).is_success
    return {
        "source_url": place["download_url"],
        "digest": hashlib.sha256(content).hexdigest(),
        "size_bytes": len(content),
    }


async def test_only_versions_that_run_are_offered(place: Place) -> None:
    async with place.client("") as anybody:
        providers = (await anybody.get("/v1/addon_providers")).json()["addon_providers"]
    offered = {provider["id"]: provider["versions"] for provider in providers}
    assert offered["postgresql"] == ["18"]
    assert len(offered["redis"]) == 1
