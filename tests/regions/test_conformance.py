"""The reference region keeps what storky relies on, and the suite notices a region that does not."""

from collections.abc import AsyncIterator

import httpx
import pytest

from regions.conformance import CHECKS, Check, run
from regions.conformance.probe import Probe
from regions.conformance.suite import connect, run_check
from regions.port import Region
from tests.regions.platform import Place

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def connection(place: Place) -> AsyncIterator[tuple[Region, httpx.AsyncClient]]:
    async with connect(place.api, place.credential) as connection:
        yield connection


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_the_reference_region(connection: tuple[Region, httpx.AsyncClient], check: Check) -> None:
    result = await run_check(check, Probe(*connection))

    assert result.failure is None


async def test_a_region_that_refuses_the_credential_passes_no_check_but_one(place: Place) -> None:
    report = await run(place.api, "wrong")

    assert [result.check for result in report.results if result.passed] == ["a call needs a credential"]
    assert not report.passed
