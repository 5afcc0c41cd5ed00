from datetime import UTC, datetime, timedelta

import pytest

from events.failures import messages
from regions.model import Domain
from services.common.worker.task import TaskFailedError
from services.routing.domains import check_certificate

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HANDOVER = timedelta(days=30)


def domain(validity: datetime | None) -> Domain:
    return Domain(id="1", name="www.example.com", validity=validity)


@pytest.mark.parametrize("validity", [None, NOW + HANDOVER + timedelta(seconds=1)])
def test_a_certificate_that_outlives_the_handover_is_fine(validity: datetime | None) -> None:
    check_certificate(domain(validity), NOW, HANDOVER)


@pytest.mark.parametrize(
    ("validity", "text"),
    [
        (NOW, "The certificate of www.example.com expired on 2026-03-01."),
        (NOW + HANDOVER, "The certificate of www.example.com expires on 2026-03-31, within the 30 days"),
    ],
)
def test_one_that_does_not_is_named_with_its_day(validity: datetime, text: str) -> None:
    with pytest.raises(TaskFailedError) as failure:
        check_certificate(domain(validity), NOW, HANDOVER)

    assert messages(failure.value.reasons).startswith(text)
