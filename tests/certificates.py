"""Certificates of the tests: real ones, signed by themselves."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from regions.model import Certificate

Key = ec.EllipticCurvePrivateKey


@cache
def key(number: int = 1) -> Key:
    """Return one of the tests' keys."""
    return ec.generate_private_key(ec.SECP256R1())


def certificate(
    names: Sequence[str], until: datetime, *, of: int = 1, with_key: int = 1, since: datetime | None = None
) -> Certificate:
    """Return a certificate for the names; its key is another's if `with_key` says so."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a certificate of the tests")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key(of).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since or min(datetime.now(UTC), until) - timedelta(days=1))
        .not_valid_after(until)
    )
    if names:
        alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(alternatives, critical=False)
    signed = builder.sign(key(of), hashes.SHA256())
    return Certificate(
        tlscert=signed.public_bytes(serialization.Encoding.PEM).decode(),
        tlskey=key(with_key)
        .private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        .decode(),
    )
