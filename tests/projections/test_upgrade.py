"""The rows of the release before stay readable, and are built anew by this one."""

from pathlib import Path

import anyio
import pytest

import projections
from events.status import Status
from events.store import connect
from events.store.database import session
from events.store.schema import upgrade
from events.vocabulary import Step
from projections.status import STATUS, queries
from projections.upkeep import builds, keep
from tests.migrations.story import MIGRATION, Story
from tests.projections.replaying import differences
from tests.projections.test_status import appended

pytestmark = pytest.mark.anyio

SCHEMA = Path(projections.__path__[0]) / "schema"
EVENTS = SCHEMA.parents[1] / "events" / "store" / "schema"
OF_THEN = ("0001_status.sql", "0002_evidence.sql", "0003_timers.sql")
ROW_OF_THEN = """
INSERT INTO projections.status_migrations (
    id, source_region, source_app, destination_region, destination_app, status, version, started_at
)
VALUES ($1, 'agora-fr1', 'my-app', 'osc-fr1', 'my-app', 'running', 3, now())
"""


async def test_rows_of_the_first_release_are_read_and_then_built_anew(
    database_url: str, tmp_path: Path
) -> None:
    for name in OF_THEN:
        (tmp_path / name).write_bytes((SCHEMA / name).read_bytes())
    await upgrade(database_url, {"events": EVENTS, "projections": tmp_path})
    async with connect(database_url, "tests") as pool, session(pool) as connection:
        await appended(pool, Story().through(Step.PREFLIGHT).history)
        await connection.execute(ROW_OF_THEN, MIGRATION)
        await upgrade(database_url)
        shown = await queries.migration(connection, MIGRATION)
        assert shown
        assert (shown.status, shown.started_by) == (Status.RUNNING, "us-1")
        async with anyio.create_task_group() as group:
            group.start_soon(keep, pool, STATUS)
            with anyio.fail_after(60):
                while (await builds.installed(connection, STATUS.name)).version < STATUS.version:
                    await anyio.sleep(0.01)
            group.cancel_scope.cancel()
        shown = await queries.migration(connection, MIGRATION)
        assert shown
        assert (shown.status, shown.started_by) == (Status.PREFLIGHT_SUCCESS, "us-1")
        assert await differences(connection, STATUS) == []
