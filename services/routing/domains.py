"""Custom domains and their certificates."""

from datetime import timedelta
from typing import Any

from regions.errors import NotFoundError, RefusedError
from regions.model import Certificate, Domain
from regions.port import Region
from services.common.worker.evidence import compared
from services.common.worker.refusals import copying
from services.common.worker.task import Outcome, Succeeded, Task, TaskFailedError
from services.routing.certificates import problems


async def check_certificates(task: Task, handover: timedelta) -> Outcome:
    """Check that each certificate can be served, and outlives the hand-over."""
    reasons = [
        reason
        for domain in await task.source.domains(task.source_app)
        if (certificate := await _certificate(task.source, task.source_app, domain))
        for reason in problems(domain.name, certificate, task.requested_at, handover)
    ]
    TaskFailedError.unless_empty(reasons)
    return Succeeded()


async def copy_domains(task: Task) -> Outcome:
    """Copy the custom domains with their certificates and keys, and which one is canonical."""
    old = {each.name: await _copy(task, each) for each in await task.source.domains(task.source_app)}
    new = {
        each.name: await _read_back(task, each, old[each.name])
        for each in await task.destination.domains(task.destination_app)
        if each.name in old
    }
    return Succeeded({"copied": len(old), "items": compared(task, "domain", old, new)}, skipped=not old)


async def _copy(task: Task, domain: Domain) -> dict[str, Any]:
    """Copy a domain; returns what of it was copied."""
    certificate = await _certificate(task.source, task.source_app, domain)
    with copying("domain", domain.name):
        await _add(task, domain, certificate)
    return _fields(domain, certificate)


async def _add(task: Task, domain: Domain, certificate: Certificate | None) -> None:
    grant = task.grant("domain", domain.id)
    try:
        await task.destination.add_domain(task.destination_app, domain, certificate, grant)
    except RefusedError as error:
        if not error.blames("name"):
            raise
        raise TaskFailedError("domain_taken", domain=domain.name, region=task.destination.name) from None


async def _read_back(task: Task, domain: Domain, copied: dict[str, Any]) -> dict[str, Any]:
    """Return the same of the new domain. Without a certificate to copy, the new region may issue its own."""
    if "tlscert" not in copied:
        return _fields(domain, None)
    return _fields(domain, await _certificate(task.destination, task.destination_app, domain))


async def _certificate(region: Region, app: str, domain: Domain) -> Certificate | None:
    try:
        return await region.certificate(app, domain.id)
    except NotFoundError:
        return None


def _fields(domain: Domain, certificate: Certificate | None) -> dict[str, Any]:
    return {
        **domain.model_dump(include={"canonical", "letsencrypt_enabled"}),
        **(certificate.model_dump(include={"tlscert", "tlskey"}) if certificate else {}),
    }
