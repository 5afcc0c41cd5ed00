"""When a hand-over is due for a reminder, or for its end."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from events.commands import ExpireHandover, RemindOfHandover, Timer
from projections.timers import Handover
from services.timers.__main__ import Settings
from services.timers.rules import command_id, due

DAY = 24 * 3600
DONE = datetime(2026, 1, 1, tzinfo=UTC)
REMINDERS = (7 * DAY, DAY)


def handover(*, days: float = 30, told: int | None = None) -> Handover:
    return Handover(
        migration_id=uuid4(), done_at=DONE, expires_at=DONE + timedelta(days=days), told_seconds=told
    )


def due_after(days: float, handover: Handover, reminders: tuple[int, ...] = REMINDERS) -> int | None:
    """Return the seconds before the end of which to tell now: 0 for the end itself."""
    match due(handover, reminders, DONE + timedelta(days=days)):
        case RemindOfHandover(migration_id=handover.migration_id, remaining_seconds=seconds):
            return seconds
        case ExpireHandover(migration_id=handover.migration_id):
            return 0
        case nothing:
            assert nothing is None
            return None


@pytest.mark.parametrize(
    ("after", "told", "expected"),
    [
        (0, None, None),
        (22.9, None, None),
        (23, None, 7 * DAY),
        (23, 7 * DAY, None),
        (28.9, None, 7 * DAY),  # late, as nobody looked before
        (29, 7 * DAY, DAY),
        (29, None, DAY),  # the first reminder would only repeat what this one says
        (29.9, DAY, None),
        (30, DAY, 0),
        (30, 7 * DAY, 0),
        (400, None, 0),  # the end is told, however late
    ],
)
def test_a_hand_over_is_told_of_when_its_moments_come(
    after: float, told: int | None, expected: int | None
) -> None:
    assert due_after(after, handover(told=told)) == expected
    assert due_after(after, handover(told=told), REMINDERS[::-1]) == expected


@pytest.mark.parametrize(("after", "expected"), [(0, None), (2, DAY), (3, 0)])
def test_a_reminder_of_a_moment_before_the_migration_was_done_is_left_out(
    after: float, expected: int | None
) -> None:
    assert due_after(after, handover(days=3)) == expected


def test_without_reminders_the_end_is_told_all_the_same() -> None:
    assert [due_after(days, handover(), ()) for days in (29, 30)] == [None, 0]


def test_each_timer_of_each_migration_has_one_command_for_ever() -> None:
    one, other = uuid4(), uuid4()
    commands: list[Timer] = [
        RemindOfHandover(migration_id=one, remaining_seconds=7 * DAY),
        RemindOfHandover(migration_id=one, remaining_seconds=DAY),
        ExpireHandover(migration_id=one),
        ExpireHandover(migration_id=other),
    ]
    ids = [command_id(command) for command in commands]
    assert len(set(ids)) == len(ids)
    assert ids == [command_id(command.model_copy()) for command in commands]


def test_a_reminder_comes_seven_days_and_one_day_before_the_end_unless_told_otherwise() -> None:
    assert Settings.model_fields["handover_reminders_seconds"].default == (7 * 86_400, 86_400)
