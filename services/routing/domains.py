"""Custom domains and their certificates."""

from datetime import timedelta

from regions.errors import RefusedError
from regions.model import Domain
from services.common.worker.task import Outcome, Succeeded, Task, TaskFailedError


async def check_certificates(task: Task, handover: timedelta) -> Outcome:
    """Check that each certificate outlives the hand-over: nobody can renew it in the meantime."""
    for domain in await task.source.domains(task.source_app):
        _check(domain, task, handover)
    return Succeeded()


def _check(domain: Domain, task: Task, handover: timedelta) -> None:
    if domain.validity is None:
        return
    day = domain.validity.date().isoformat()
    if domain.validity <= task.requested_at:
        raise TaskFailedError("certificate_expired", domain=domain.name, validity=day)
    if domain.validity <= task.requested_at + handover:
        raise TaskFailedError("certificate_expiring", domain=domain.name, validity=day, days=handover.days)


async def copy_domains(task: Task) -> Outcome:
    """Add the source's custom domains to the new app."""
    domains = await task.source.domains(task.source_app)
    for domain in domains:
        await _copy(domain, task)
    return Succeeded({"copied": len(domains)})


async def _copy(domain: Domain, task: Task) -> None:
    try:
        await task.destination.add_domain(task.destination_app, domain, task.grant("domain", domain.id))
    except RefusedError as error:
        if not error.blames("name"):
            raise
        raise TaskFailedError("domain_taken", domain=domain.name, region=task.destination.name) from None
