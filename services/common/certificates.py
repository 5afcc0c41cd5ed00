"""Which hosts a certificate is for."""

from collections.abc import Sequence

from cryptography import x509


def names(leaf: x509.Certificate) -> Sequence[str]:
    """Return a certificate's alternative names that are host names, as they are written in it."""
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return found.get_values_for_type(x509.DNSName)


def covers(name: str, host: str) -> bool:
    """Tell whether a certificate's name is the host, or `*.` and all of the host but its first label."""
    host = host.lower()
    return name.lower() in (host, f"*.{host.partition('.')[2]}")
