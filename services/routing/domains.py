"""Custom domains and their certificates."""

from datetime import datetime, timedelta

from regions.errors import RefusedError
from regions.model import Domain
from services.common.worker.task import Outcome, Succeeded, Task, TaskFailedError


async def check_certificates(task: Task, handover: timedelta) -> Outcome:
    """Check that each certificate outlives the hand-over: nobody can renew it in the meantime."""
    for domain in await task.source.domains(task.source_app):
        check_certificate(domain, task.requested_at, handover)
    return Succeeded()


def check_certificate(domain: Domain, now: datetime, handover: timedelta) -> None:
    """Raise TaskFailedError if the domain has a certificate that ends before the hand-over would."""
    if domain.validity is None:
        return
    day = domain.validity.date().isoformat()
    if domain.validity <= now:
        raise TaskFailedError("certificate_expired", domain=domain.name, validity=day)
    if domain.validity <= now + handover:
        raise TaskFailedError("certificate_expiring", domain=domain.name, validity=day, days=handover.days)


async def copy_domains(task: Task) -> Outcome:
    """Add the source's custom domains to the new app."""
    domains = await task.source.domains(task.source_app)
    for domain in domains:
        await _copy(domain, task)
    return Succeeded({"copied": len(domains)})


async def _copy(domain: Domain, task: Task) -> None:
    try:
        await task.destination.add_domain(task.destination_app, domain, None, task.grant("domain", domain.id))
    except RefusedError as error:
        if not error.blames("name"):
            raise
        raise TaskFailedError("domain_taken", domain=domain.name, region=task.destination.name) from None
