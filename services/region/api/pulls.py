"""What a call says of a file that is to be pulled from another region."""

from typing import Any
from urllib.parse import urlsplit

from pydantic import Field

from services.region.api.errors import invalid
from services.region.api.fields import Body, Digest, Url
from services.region.region import Region


class Pull(Body):
    """A file in another region."""

    source_url: Url
    digest: Digest
    size_bytes: int = Field(ge=0, lt=2**63)


def checked(pull: Pull, region: Region) -> dict[str, Any]:
    """Return the arguments of an operation that pulls it; raises 422 for a place that is no region."""
    if _origin(pull.source_url) not in {_origin(origin) for origin in region.settings.origins}:
        raise invalid("source_url", "is not at the address of a region")
    return pull.model_dump(include={"source_url", "digest", "size_bytes"})


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise invalid("source_url", "is not a URL") from None
    return parts.scheme, parts.netloc
