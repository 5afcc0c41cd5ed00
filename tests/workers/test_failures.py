import string

import pytest

from events.failures import FAILURES, message

PARAMS: dict[str, str | int] = {"app": "shop", "region": "osc-fr1", "table": "public.users", "source_rows": 3}


@pytest.mark.parametrize("code", FAILURES)
def test_every_failure_says_what_happened_and_what_to_do(code: str) -> None:
    happened, remedy = FAILURES[code]
    assert happened.endswith(".")
    assert remedy.endswith(".")
    assert all(
        name for text in (happened, remedy) for _, name, _, _ in string.Formatter().parse(text) if name
    )


def test_a_message_names_what_it_is_about() -> None:
    text = message("data_differs", {**PARAMS, "destination_rows": 2})

    assert "public.users differs: 3 rows at the source, 2 at the destination" in text


def test_a_failure_of_another_release_is_still_understandable() -> None:
    assert message("new_in_v9", {"code": "misleading"}) == (
        "The task failed (new_in_v9). Run the step again, or abort the migration. "
        "If it fails again, abort the migration and tell the platform's operator."
    )


def test_a_missing_param_does_not_hide_the_message() -> None:
    assert message("name_taken", {"app": "shop"}).startswith("The name shop is taken in (unknown region).")


def test_a_param_cannot_reach_into_the_template() -> None:
    assert "{code.__class__}" in message("app_unknown", {"app": "{code.__class__}", "region": "osc-fr1"})
