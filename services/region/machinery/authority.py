"""The region's own certificate authority, which also plays Let's Encrypt: a reference region has no internet.

What it issues is trusted by whoever trusts `authority.pem` in the region's directory, and by nobody else.
"""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LASTS = timedelta(days=90)  # as those of Let's Encrypt

_ROOT_LASTS = timedelta(days=3650)
_BACKDATED = timedelta(hours=1)  # for clients whose clocks are slow

Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Certificate:
    """A chain, leaf first, and its key, both PEM; and from when to when the leaf is valid."""

    chain: str
    key: str = field(repr=False)
    valid_from: datetime
    valid_until: datetime

    def is_due(self, now: datetime) -> bool:
        """Tell whether it is to be renewed: less than a third of its validity is left."""
        return self.valid_until - now < (self.valid_until - self.valid_from) / 3


class Authority:
    """Issues certificates; its own certificate and key are made at the first use of a directory."""

    def __init__(self, directory: Path, region: str) -> None:
        """Take the authority of a directory; `region` is what it is named after."""
        certificate, key = directory / "authority.pem", directory / "authority.key"
        if not (certificate.exists() and key.exists()):
            _make(certificate, key, region)
        self._certificate = x509.load_pem_x509_certificate(certificate.read_bytes())
        self._key = _private_key(key.read_bytes())

    def issue(self, host: str) -> Certificate:
        """Return a certificate for a host name or, as in `*.example.com`, for all names right below one."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        builder = _begun(_name(host), self._certificate.subject, key, now, LASTS)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        leaf = (
            builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(authority=False), critical=True)
            .add_extension(usage, critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, hashes.SHA256())
        )
        return Certificate(
            _pem(leaf), _key_pem(key).decode(), leaf.not_valid_before_utc, leaf.not_valid_after_utc
        )


def _make(certificate: Path, key: Path, region: str) -> None:
    made, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = _name(f"Authority of the storky reference region {region}")
    root = (
        _begun(name, name, made, now, _ROOT_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(authority=True), critical=True)
        .sign(made, hashes.SHA256())
    )
    _write_private(key, _key_pem(made))
    _write_private(certificate, _pem(root).encode())


def _begun(
    subject: x509.Name, issuer: x509.Name, key: Key, now: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    # The field holds 64 characters; what counts are the alternative names.
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _private_key(pem: bytes) -> Key:
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, Key), "the key that _make has written"
    return key


def _write_private(path: Path, content: bytes) -> None:
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    partial.rename(path)
