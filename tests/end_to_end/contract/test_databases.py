"""Rows: the database API."""

import pytest

from tests.contract.client import databases
from tests.contract.client.refusals import RefusedError
from tests.contract.client.session import Region
from tests.contract.client.wire import Api
from tests.end_to_end.contract.conftest import Shop

pytestmark = pytest.mark.anyio


async def test_backups_and_download(region: Region, shop: Shop) -> None:
    made = await databases.backups_create(region, shop.name, shop.addon)
    assert (made.status, made.database_id, made.method) == ("done", shop.addon, "manual")
    assert [backup.id for backup in await databases.backups(region, shop.name, shop.addon)] == [made.id]
    archive = await databases.backups_download(region, shop.name, shop.addon, made.id)
    assert len(archive) == made.size > 0


async def test_info(region: Region, shop: Shop) -> None:
    shown = await databases.database(region, shop.name, shop.addon)
    assert (shown.id, shown.type_name, shown.status) == (shop.addon, "postgresql", "running")
    assert shown.readable_version


async def test_the_database_api_takes_the_addon_s_own_token_only(region: Region, shop: Shop) -> None:
    with_a_user_s = Api(region.api.http, f"{region.info.database_api}/api", region.api.token)
    with pytest.raises(RefusedError) as refused:
        await with_a_user_s.send("GET", f"/databases/{shop.addon}")
    assert refused.value.status == 401
    with pytest.raises(RefusedError) as other:
        await region.databases(shop.name, shop.addon).send("GET", "/databases/ad-other")
    assert (other.value.status, bool(other.value.resource)) == (404, True)
    for unknown in ("nothing", "%00", "é"):
        with pytest.raises(RefusedError) as backup:
            await databases.backup_shown(region.databases(shop.name, shop.addon), unknown)
        assert backup.value.status in (400, 404)
