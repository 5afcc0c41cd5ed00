"""What the console makes of a migration, without a browser: the words, and what is offered when."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from events import facts
from events.store import NewEvent, RecordedEvent
from events.store.records import Metadata
from events.vocabulary import Step
from projections.status.fold import status_at
from services.gateway.events_wire import WireEvent
from services.gateway.web.steps import MigrationView
from services.gateway.web.timeline import ENDS, SENTENCES, Teller
from tests.migrations.story import ABORT, MIGRATION, Story


def recorded(story: Story) -> list[RecordedEvent]:
    metadata = Metadata(actor="storky-gateway", correlation_id=uuid4(), causation_id=uuid4())
    told = [NewEvent.of(fact, uuid4(), metadata) for fact in of_migration(story)]
    return [
        RecordedEvent(
            position=version,
            stream=f"migration/{MIGRATION}",
            version=version,
            id=event.id,
            type=event.type,
            schema_version=event.schema_version,
            data=event.data,
            metadata=event.metadata,
            recorded_at=datetime.now(UTC),
            hash=b"",
        )
        for version, event in enumerate(told, 1)
    ]


def of_migration(story: Story) -> list[facts.MigrationFact]:
    return [fact for fact in story.history if isinstance(fact, facts.MigrationFact)]


def view(story: Story) -> MigrationView:
    status = status_at(recorded(story))
    assert status
    return MigrationView(status)


def states(story: Story) -> str:
    return " ".join(step.state for step in view(story).route)


def test_every_event_has_words() -> None:
    for fact in facts.MigrationFact.__subclasses__():
        assert fact in SENTENCES or fact in ENDS


def test_a_whole_migration_is_told() -> None:
    story = Story().through(Step.PREFLIGHT, Step.PREPARE, Step.DATA, Step.FINALIZE)
    teller = Teller()
    told = [teller.entry(WireEvent.of(event)).sentence for event in recorded(story)]
    assert told[:3] == ["The migration was opened", "Preflight started", "Check addon versions: begun"]
    assert told[-2:] == ["Finalize succeeded", "The app has moved"]
    late = Teller(view(story).migration)
    assert late.entry(WireEvent.of(recorded(story)[2])).sentence == told[2]


@pytest.mark.parametrize(
    ("steps", "route", "offered"),
    [
        ((), "waiting waiting waiting waiting", [Step.PREFLIGHT]),
        ((Step.PREFLIGHT,), "done waiting waiting waiting", [Step.PREPARE]),
        ((Step.PREFLIGHT, Step.PREPARE), "done done waiting waiting", [Step.DATA, Step.FINALIZE]),
        ((Step.PREFLIGHT, Step.PREPARE, Step.FINALIZE), "done done left-out done", []),
    ],
)
def test_what_is_offered_is_what_is_allowed(steps: tuple[Step, ...], route: str, offered: list[Step]) -> None:
    story = Story().through(*steps)
    assert (states(story), view(story).next) == (route, offered)
    assert view(story).can_be_aborted == (Step.FINALIZE not in steps)


def test_a_step_that_failed_can_be_run_again_and_shows_its_last_attempt() -> None:
    story = Story().through(Step.PREFLIGHT)
    story.run(Step.PREPARE)
    story.fail(story.asked()[0])
    assert (states(story), view(story).next) == ("done error waiting waiting", [Step.PREPARE])
    story.run(Step.PREPARE)
    assert states(story) == "done running waiting waiting"
    story.work()
    (prepare, _) = view(story).steps
    assert (prepare.state, prepare.done) == ("done", len(prepare.tasks))


def test_an_abort_under_way_is_not_offered_again() -> None:
    story = Story().through(Step.PREFLIGHT, Step.PREPARE)
    story.when(ABORT)
    assert not view(story).can_be_aborted
    assert view(story).said.startswith("The abort step is running: 0 of ")
    assert [step.step for step in view(story.work()).steps] == [Step.ABORT, Step.PREPARE, Step.PREFLIGHT]


def test_a_step_that_waits_for_a_second_person_says_so() -> None:
    story = Story(approvals=frozenset({Step.FINALIZE})).through(Step.PREFLIGHT, Step.PREPARE)
    assert view(story).awaiting is None
    story.run(Step.FINALIZE)
    assert view(story).awaiting is Step.FINALIZE


def test_how_long_the_app_is_stopped_counts_from_its_stop_to_its_redirect() -> None:
    story = Story().through(Step.PREFLIGHT, Step.PREPARE)
    assert view(story).stopped is None
    story.run(Step.DATA)
    story.work()
    since = view(story).stopped
    assert since
    assert since[1] is None
    story.run(Step.FINALIZE)
    stopped = view(story.work()).stopped
    assert stopped
    assert stopped[1]
