"""What an operator may type of a replay, against a log with three events."""

from uuid import uuid4

import anyio
import pytest

from events.facts import PlatformRegistered
from events.store import Accepted, Append, Log, Metadata, NewEvent, StreamWrite, connect
from services.cli.errors import CliError
from services.cli.replay import Wanted, replay_events

WRONG = [
    ("0", None, "there is no event 0; the log has the events 1 to 3"),
    ("-1", None, "there is no event -1"),
    ("4", None, "there is no event 4"),
    ("yesterday", None, "neither a position nor a time"),
    ("2026-01-31T12:00:00", None, "has no time zone"),
    ("2999-01-31T12:00:00Z", None, "is in the future"),
    ("2001-01-31T12:00:00+01:00", None, "the log begins later"),
    ("3", "2", "exchange them"),
    ("1", "2999-01-31T12:00:00Z", "is in the future"),
]


async def fill(url: str) -> None:
    policy = PlatformRegistered(name="billing", may=(), apps=(), regions=(), subscriptions=())
    metadata = Metadata(actor="storky-operator", correlation_id=uuid4(), causation_id=uuid4())
    events = tuple(NewEvent.of(policy, uuid4(), metadata) for _ in range(3))
    async with connect(url, "tests") as pool:
        write = StreamWrite(policy.stream, 0, events)
        await Log(pool).append([Append(uuid4(), Accepted(policy.stream), (write,))])


def test_what_makes_no_sense_is_explained(installed_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    anyio.run(fill, installed_url)
    monkeypatch.setenv("STORKY_DATABASE_URL", installed_url)
    monkeypatch.setenv("STORKY_AMQP_URLS", '["amqp://storky-operator:secret@127.0.0.1:1/"]')

    def refused(wanted: Wanted) -> str:
        with pytest.raises(CliError) as refusal:
            replay_events(None, wanted, as_json=True)
        return str(refusal.value)

    for start, end, sentence in WRONG:
        assert sentence in refused(Wanted("billing", start, end, ("#",)))
    assert "There is no platform storky.tasks.apps" in refused(Wanted("storky.tasks.apps", "1", None, ()))
    assert "say with --key" in refused(Wanted("storky.platform.billing", "1", None, ()))
