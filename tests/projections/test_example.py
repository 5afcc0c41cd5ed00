"""The example of docs/projections.md, as it stands there, is all that a projection takes."""

import re
from pathlib import Path

import anyio
import pytest

import projections
from events.store import Log, connect
from events.store.subscriptions import wait_for
from events.vocabulary import Step
from projections.upkeep import discover, keep
from tests.migrations.story import Story
from tests.projections.test_status import appended

pytestmark = pytest.mark.anyio

DOCUMENT = Path(__file__).parents[2] / "docs" / "projections.md"


async def test_one_file_is_found_installed_filled_and_followed(
    installed_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = re.search(
        r"`projections/(\w+\.py)`, whole:\n\n```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL
    )
    assert found
    (tmp_path / found[1]).write_text(found[2])
    before = set(discover())
    monkeypatch.setattr(projections, "__path__", [*projections.__path__, str(tmp_path)])
    known = discover()
    assert known.keys() - before == {"arrivals"}
    async with connect(installed_url, "tests") as pool, anyio.create_task_group() as group:
        await appended(pool, Story().through(Step.PREFLIGHT, Step.PREPARE, Step.FINALIZE).history)
        group.start_soon(keep, pool, known["arrivals"])
        await wait_for(pool, "arrivals", await Log(pool).head(), timeout_seconds=60)
        assert (
            await pool.fetchval("SELECT migrations FROM projections.arrivals WHERE region = 'osc-fr1'") == 1
        )
        group.cancel_scope.cancel()


def test_a_name_that_is_taken_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    twin = "from projections.upkeep.projection import Projection\nP = Projection('status', 1, '', None)\n"
    (tmp_path / "another_status.py").write_text(twin)
    monkeypatch.setattr(projections, "__path__", [*projections.__path__, str(tmp_path)])
    with pytest.raises(ValueError, match="two projections are called status: rename the one in"):
        discover()
