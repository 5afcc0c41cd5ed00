"""One attempt, at receivers of every kind: what comes of it, and that it ends."""

import json
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from uuid import uuid4

import anyio
import pytest

from local.ports import free_port
from services.common.sealing import Seal
from services.common.webhooks import Targets
from services.webhooks.deliveries import Delivery
from services.webhooks.posting import NotSentError, Poster, connections
from tests.bus.helpers import until
from tests.certificates import certificate
from tests.webhooks.receiver import Answer, Receiver, hang, raw, receiving, status, without_end
from tests.webhooks.system import KEY

pytestmark = pytest.mark.anyio

HERE = Targets((ip_network("127.0.0.0/8"),), http=True)
LIMIT = 0.4  # seconds
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"
NO_ANSWER, SILENCE = "no answer (RemoteProtocolError)", f"no answer within {LIMIT:g} s"

ANSWERS: dict[str, tuple[Answer, int | str]] = {
    "taken": (status(204), 204),
    "redirect": (status(307, "location: http://127.0.0.1:1/"), 307),
    "error": (status(500), 500),
    "nothing": (raw(b""), NO_ANSWER),
    "no HTTP": (raw(b"220 mail.example ESMTP\r\n"), NO_ANSWER),
    "cut off": (raw(b"HTTP/1.1 20"), NO_ANSWER),
    "silence": (hang, SILENCE),
    "a byte at a time": (without_end(OK, b"x", 0.01), SILENCE),
    "headers without end": (without_end(OK, b"x: " + b"x" * 1000 + b"\r\n"), NO_ANSWER),
    "interim answers without end": (without_end(b"", b"HTTP/1.1 102 Wait\r\n\r\n", 0.01), SILENCE),
    "body without end": (without_end(CHUNKED, b"400\r\n" + b"x" * 1024 + b"\r\n"), 200),
    "body that never comes": (raw(OK + b"content-length: 1000\r\n\r\n"), 200),
    "huge body": (raw(OK + b"content-length: 9000000\r\n\r\n" + b"x" * 9_000_000), 200),
}


def delivery(url: str, key: str = KEY) -> Delivery:
    seal = Seal(key)
    return Delivery(
        endpoint="billing",
        lease=datetime.now(UTC),
        sealed_url=seal.close(url),
        sealed_secret=seal.close("whsec_c2VjcmV0"),
        id=uuid4(),
        type="MigrationDone",
        body=json.dumps({"id": 1}).encode(),
        attempts=0,
    )


@asynccontextmanager
async def poster(targets: Targets = HERE, seconds: float = LIMIT) -> AsyncIterator[Poster]:
    async with connections(targets) as http:
        yield Poster(http, targets, Seal(KEY), seconds)


async def problem(url: str, targets: Targets = HERE) -> str:
    """Return why nothing was sent, or no answer came."""
    async with poster(targets, seconds=10) as one:
        with pytest.raises(NotSentError) as error:
            await one.post(delivery(url))
    return str(error.value)


@pytest.mark.parametrize("kind", ANSWERS)
async def test_every_receiver_has_the_same_time_and_can_fill_no_memory(receiver: Receiver, kind: str) -> None:
    receiver.answers.append(ANSWERS[kind][0])
    async with poster() as one:
        with anyio.fail_after(LIMIT + 2):
            try:
                came: int | str = await one.post(delivery(receiver.url))
            except NotSentError as error:
                came = str(error)
        assert came == ANSWERS[kind][1]
        await one.post(delivery(receiver.url))  # the next one is not disturbed
    assert len(receiver.requests) == 2


async def test_a_connection_is_used_again_but_not_one_whose_answer_was_given_up(receiver: Receiver) -> None:
    receiver.answers += [status(200), status(500), ANSWERS["body without end"][0]]
    async with poster() as one:
        for _ in range(3):
            await one.post(delivery(receiver.url))
        assert receiver.connections == 1
        await until(lambda: receiver.at_once == 0)  # nobody listens any more
        await one.post(delivery(receiver.url))
    assert receiver.connections == 2


async def test_who_does_not_listen_has_no_connection() -> None:
    assert await problem(f"http://127.0.0.1:{free_port()}/") == "no connection"


async def test_a_certificate_that_nobody_vouches_for_is_not_accepted(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made = certificate(["localhost"], datetime.now(UTC) + timedelta(days=1))
    (tmp_path / "both.pem").write_text(made.tlskey + made.tlscert)
    context.load_cert_chain(tmp_path / "both.pem")
    with receiving(context) as receiver:
        text = await problem(receiver.url)
    assert text == "its certificate is not accepted: self-signed certificate"
    assert receiver.requests == []


async def test_a_key_that_was_changed_is_told_as_what_it_is(receiver: Receiver) -> None:
    async with poster() as one:
        with pytest.raises(NotSentError, match="STORKY_WEBHOOK_KEY has changed"):
            await one.post(delivery(receiver.url, key="another key of thirty-two characters"))
    assert receiver.connections == 0


async def test_what_is_allowed_no_more_is_not_sent_to(receiver: Receiver) -> None:
    assert "must begin with https://" in await problem(
        receiver.url, Targets((ip_network("127.0.0.0/8"),), http=False)
    )
    assert "127.0.0.1 is not a public address" in await problem(receiver.url, Targets((), http=True))
    assert receiver.connections == 0


async def test_a_name_that_leads_to_a_private_address_is_refused_before_there_is_a_connection(
    receiver: Receiver,
) -> None:
    by_name = receiver.url.replace("127.0.0.1", "localhost")
    assert "is not a public address" in await problem(by_name, Targets((), http=True))
    assert receiver.connections == 0


async def test_a_name_without_an_address_is_told() -> None:
    assert await problem("http://nobody.invalid/secret") == "the name nobody.invalid has no address"


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """What a name means each time that it is looked up."""
    meanings: list[list[str]] = []

    def look_up(_: str, port: int, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in meanings.pop(0)]

    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", look_up)
        yield meanings


async def test_a_name_is_looked_up_once_and_what_was_checked_is_connected_to(
    receiver: Receiver, looked_up: list[list[str]]
) -> None:
    looked_up += [["127.0.0.1"], ["10.0.0.1"]]  # the second is what a rebinding name would say next
    async with poster() as one:
        assert await one.post(delivery(receiver.url.replace("127.0.0.1", "hooks.example"))) == 204
    assert receiver.requests[0].headers["host"].startswith("hooks.example:")
    assert looked_up == [["10.0.0.1"]]


async def test_one_address_that_is_off_limits_spoils_the_name(
    receiver: Receiver, looked_up: list[list[str]]
) -> None:
    looked_up.append(["127.0.0.1", "10.0.0.1"])
    by_name = receiver.url.replace("127.0.0.1", "hooks.example")
    assert "10.0.0.1 is not a public address" in await problem(by_name)
    assert receiver.connections == 0


async def test_the_next_address_is_tried_when_one_does_not_answer(
    receiver: Receiver, looked_up: list[list[str]]
) -> None:
    looked_up.append(["127.0.0.2", "127.0.0.1"])  # the receiver listens on the latter alone
    async with poster() as one:
        assert await one.post(delivery(receiver.url.replace("127.0.0.1", "hooks.example"))) == 204
