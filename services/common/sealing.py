"""Secrets that must be read again, encrypted for the database they are kept in."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SealError(Exception):
    """It was sealed with another key, or damaged."""


class Seal:
    """Encrypts and decrypts with one key, a text of 32 characters or more."""

    def __init__(self, key: str) -> None:
        derived = HKDF(SHA256(), length=32, salt=None, info=b"storky sealing").derive(key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def close(self, text: str) -> bytes:
        """Return the text as only this key opens it."""
        return self._fernet.encrypt(text.encode())

    def open(self, sealed: bytes) -> str:
        """Return the text; raises SealError."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            raise SealError from None
