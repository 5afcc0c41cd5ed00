"""Loaded by schemathesis: see schemathesis.toml."""

from typing import Any
from uuid import uuid4

import schemathesis

KEY = "Idempotency-Key"
LONGEST = 200


@schemathesis.hook
def before_call(
    _context: schemathesis.HookContext, case: schemathesis.Case[Any], _more: dict[str, Any]
) -> None:
    """Make each key that is one a new one: under the same, no call does anything but the first."""
    if 0 < len(case.headers.get(KEY, "")) <= LONGEST:
        case.headers[KEY] = str(uuid4())
