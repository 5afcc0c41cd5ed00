"""Signatures of evidence: ed25519 over the exact bytes of a file, kept beside it in FILE.sig."""

import base64
import binascii
import hashlib
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from pydantic import BaseModel, ValidationError

from services.cli.errors import CliError


class Signature(BaseModel):
    """What is in a .sig file; `public_key` is the key's id, `signature` is base64."""

    algorithm: Literal["ed25519"] = "ed25519"
    public_key: str
    signature: str


def beside(file: Path) -> Path:
    """Return where a file's signature is."""
    return file.with_name(f"{file.name}.sig")


def sign(content: bytes, private_key: Path) -> Signature:
    """Return the signature; raises CliError if the key cannot be used."""
    try:
        key = load_pem_private_key(private_key.read_bytes(), password=None)
    except OSError as error:
        raise CliError(f"The key {private_key} cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise CliError(
            f"{private_key} holds no ed25519 private key in PEM without a password; "
            "make one with `storky evidence-key FILE`."
        )
    signature = base64.b64encode(key.sign(content)).decode()
    return Signature(public_key=_id(key.public_key()), signature=signature)


def check(file: Path, public_key: Path) -> str:
    """Return the id of the key that has signed the file as it is; raises CliError with what is wrong."""
    key = _public(public_key)
    content, signature = _bytes(file), _signature(beside(file))
    if signature.public_key != _id(key):
        raise CliError(
            f"{file} was signed with another key than {public_key}: its id is {signature.public_key}, "
            f"not {_id(key)}."
        )
    try:
        key.verify(base64.b64decode(signature.signature, validate=True), content)
    except InvalidSignature:
        raise CliError(
            f"{file} is not what was signed: it, or its signature, was changed; do not trust it."
        ) from None
    except binascii.Error:
        raise CliError(f"{beside(file)} is damaged: its signature is not base64.") from None
    return signature.public_key


def _public(path: Path) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(_bytes(path))
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise CliError(f"{path} holds no ed25519 public key in PEM.")
    return key


def _signature(path: Path) -> Signature:
    try:
        return Signature.model_validate_json(_bytes(path))
    except ValidationError:
        raise CliError(f"{path} is damaged: it is no signature that this tool writes.") from None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CliError(f"{path} cannot be read: {error.strerror}.") from None


def _id(key: Ed25519PublicKey) -> str:
    """Return the key's id: the SHA-256 digest of its 32 bytes, in hexadecimal."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()
