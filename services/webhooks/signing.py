"""Signatures as the Standard Webhooks specification 1.0.0 has them (www.standardwebhooks.com)."""

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from events.envelope import CONTENT_TYPE
from services.common.webhooks import SECRET_PREFIX


def headers(secret: str, message_id: UUID, at: datetime, body: bytes) -> Mapping[str, str]:
    """Return the headers by which a receiver knows who sent this body, and that it did so just now."""
    seconds = int(at.timestamp())
    return {
        "content-type": CONTENT_TYPE,
        "user-agent": "storky-webhooks",
        "webhook-id": str(message_id),
        "webhook-timestamp": str(seconds),
        "webhook-signature": signature(secret, str(message_id), seconds, body),
    }


def signature(secret: str, message_id: str, seconds: int, body: bytes) -> str:
    """Return the signature of a body that is sent at this second, under this id."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{seconds}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode()}"
