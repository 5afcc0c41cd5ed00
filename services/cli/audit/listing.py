"""Events on standard output: a page of them, or all as they arrive."""

import json
import sys
from collections.abc import Mapping

from rich.console import Console

from services.cli.audit.trail import Trail
from services.cli.audit.words import event_line
from services.cli.options import Options
from services.cli.output import print_json, say


def tell_page(options: Options, wanted: Mapping[str, str]) -> None:
    """Write one page, and how to go on."""
    with Trail(options) as trail:
        found = trail.page(wanted)
    if options.json:
        print_json({"ok": True, **found})
        return
    sys.stdout.writelines(f"{event_line(event)}\n" for event in found["events"])
    pagination = found["meta"]["pagination"]
    if following := pagination["next_page"]:
        say(Console(stderr=True), f"There are {pagination['total_count']}; go on with --page {following}.")


def tell_all(options: Options, wanted: Mapping[str, str]) -> None:
    """Write everything while it is read: however much it is, little of it is in memory."""
    with Trail(options) as trail, trail.lines(wanted) as lines:
        if not options.json:
            sys.stdout.writelines(f"{event_line(json.loads(line))}\n" for line in lines)
            return
        separator = '{"ok": true, "events": [\n'
        for line in lines:
            sys.stdout.write(f"{separator}{line}")
            separator = ",\n"
        sys.stdout.write("\n]}\n" if separator == ",\n" else f"{separator}]}}\n")
