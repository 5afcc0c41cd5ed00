from datetime import UTC, datetime, timedelta

import pytest

from events.failures import messages
from regions.model import Certificate
from services.routing.certificates import problems
from tests.certificates import certificate

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HANDOVER = timedelta(days=30)
LONG = NOW + timedelta(days=90)
NAME = "www.example.com"


def found(given: Certificate, name: str = NAME) -> list[str]:
    return [reason.code for reason in problems(name, given, NOW, HANDOVER)]


@pytest.mark.parametrize("names", [[NAME], ["WWW.example.com"], ["other.example", "*.example.com"]])
def test_a_certificate_for_the_name_that_outlives_the_handover_is_fine(names: list[str]) -> None:
    assert found(certificate(names, LONG)) == []
    assert found(certificate(names, NOW + HANDOVER + timedelta(seconds=1))) == []


def test_one_for_a_wildcard_covers_the_wildcard_and_one_label() -> None:
    wildcard = certificate(["*.example.com"], LONG)

    assert found(wildcard, "*.example.com") == []
    assert found(wildcard, "a.b.example.com") == ["certificate_foreign"]
    assert found(wildcard, "example.com") == ["certificate_foreign"]
    assert found(certificate([NAME], LONG), "*.example.com") == ["certificate_foreign"]


@pytest.mark.parametrize(
    ("until", "text"),
    [
        (NOW, "The certificate of www.example.com expired on 2026-03-01."),
        (NOW + HANDOVER, "The certificate of www.example.com expires on 2026-03-31, and the old region"),
    ],
)
def test_one_that_ends_too_soon_is_named_with_its_day(until: datetime, text: str) -> None:
    reasons = problems(NAME, certificate([NAME], until), NOW, HANDOVER)

    assert messages(reasons).startswith(text)


def test_all_that_is_wrong_is_said() -> None:
    wrong = certificate([], NOW - timedelta(days=1), with_key=2)

    assert found(wrong) == ["certificate_mismatch", "certificate_foreign", "certificate_expired"]


@pytest.mark.parametrize(
    "broken",
    [
        Certificate(tlscert="", tlskey=certificate([NAME], LONG).tlskey),
        Certificate(tlscert=certificate([NAME], LONG).tlscert, tlskey="no key"),
        Certificate(
            tlscert="-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
            tlskey=certificate([NAME], LONG).tlskey,
        ),
    ],
)
def test_what_cannot_be_read_is_no_surprise(broken: Certificate) -> None:
    assert found(broken) == ["certificate_unreadable"]
