"""Connections of clients that are slow, or speak no HTTP: cut off, so that nobody else suffers.

uvicorn itself waits for a request for ever, and refuses what is no HTTP in words that no client can read.
"""

import asyncio
import json
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_RECEIVING = (h11.IDLE, h11.SEND_BODY)  # states of a client that has not sent all of its request
_CAN_BE_ANSWERED = (h11.IDLE, h11.SEND_RESPONSE)  # states of ours


class StrictH11Protocol(H11Protocol):
    """A connection whose client must send, and read, at a pace that any real one has."""

    grace = 20.0  # seconds that a request may take in any case
    rate = 1024  # bytes a second that a longer one must have, from its first byte to its last
    stall = 60.0  # seconds that an answer may wait for its reader, about 50 kB of it in the system's buffers

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._due: asyncio.TimerHandle | None = None
        self._started = 0.0
        self._received = 0
        self._reader_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a request."""
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Take a part of a request; expect the rest if there is more."""
        super().data_received(data)
        if self.conn.their_state not in _RECEIVING:
            self._expect_nothing()
            return
        if self._due is None:
            self._expect()
        self._received += len(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        self._expect_nothing()
        self._stop_waiting_for_reader()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Wait for the client to read what it was sent."""
        super().pause_writing()
        self._reader_due = self.loop.call_later(self.stall, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the client reads."""
        self._stop_waiting_for_reader()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP."""
        self._refuse(HTTPStatus.BAD_REQUEST, "malformed_http", msg)

    def _expect(self) -> None:
        self._started, self._received = self.loop.time(), 0
        self._due = self.loop.call_later(self.grace, self._judge)

    def _expect_nothing(self) -> None:
        if self._due:
            self._due.cancel()
            self._due = None

    def _stop_waiting_for_reader(self) -> None:
        if self._reader_due:
            self._reader_due.cancel()
            self._reader_due = None

    def _judge(self) -> None:
        """Let a client go on that has kept the pace, or that we ourselves keep from sending."""
        if self.flow.read_paused:
            self._expect()
            return
        due = self._started + self.grace + self._received / self.rate
        if self.loop.time() < due:
            self._due = self.loop.call_at(due, self._judge)
            return
        if self._received:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "too_slow", "The request took too long to arrive.")
        else:
            self.transport.close()

    def _refuse(self, status: HTTPStatus, code: str, error: str) -> None:
        self._expect_nothing()
        if self.conn.our_state in _CAN_BE_ANSWERED:
            body = json.dumps({"error": error, "code": code}).encode()
            headers = [("content-type", "application/json"), ("content-length", str(len(body)))]
            for event in (
                h11.Response(
                    status_code=status,
                    headers=[*headers, ("connection", "close")],
                    reason=status.phrase.encode(),
                ),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        if self.cycle:
            self.cycle.disconnected = True  # whatever works on the request need not answer any more
            self.cycle.message_event.set()
        self.transport.close()
