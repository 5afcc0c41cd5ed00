"""Checking a region's API, and showing what came out."""

import os
from dataclasses import asdict

import anyio
from rich.console import Console

from regions.conformance import Report, Result, run
from services.cli.errors import CliError
from services.cli.output import print_json, say

CREDENTIAL = "STORKY_REGION_CREDENTIAL"  # a secret: an argument could be read by every user of the machine


def check_region(url: str, *, as_json: bool) -> bool:
    """Run the conformance suite; return whether the region keeps everything."""
    credential = os.environ.get(CREDENTIAL)
    if not credential:
        raise CliError(f"Set {CREDENTIAL} to the region's service credential.")
    console = Console(stderr=as_json)
    report: Report = anyio.run(run, url, credential, lambda result: say(console, line(result)))
    if as_json:
        print_json({"ok": report.passed, "results": [asdict(result) for result in report.results]})
    kept = sum(result.passed for result in report.results)
    say(console, f"{kept} of {len(report.results)} requirements are met.")
    return report.passed


def line(result: Result) -> str:
    """Return a result as one line."""
    return f"✔ {result.check}" if result.passed else f"✘ {result.check}: {result.failure}"
