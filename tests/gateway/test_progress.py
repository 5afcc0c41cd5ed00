"""How far tasks are: what is kept of it, and the time that is left."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.gateway.progress import LIFETIME, MOST_TASKS, Announcement, Progress, eta

TASK = UUID("8e624121-2ce3-4b01-9bf4-d5e2b32df7e9")
MIGRATION = uuid4()
START = datetime(2026, 1, 1, tzinfo=UTC)


def announced(seconds: float, **far: int | None) -> Announcement:
    return Announcement(
        migration_id=MIGRATION, task_id=TASK, time=START + timedelta(seconds=seconds), **{"bytes": 0, **far}
    )


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (announced(0, total_bytes=100), announced(10, bytes=20, total_bytes=100), 40),
        (announced(0, bytes=60, total_bytes=100), announced(10, bytes=80, total_bytes=100), 10),
        (announced(0), announced(10, bytes=100, total_bytes=100), 0),
        (announced(0), announced(10, bytes=130, total_bytes=100), 0),  # the total was an estimate
        (announced(0, rows=10), announced(10, bytes=7, rows=30, total_rows=90), 30),
        (announced(0), announced(10, rows=30, total_rows=90), 20),
        (announced(0, total_bytes=100), announced(0, bytes=20, total_bytes=100), None),  # the same instant
        (announced(0, bytes=20, total_bytes=100), announced(10, bytes=20, total_bytes=100), None),
        (announced(0), announced(10, bytes=20, rows=5), None),
        (
            announced(10),
            announced(0, bytes=20, total_bytes=100),
            None,
        ),  # of another worker, whose clock is slow
    ],
)
def test_the_time_left_goes_by_the_rate_since_the_first_announcement(
    first: Announcement, last: Announcement, expected: int | None
) -> None:
    assert eta(first, last) == expected


class Watch:
    """Progress, and its clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.progress = Progress(clock=lambda: self.now)

    def hear(self, task: UUID = TASK, seconds: float = 0, **far: Any) -> None:
        body = {"migration_id": str(MIGRATION), "task_id": str(task), "bytes": 0, **far}
        body["time"] = (START + timedelta(seconds=seconds)).isoformat()
        self.progress.hear(json.dumps(body).encode())

    def left(self, task: UUID = TASK) -> int | None:
        known = self.progress.of(task)
        assert known
        return known.eta_seconds


def test_the_latest_is_shown_with_the_time_left() -> None:
    watch = Watch()
    assert watch.progress.of(TASK) is None
    watch.hear(total_bytes=100)
    watch.hear(seconds=10, bytes=20, total_bytes=100, rows=3)
    shown = watch.progress.of(TASK)
    assert shown
    assert shown.model_dump() == {
        "bytes": 20,
        "total_bytes": 100,
        "rows": 3,
        "total_rows": None,
        "eta_seconds": 40,
    }


def test_work_that_begins_again_has_a_rate_of_its_own() -> None:
    watch = Watch()
    watch.hear(bytes=90, total_bytes=100)
    watch.hear(seconds=100, total_bytes=100)
    assert watch.left() is None
    watch.hear(seconds=110, bytes=50, total_bytes=100)
    assert watch.left() == 10


def test_a_task_of_which_nothing_is_heard_is_forgotten() -> None:
    watch, other = Watch(), uuid4()
    watch.hear()
    watch.hear(other)
    watch.now = LIFETIME - 1
    watch.hear()
    watch.now = LIFETIME + 1
    assert watch.progress.of(TASK)
    assert watch.progress.of(other) is None


def test_of_too_many_tasks_those_heard_of_longest_ago_are_forgotten() -> None:
    watch, many = Watch(), [uuid4() for _ in range(MOST_TASKS)]
    for task in (TASK, *many[:-1]):
        watch.hear(task)
    watch.hear(TASK)
    watch.hear(many[-1])
    assert [watch.progress.of(task) is not None for task in (TASK, many[0], many[1])] == [True, False, True]


NO_ZONE = json.dumps(
    {"migration_id": str(MIGRATION), "task_id": str(TASK), "bytes": 9, "time": "2026-01-01T00:00:00"}
).encode()


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", b'{"task_id": 7, "bytes": -1}', NO_ZONE])
def test_what_cannot_be_read_changes_nothing(body: bytes) -> None:
    watch = Watch()
    watch.hear(bytes=5)
    watch.progress.hear(body)
    known = watch.progress.of(TASK)
    assert known
    assert known.bytes == 5
