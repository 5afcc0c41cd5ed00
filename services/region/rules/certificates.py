"""Which certificates a domain may be served with."""

from datetime import datetime
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from services.common.certificates import covers, names
from services.region.machinery.authority import Certificate

LONGEST_CHAIN = 10
_SMALLEST_RSA = 2048  # bits
_CURVES = ("secp256r1", "secp384r1", "secp521r1")

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class CertificateError(ValueError):
    """A certificate or key cannot be used; `field` is which of the two, the text says what to do."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def read(tlscert: str, tlskey: str, host: str, now: datetime) -> Certificate:
    """Return the certificate of a host, its PEM written anew, so as any front spells it.

    Raises CertificateError.
    """
    chain, key = _chain(tlscert), _key(tlskey)
    leaf = chain[0]
    if key.public_key() != leaf.public_key():
        raise CertificateError(
            "tlskey", "is not the key of the certificate: upload the two that belong together"
        )
    if not any(covers(name, host) for name in names(leaf)):
        raise CertificateError("tlscert", f"is not for {host}: none of its alternative names is that")
    if leaf.not_valid_after_utc <= now:
        raise CertificateError(
            "tlscert", f"expired on {leaf.not_valid_after_utc:%Y-%m-%d}: upload a renewed one"
        )
    if leaf.not_valid_before_utc > now:
        raise CertificateError("tlscert", f"is not valid before {leaf.not_valid_before_utc:%Y-%m-%d}")
    return Certificate(
        chain="".join(each.public_bytes(serialization.Encoding.PEM).decode() for each in chain),
        key=_pem(key),
        valid_from=leaf.not_valid_before_utc,
        valid_until=leaf.not_valid_after_utc,
    )


def _chain(pem: str) -> list[x509.Certificate]:
    try:
        chain = x509.load_pem_x509_certificates(pem.encode())
        for each in chain:
            _read_whole(each)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CertificateError(
            "tlscert", "is not a certificate chain in PEM, the domain's own first"
        ) from None
    if len(chain) > LONGEST_CHAIN:
        raise CertificateError("tlscert", f"holds more than {LONGEST_CHAIN} certificates")
    for number, (issued, issuer) in enumerate(pairwise(chain), 1):
        _refuse_stranger(number, issued, issuer)
    return chain


def _read_whole(certificate: x509.Certificate) -> None:
    """Raise ValueError for what is damaged inside: most of a certificate is only parsed when asked for."""
    _ = certificate.extensions, certificate.subject, certificate.issuer, certificate.public_key()
    if certificate.version is not x509.Version.v3 or certificate.serial_number <= 0:
        raise ValueError


def _refuse_stranger(number: int, issued: x509.Certificate, issuer: x509.Certificate) -> None:
    try:
        issued.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        text = f"is not a chain: its certificate {number} was not issued by the next one"
        raise CertificateError("tlscert", text) from None


def _key(pem: str) -> Key:
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CertificateError("tlskey", "is not a private key in PEM, without a password") from None
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _SMALLEST_RSA:
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return key
    raise CertificateError("tlskey", "must be RSA of 2048 bits or more, or ECDSA on P-256, P-384 or P-521")


def _pem(key: Key) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
