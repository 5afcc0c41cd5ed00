"""What a log line may keep of an exception: its type and where it was raised, never its text.

The text may quote a row, a URL with a signature, or whatever else somebody has written into an error.
"""

import traceback
from typing import Any


def traced(error: BaseException) -> dict[str, Any]:
    """Return the fields of a log line about an unexpected error."""
    return {"error": _name(error), "at": traceback.format_tb(_cause(error).__traceback__)}


def _name(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return f"{type(error).__name__}({', '.join(sorted({_name(inner) for inner in error.exceptions}))})"
    return type(error).__name__


def _cause(error: BaseException) -> BaseException:
    return _cause(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error
