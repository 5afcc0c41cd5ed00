"""How far tasks are, as people read it."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from services.cli.live import LiveProgress
from services.cli.progress import LineProgress
from services.cli.wire import Migration, Snapshot, Task, TaskProgress
from services.common.formats import how_far

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HALF = TaskProgress(bytes=1_500_000, total_bytes=3_000_000, rows=1_200, total_rows=5_000, eta_seconds=75)


def snapshot(progress: TaskProgress | None, state: str = "running") -> Snapshot:
    names = dict.fromkeys(("id", "src_app_name", "dst_app_name", "app_id", "new_app_id", "source"), "x")
    migration = {**names, "destination": "x", "status": "running", "started_at": NOW, "finished_at": None}
    task = Task(
        id="1",
        step="data",
        name="restore-database",
        label="Restore PostgreSQL",
        item=None,
        service="addons",
        state=state,
        skipped=False,
        started_at=NOW,
        finished_at=NOW if state == "done" else None,
        message="",
        result={},
        progress=progress,
    )
    return Snapshot(migration=Migration.model_validate(migration), tasks=[task])


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (HALF, "1.5 MB of 3.0 MB, 1,200 of 5,000 rows, about 1 min 15 s left"),
        (
            HALF.model_copy(update={"total_bytes": None, "total_rows": None}),
            "1.5 MB, 1,200 rows, about 1 min 15 s left",
        ),
        (HALF.model_copy(update={"rows": None, "eta_seconds": None}), "1.5 MB of 3.0 MB"),
        (
            HALF.model_copy(update={"bytes": 0, "total_bytes": None, "eta_seconds": 9}),
            "1,200 of 5,000 rows, about 9 s left",
        ),
        (TaskProgress(bytes=0, total_bytes=None, rows=None, total_rows=None, eta_seconds=None), ""),
        (None, ""),
    ],
)
def test_what_is_not_known_is_left_out(progress: TaskProgress | None, text: str) -> None:
    assert how_far(progress) == text


def test_in_a_pipe_a_line_comes_every_five_seconds_at_most(capsys: pytest.CaptureFixture[str]) -> None:
    now = 100.0
    with LineProgress(Console(file=io.StringIO()), clock=lambda: now) as lines:
        for seconds in (0, 1, 4.9, 5, 9.9, 10.5):
            now = 100 + seconds
            far = HALF.model_copy(update={"bytes": round(seconds * 1_000_000)})
            lines.show(snapshot(far if seconds else None))
        lines.show(snapshot(None, "done"))
    told = [line.partition(": ")[2].partition(" of")[0] for line in capsys.readouterr().err.splitlines()]
    assert told == ["running", "1.0 MB", "9.9 MB", "done after 0.0 s"]


def test_on_a_terminal_the_running_task_shows_how_far_it_is() -> None:
    screen = io.StringIO()
    with LiveProgress(Console(file=screen, force_terminal=True, width=120)) as live:
        live.show(snapshot(HALF))
    assert "1.5 MB of 3.0 MB, 1,200 of 5,000 rows, about 1 min 15 s left" in screen.getvalue()
