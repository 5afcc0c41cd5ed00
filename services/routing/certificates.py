"""Whether the new region can serve a domain with its certificate: pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from events.failures import Reason
from regions.model import Certificate


class _Read(NamedTuple):
    names: Sequence[str]
    ends: datetime
    has_key: bool


def problems(domain: str, certificate: Certificate, now: datetime, handover: timedelta) -> Iterator[Reason]:
    """Yield what stands against the certificate of a domain, all of it.

    It has to outlive the hand-over: while the old region sends visitors on, nobody may be turned away.
    """
    try:
        read = _read(certificate)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        yield _reason("certificate_unreadable", domain)
        return
    if not read.has_key:
        yield _reason("certificate_mismatch", domain)
    if not any(_covers(name.lower(), domain.lower()) for name in read.names):
        yield _reason("certificate_foreign", domain)
    day = read.ends.date().isoformat()
    if read.ends <= now:
        yield _reason("certificate_expired", domain, validity=day)
    elif read.ends <= now + handover:
        yield _reason("certificate_expiring", domain, validity=day, until=(now + handover).date().isoformat())


def _read(certificate: Certificate) -> _Read:
    """Read the first certificate of the chain, which is the domain's own."""
    leaf = x509.load_pem_x509_certificates(certificate.tlscert.encode())[0]
    key = load_pem_private_key(certificate.tlskey.encode(), password=None)
    return _Read(_names(leaf), leaf.not_valid_after_utc, key.public_key() == leaf.public_key())


def _names(leaf: x509.Certificate) -> Sequence[str]:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return names.get_values_for_type(x509.DNSName)


def _covers(name: str, domain: str) -> bool:
    """Whether a certificate's name is the domain, or stands for it with a `*` as its first label."""
    return name == domain or name == f"*.{domain.partition('.')[2]}"


def _reason(code: str, domain: str, **more: str | int) -> Reason:
    return Reason(code=code, params={"domain": domain, **more})
