"""How a call to a region fails. A worker retries a passing failure and reports a lasting one."""

import re

# What may enter the log as a code. Anything else is text of the region's own, and may quote a customer.
WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")


class RegionError(Exception):
    """A region could not, or would not, do what was asked.

    `code` and `params` are safe to keep in the log for ever; the text of a region's answer is not, and
    stays out.
    """

    passing = False

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(f"{code} {params}" if params else code)
        self.code = code
        self.params = params


class RegionUnavailableError(RegionError):
    """No connection, a time-out, a 429 or a 5xx: asking again later may succeed."""

    passing = True


class RefusedError(RegionError):
    """The region understood and refused; asking again gives the same answer."""

    def blames(self, field: str) -> bool:
        """Whether it was for this field's value."""
        return field in str(self.params.get("fields", "")).split(", ")


class NotFoundError(RefusedError):
    """The region has no such resource (`params['resource']`)."""


class FencedError(RefusedError):
    """A newer epoch of the migration has fenced this one: nothing it asks for will be done."""
