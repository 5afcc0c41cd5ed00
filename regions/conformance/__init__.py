"""Does a region keep what docs/region-api.md promises? Anybody can run this suite against their own.

It makes apps of its own, named `storky-check-...`, and deletes them again; it touches nothing else.
"""

from regions.conformance.suite import CHECKS, Check, Report, Result, run

__all__ = ["CHECKS", "Check", "Report", "Result", "run"]
