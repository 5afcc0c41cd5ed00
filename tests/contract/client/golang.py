"""How the Go client reads JSON: each value is of its type, unknown keys are ignored, times are RFC 3339."""

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def _rfc3339(value: object) -> object:
    if not isinstance(value, str) or not _RFC3339.fullmatch(value):
        raise ValueError("a time is written as RFC 3339, and never empty")
    return datetime.fromisoformat(value)


Time = Annotated[datetime, BeforeValidator(_rfc3339)]
Id = Annotated[str, Field(min_length=1)]
Uint = Annotated[int, Field(ge=0)]
Data = dict[str, Any]


class Struct(BaseModel):
    """A shape of the contract. The client reads a missing key as a zero; we miss it, but for times."""

    model_config = ConfigDict(strict=True, frozen=True)
