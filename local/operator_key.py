"""The operator's key pair: evidence is signed with the private half, and checked with the public one."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from local import kept

PRIVATE, PUBLIC = "operator-key.pem", "operator-key.pub"


def make(private: Path, public: Path) -> None:
    """Write a new pair of ed25519 keys in PEM; both files are readable by their owner alone.

    Raises FileExistsError rather than lose a key that has signed something.
    """
    for path in (private, public):
        if path.exists():
            raise FileExistsError(path)
    key = Ed25519PrivateKey.generate()
    spki = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    kept.write_private(public, spki.decode())
    pkcs8 = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    kept.write_private(private, pkcs8.decode())


def keep(directory: Path) -> None:
    """Make the pair of a system, unless it has one."""
    private, public = directory / PRIVATE, directory / PUBLIC
    if not private.exists():
        public.unlink(missing_ok=True)  # of a pair that was left half made
        make(private, public)
