"""Logins: what a process signs in with, as a member of group roles."""

import base64
import hmac
import secrets
from hashlib import pbkdf2_hmac, sha256

import asyncpg

from events.store.statements import statement

_ITERATIONS = 4096  # PostgreSQL's own number


async def create_login(superuser_url: str, user: str, password: str, role: str) -> None:
    """Create the login, or give it this password, and make it a member of the role.

    Roles belong to the whole server, not to the database of the URL: callers that work on one server wait for
    each other. Only a verifier of the password is sent, so that no server log can show the password.
    """
    verifier = _verifier(password)
    connection = await asyncpg.connect(superuser_url)
    try:
        async with connection.transaction():
            await connection.execute(statement("lock_roles"))
            await connection.execute(statement("prepare_login"), user, verifier, role)
            await connection.execute(statement("create_login"))
    finally:
        await connection.close()


def _verifier(password: str) -> str:
    """Return the SCRAM-SHA-256 verifier, as PostgreSQL stores it (RFC 5803)."""
    if not password.isascii():
        raise ValueError("a database password must be ASCII: other characters would have to be normalised")
    salt = secrets.token_bytes(16)
    salted = pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    stored = sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return "SCRAM-SHA-256${}:{}${}:{}".format(_ITERATIONS, *encoded)
