"""A web app that says what reached it, and sends back what it is sent. An app of its own, not a test."""

import json
import os
from base64 import b64encode
from hashlib import sha1, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

BUILD = Path("build.txt").read_text(encoding="ascii")
WEBSOCKET = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455's
CHUNK = 65_536


class Visit(BaseHTTPRequestHandler):
    """One connection of a visitor."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.headers.get("Upgrade") == "websocket":
            self._echo()
            return
        self._tell(
            build=BUILD,
            region=os.environ["REGION_NAME"],
            greeting=os.environ.get("GREETING"),
            path=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
        )

    def do_POST(self) -> None:
        """Take a body of any size."""
        digest, left = sha256(), int(self.headers["Content-Length"])
        while left and (chunk := self.rfile.read(min(left, CHUNK))):
            digest.update(chunk)
            left -= len(chunk)
        self._tell(sha256=digest.hexdigest())

    def _tell(self, **what: Any) -> None:
        body = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _echo(self) -> None:
        """Open a websocket, and send back each short text until the visitor leaves."""
        key = self.headers["Sec-WebSocket-Key"].encode()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", b64encode(sha1(key + WEBSOCKET).digest()).decode())  # noqa: S324
        self.end_headers()
        while frame := self.rfile.read(2):
            size = frame[1] & 0x7F
            mask, payload = self.rfile.read(4), self.rfile.read(size)
            text = bytes(byte ^ mask[number % 4] for number, byte in enumerate(payload))
            self.wfile.write(bytes([frame[0], size]) + text)
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Visit).serve_forever()
