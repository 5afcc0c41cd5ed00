"""What people read, from what the gateway tells: pure."""

from typing import Any

import pytest

from services.cli.arrival import Arrival
from services.cli.planned import Plan
from services.cli.report import markdown
from services.common.formats import span
from tests.gateway.workers import RECORDS
from tests.migrations.story import Story
from tests.projections.test_evidence import ALL, shown, told

PLAN: dict[str, Any] = {
    "source": {"region": "agora-fr1", "app": "my-app"},
    "destination": {"region": "osc-fr1", "app": "my-app"},
    "copied": [{"kind": "variables", "count": 10, "names": [f"V{n}" for n in range(10)]}],
    "not_moved": [{"kind": "logs", "count": None, "why": "They stay.", "names": []}],
    "changes": [{"what": "app id", "old": "1", "new": None, "advice": "Look it up."}],
    "mentions": ["SEARCH_URL"],
    "databases": [
        {
            "addon": "ad-1",
            "provider": "Redis",
            "plan": "tiny",
            "version": "7",
            "size_bytes": None,
            "seconds": 3,
        }
    ],
    "stop_seconds": 7260,
    "measured_from": 0,
    "assumed": ["restore-database takes 1 s: none was measured yet."],
}


def test_a_plan_is_a_text_of_sections_without_empty_ones() -> None:
    text = Plan.model_validate(PLAN).text()
    assert " - variables: 10 (V0, V1, V2, V3, V4, V5, V6, V7 and 2 more)\n" in text
    assert " - logs: They stay.\n" in text
    assert " - Redis 7 (tiny) ad-1: size unknown, about 3 s\n" in text
    assert "Assumed, as it was not measured:\n - restore-database" in text
    assert "about 2 h 1 min (nothing measured yet)" in text
    nothing = {"mentions": [], "databases": [], "stop_seconds": 0}
    text = Plan.model_validate(PLAN | nothing).text()
    assert "Databases" not in text
    assert text.endswith("\n\nThe app does not run: it is not stopped.")


def test_records_that_are_right_already_are_asked_of_nobody() -> None:
    right = [record for record in RECORDS if record["status"] == "ok"]
    text = Arrival(url="https://x", records=right, redirected_until="2030-01-31T12:00:00Z").text()
    assert "DNS records" not in text
    until = "Until 2030-01-31 12:00:00 UTC the old region sends the app's visitors on. Then it stops."
    assert text.endswith(f"https://x\n\n{until}")


def test_a_record_that_is_wrong_is_said_with_what_it_is_and_what_it_has_to_be() -> None:
    wrong = {"domain": "x", "type": "CNAME", "from": ["old"], "to": ["new"], "status": "change"}
    text = Arrival(url="https://x", records=[wrong], redirected_until=None).text()
    assert text.endswith("       - CNAME record of x should be changed to new (it is old)")


def test_an_odd_name_is_shown_as_it_is_and_breaks_no_table() -> None:
    known = shown(told(Story(), *ALL).history)
    known.items[0].item = "a|b\n<script>"
    assert "| copy-variables | a&#124;b &lt;script&gt; | aa | aa |" in markdown(known).splitlines()


@pytest.mark.parametrize(("seconds", "text"), [(0.04, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (-1, "0 s")])
def test_lengths_of_time(seconds: float, text: str) -> None:
    assert span(seconds) == text
