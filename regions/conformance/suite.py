"""The checks, and what came out of them."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

import httpx

from regions.conformance import access, addons, apps, fencing, surroundings, traffic
from regions.conformance.probe import CheckFailedError, Probe
from regions.errors import RegionError
from regions.http import HttpRegion
from regions.port import Region
from regions.transport import TIMEOUT

Check = Callable[[Probe], Awaitable[None]]

CHECKS: tuple[Check, ...] = (
    access.a_call_needs_a_credential,
    access.a_change_needs_the_headers_of_a_migration,
    access.a_key_has_one_effect,
    access.only_successes_are_remembered,
    access.making_twice_makes_one,
    access.an_app_keeps_the_owner_it_had,
    fencing.a_frozen_app_belongs_to_its_migration,
    fencing.freezing_takes_stock,
    fencing.unfreezing_restores_the_app,
    fencing.a_fence_keeps_lower_epochs_out,
    fencing.a_fence_is_never_lowered,
    fencing.a_fence_outlives_the_app,
    fencing.a_fence_concerns_one_migration,
    fencing.what_a_migration_made_is_listed,
    fencing.deleting_twice_is_fine,
    apps.a_formation_is_written_and_not_started,
    apps.variables_are_kept_as_written,
    apps.settings_can_be_changed,
    apps.an_operation_can_be_asked_for_twice,
    apps.stopping_and_starting_can_be_repeated,
    apps.a_build_comes_from_a_region_only,
    surroundings.a_copied_collaborator_has_accepted,
    surroundings.an_scm_link_is_kept,
    surroundings.notifiers_and_alerts_are_copied_once,
    surroundings.autoscalers_are_copied_once,
    surroundings.log_drains_are_copied_once,
    surroundings.limits_are_kept,
    surroundings.what_the_region_offers_is_known,
    traffic.the_front_is_known,
    traffic.adding_a_domain_twice_adds_one,
    traffic.a_domain_keeps_its_certificate,
    traffic.a_handover_can_be_taken_back,
    traffic.a_handover_leads_to_a_region_only,
    traffic.a_migrated_app_is_read_only,
    addons.an_addon_is_provisioned_once,
    addons.a_version_that_is_not_offered_is_refused,
    addons.a_backup_can_be_fetched,
    addons.a_restore_brings_the_same_contents,
    addons.a_restore_can_be_asked_for_with_a_fresh_url,
    addons.a_restore_checks_what_it_pulls,
)


@dataclass(frozen=True)
class Result:
    """What came out of one check; `failure` says what the region should have done, None if it did."""

    check: str
    seconds: float
    failure: str | None

    @property
    def passed(self) -> bool:
        """Whether the region did what it should."""
        return self.failure is None


@dataclass(frozen=True)
class Report:
    """What came out of all checks."""

    results: tuple[Result, ...]

    @property
    def passed(self) -> bool:
        """Whether the region keeps everything."""
        return all(result.passed for result in self.results)


async def run(api: str, credential: str, on_result: Callable[[Result], None] | None = None) -> Report:
    """Run all checks against the region whose API is at `api` (without /v1), with its service credential.

    `on_result` is told each result as it comes.
    """
    results = []
    async with connect(api, credential) as (region, http):
        for check in CHECKS:
            results.append(await run_check(check, Probe(region, http)))
            if on_result:
                on_result(results[-1])
    return Report(tuple(results))


@asynccontextmanager
async def connect(api: str, credential: str) -> AsyncIterator[tuple[Region, httpx.AsyncClient]]:
    """Open what probes need: the region by the port, and by plain HTTP."""
    http = httpx.AsyncClient(
        base_url=api.rstrip("/"),
        headers={"Authorization": f"Bearer {credential}"},
        timeout=TIMEOUT,
        trust_env=False,
    )
    async with aclosing(HttpRegion("region", api, credential)) as region, http:
        yield region, http


async def run_check(check: Check, probe: Probe) -> Result:
    """Run one check, and remove what it made."""
    started = time.monotonic()
    failure = await _failure(check, probe)
    left = await _failure(Probe.clean, probe)
    return Result(check.__name__.replace("_", " "), time.monotonic() - started, failure or left)


async def _failure(check: Check, probe: Probe) -> str | None:
    try:
        await check(probe)
    except CheckFailedError as error:
        return f"expected: {error}"
    except RegionError as error:
        return f"the region answered {error}"
    except (httpx.HTTPError, ValueError, LookupError) as error:
        return f"no answer that can be read ({type(error).__name__})"
    return None
