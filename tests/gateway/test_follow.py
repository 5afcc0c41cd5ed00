"""Following a migration over HTTP: each event once and in order, for one or for a thousand."""

import signal
import time
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass

import anyio
import anyio.to_thread
import httpx
import pytest
from fastapi import FastAPI
from fastapi.sse import ServerSentEvent

from local.ports import free_port
from services.common.connections import StrictH11Protocol
from services.common.http import serve
from services.gateway.follow.response import EventStream
from tests.gateway.follower import SECONDS, Follower, following
from tests.gateway.stack import Stack
from tests.gateway.test_migrations import UNKNOWN, WireClient, fresh

THOUSAND = 1_000
SMALL = 100 * 1024**2  # bytes by which a gateway may grow for a thousand followers


@dataclass
class Followed:
    """A migration, and how to follow it."""

    stack: Stack
    client: WireClient
    migration: str

    @property
    def path(self) -> str:
        return f"{self.client.path}/{self.migration}/follow"

    def open(self, last_event_id: str = "") -> AbstractAsyncContextManager[Follower]:
        token = self.client.http.headers["Authorization"]
        return following(self.stack, self.path, token, last_event_id)


def created(stack: Stack, http: httpx.Client, app: str = "app") -> Followed:
    client = WireClient(http, fresh(app))
    return Followed(stack, client, client.create()["id"])


@pytest.fixture
def followed(stack: Stack, http: httpx.Client) -> Followed:
    return created(stack, http)


def versions(follower: Follower) -> list[int]:
    return [event["version"] for event in follower.of("event")]


@pytest.mark.anyio
async def test_a_follower_is_told_all_from_the_beginning_to_the_end(followed: Followed) -> None:
    client = followed.client
    async with followed.open() as early:
        await early.read_until(b"event: state")
        await anyio.to_thread.run_sync(client.run_to_end, followed.migration, "preflight")
        client.run(followed.migration, "abort")
        await early.read_to_end()
    assert b"content-type: text/event-stream" in early.seen.lower()
    told = early.of("event")
    assert versions(early) == list(range(1, len(told) + 1))
    assert (told[0]["type"], told[-1]["type"]) == ("MigrationCreated", "MigrationAborted")
    assert early.of("state")[0]["migration"]["status"] == "created"
    assert early.of("state")[-1] == client.http.get(f"{client.path}/{followed.migration}/tasks").json()
    assert early.events[-1] == ("end", {"status": "aborted"})

    async with followed.open() as late, followed.open("3") as resumed:
        await late.read_to_end()
        await resumed.read_to_end()
    assert late.of("event") == told
    assert resumed.of("event") == told[3:]
    assert [name for name, _ in resumed.events[-2:]] == ["state", "end"]


@pytest.mark.anyio
async def test_how_far_a_task_is_is_told_as_soon_as_it_is_known(stack: Stack, http: httpx.Client) -> None:
    followed = created(stack, http, "measured")
    await anyio.to_thread.run_sync(followed.client.run_to_end, followed.migration, "preflight")
    followed.client.run(followed.migration, "prepare")
    async with followed.open() as follower:
        await follower.read_until(b"30000000")
    far = {task["id"]: task["progress"] for task in follower.of("state")[-1]["tasks"]}
    far |= {news["task_id"]: news["progress"] for news in follower.of("progress")}
    assert [known["rows"] for known in far.values() if known] == [10_000]


@pytest.mark.anyio
async def test_a_thousand_followers_are_each_told_everything_once(followed: Followed) -> None:
    gateway = followed.stack.processes["gateway"]
    before = gateway.resident_bytes
    followers: list[Follower] = []
    async with AsyncExitStack() as stack:

        async def open_some() -> None:
            while len(followers) < THOUSAND:
                followers.append(await stack.enter_async_context(followed.open()))

        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(open_some)
        followed.client.run(followed.migration, "abort")
        async with anyio.create_task_group() as group:
            for follower in followers:
                group.start_soon(follower.read_to_end)
        assert gateway.resident_bytes - before < SMALL
    history = followers[0].of("event")
    assert [event["type"] for event in history][-1] == "MigrationAborted"
    for follower in followers:
        assert follower.of("event") == history
        assert follower.events[-1] == ("end", {"status": "aborted"})


@pytest.mark.anyio
async def test_a_restart_ends_the_streams_at_once_and_they_go_on_where_they_were(followed: Followed) -> None:
    gateway = followed.stack.processes["gateway"]
    async with followed.open() as cut:
        await cut.read_until(b"event: state")
        started = time.monotonic()
        await anyio.to_thread.run_sync(gateway.stop, signal.SIGTERM)
        assert time.monotonic() - started < SECONDS / 2
        await cut.read_to_end()  # a whole answer, and no end of the migration
    await anyio.to_thread.run_sync(gateway.start)
    assert "end" not in dict(cut.events)
    followed.client.run(followed.migration, "abort")
    async with followed.open(str(versions(cut)[-1])) as resumed:
        await resumed.read_to_end()
    assert versions(cut) + versions(resumed) == list(range(1, versions(resumed)[-1] + 1))


@pytest.mark.parametrize("last_event_id", ["x", "0", "-1", "1.5", "99", str(10**30)])
def test_an_id_that_no_event_has_is_refused(followed: Followed, last_event_id: str) -> None:
    answer = followed.client.http.get(followed.path, headers={"Last-Event-ID": last_event_id})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["last-event-id"])


def test_who_may_not_see_a_migration_cannot_follow_it(followed: Followed) -> None:
    http = followed.client.http
    unknown = f"{followed.client.path}/{UNKNOWN}/follow"
    assert (http.get(unknown).status_code, http.get(unknown).json()["resource"]) == (404, "migration")
    with followed.stack.client("stranger") as stranger:
        assert stranger.get(followed.path).status_code == 404
    assert httpx.get(followed.stack.url + followed.path, trust_env=False).status_code == 401


@pytest.mark.anyio
async def test_a_client_that_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StrictH11Protocol, "stall", 0.2)
    given_up, ready, port = anyio.Event(), anyio.Event(), free_port()

    async def much() -> AsyncGenerator[ServerSentEvent]:
        try:
            while True:
                yield ServerSentEvent(raw_data="x" * 100_000)
        finally:
            given_up.set()

    app = FastAPI()
    app.add_api_route("/", lambda: EventStream(much()), response_class=EventStream)
    async with anyio.create_task_group() as group:
        group.start_soon(serve, app, "127.0.0.1", port, ready.set)
        await ready.wait()
        async with await anyio.connect_tcp("127.0.0.1", port) as socket:
            await socket.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            with anyio.fail_after(SECONDS):
                await given_up.wait()
        group.cancel_scope.cancel()
