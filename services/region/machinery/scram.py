"""What a PostgreSQL server keeps of a password, so that the password itself never appears in a statement."""

import base64
import hashlib
import hmac
import secrets

_ITERATIONS = 4096


def verifier(password: str) -> str:
    """Return the SCRAM-SHA-256 verifier of an ASCII password (RFC 5803); other passwords raise ValueError."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, _ITERATIONS)
    stored_key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${_ITERATIONS}:{_text(salt)}${_text(stored_key)}:{_text(server_key)}"


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
