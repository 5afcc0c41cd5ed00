"""Times in requests: RFC 3339, and nothing else that could be taken for a time."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def read(text: object) -> datetime:
    """Return the time; raises ValueError, also for one that falls out of the calendar in UTC."""
    if not (isinstance(text, str) and _RFC3339.fullmatch(text)):
        raise ValueError("write a time with its zone, such as 2026-05-04T12:00:00Z")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except OverflowError:
        raise ValueError("there is no such time") from None


Time = Annotated[AwareDatetime, BeforeValidator(read)]
