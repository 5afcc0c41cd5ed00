"""The commands about an addon's data, by the database API: each asks for a token of the addon first."""

import anyio

from tests.contract.client.session import Region
from tests.contract.client.surroundings import Backup, Database
from tests.contract.client.wire import OK, Api, read

PATIENCE = 60  # seconds for a backup
PAUSE = 0.25  # seconds between two looks at it


async def database(region: Region, app: str, addon: str) -> Database:
    return await region.databases(app, addon).get(f"/databases/{addon}", Database, "database")


async def backups(region: Region, app: str, addon: str) -> list[Backup]:
    path = f"/databases/{addon}/backups"
    return await region.databases(app, addon).get(path, list[Backup], "database_backups")


async def backups_create(region: Region, app: str, addon: str) -> Backup:
    """`backups-create`: the client looks at the backup until it is done."""
    api = region.databases(app, addon)
    backup = await api.add(f"/databases/{addon}/backups", Backup, "database_backup")
    with anyio.fail_after(PATIENCE):
        while backup.status not in ("done", "error"):
            await anyio.sleep(PAUSE)
            backup = await backup_shown(api, backup.id)
    return backup


async def backup_shown(api: Api, backup: str) -> Backup:
    return await api.get(f"/backups/{backup}", Backup, "database_backup")


async def backups_download(region: Region, app: str, addon: str, backup: str) -> bytes:
    path = f"/databases/{addon}/backups/{backup}/archive"
    link = read(await region.databases(app, addon).send("GET", path), str, "download_url")
    downloaded = await region.api.http.get(link)
    assert downloaded.status_code == OK, downloaded.text
    return downloaded.content
