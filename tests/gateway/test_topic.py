"""What followers of a migration are told, event by event: pure."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import anyio
import asyncpg
import pytest
from fastapi.sse import ServerSentEvent

from events.facts import MigrationFact
from events.store import RecordedEvent
from events.vocabulary import Step
from projections.status.fold import status_at
from services.gateway.follow import stream
from services.gateway.follow.hub import Hub
from services.gateway.follow.topic import Cursor, Topic
from services.gateway.progress import Progress
from tests.gateway.test_progress import announced
from tests.migrations.story import Story
from tests.projections.test_evidence import recorded, told


def history(*steps: Step) -> list[RecordedEvent]:
    own = [fact for fact in told(Story(), *steps).history if isinstance(fact, MigrationFact)]
    return [recorded(fact, version) for version, fact in enumerate(own, 1)]


def ids(news: Sequence[ServerSentEvent]) -> list[str | None]:
    return [each.id or each.event for each in news]


def test_the_slow_are_told_every_event_but_only_the_latest_state() -> None:
    events = history(Step.PREFLIGHT)
    topic, fast, slow = Topic("app-1", Progress()), Cursor(0), Cursor(1)
    for event in events:
        topic.take([event])
        assert ids(list(topic.since(fast))) == [str(event.version), "state"]
    assert ids(list(topic.since(slow))) == [*(str(event.version) for event in events[1:]), "state"]
    assert list(topic.since(slow)) == []


def test_of_progress_the_latest_is_told_and_a_state_has_it() -> None:
    events, progress = history(Step.PREFLIGHT), Progress()
    topic, cursor = Topic("app-1", progress), Cursor(0)
    topic.take(events[:3])
    assert list(topic.since(cursor))[-1].event == "state"
    for seconds in (1, 2):
        heard = announced(seconds, bytes=seconds)
        progress.hear(heard.model_dump_json().encode())
        topic.hear(heard.task_id)
    (news,) = topic.since(cursor)
    assert (news.event, news.data.progress.bytes) == ("progress", 2)
    topic.hear(UUID(int=0))  # nothing is known of it
    topic.take(events[3:4])
    assert ids(list(topic.since(cursor))) == ["4", "state"]


def test_an_event_of_a_newer_release_ends_this_topic_alone() -> None:
    topic = Topic("app-1", Progress())
    topic.take([replace(history()[0], schema_version=99)])
    assert topic.broken


@pytest.mark.anyio
async def test_a_stream_ends_when_its_follower_may_not_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.01)
    answers = iter([True, True, False])
    migration = status_at(history())
    assert migration

    async def allowed() -> bool:
        return next(answers)

    async with asyncpg.create_pool(min_size=0) as pool:
        hub = Hub(pool, Progress())
        with anyio.fail_after(30):
            sent = [each async for each in stream.stream(hub, "app-1", migration, 0, allowed)]
    assert [each.comment for each in sent] == ["still here"] * 2
