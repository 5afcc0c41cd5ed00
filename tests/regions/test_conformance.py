"""The reference region keeps what storky relies on, and the suite notices a region that does not."""

import pytest

from regions.conformance import CHECKS, Check, run
from regions.conformance.suite import connect, run_check
from tests.regions.platform import Place

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_the_reference_region(place: Place, check: Check) -> None:
    async with connect(place.api, place.credential) as probe:
        result = await run_check(check, probe)

    assert result.failure is None


async def test_a_region_that_refuses_the_credential_passes_no_check_but_one(place: Place) -> None:
    report = await run(place.api, "wrong")

    assert [result.check for result in report.results if result.passed] == ["a call needs a credential"]
    assert not report.passed
