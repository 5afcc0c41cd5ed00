"""Ids of what a region keeps."""

import secrets


def new_id() -> str:
    """Return a fresh id: 24 hexadecimal digits."""
    return secrets.token_hex(12)
