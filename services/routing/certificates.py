"""Whether the new region can serve a domain with its certificate: pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from events.failures import Reason
from regions.model import Certificate
from services.common.certificates import covers, names


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
    if not any(covers(name, domain) for name in read.names):
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
    return _Read(names(leaf), leaf.not_valid_after_utc, key.public_key() == leaf.public_key())


def _reason(code: str, domain: str, **more: str | int) -> Reason:
    return Reason(code=code, params={"domain": domain, **more})
