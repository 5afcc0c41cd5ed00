"""Fronts as the tests make them, how to ask them for a host, and a certificate that they cannot read."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from local.caddy import CaddyServer
from services.region.machinery.authority import Certificate
from services.region.machinery.front import Front
from services.region.machinery.front_config import Listeners

KEY = "a-key-of-the-platform"


def front_of(caddy: CaddyServer, region: str = "somewhere") -> Front:
    return Front(caddy.admin_url, Listeners(region, caddy.front_url, caddy.front_tls_url, KEY))


def to(host: str, **headers: str) -> dict[str, str]:
    return {"Host": host, **headers}


def unreadable(host: str) -> Certificate:
    """Return a certificate that we can read, and Caddy cannot: it parses the URIs in it, too."""
    key, start = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC) - timedelta(hours=1)
    names = [x509.DNSName(host), x509.UniformResourceIdentifier("http://[")]
    end = start + timedelta(days=90)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    return Certificate(public.decode(), private.decode(), start, end)
