"""Domains and traffic over HTTP."""

# ruff: noqa: D102 - the port says what each method does

from events.vocabulary import AppRef
from regions import model
from regions.http.calls import Calls
from regions.port import Grant, Traffic
from regions.transport import path


class HttpTraffic(Calls, Traffic):
    """The calls about domains, and about who serves the app's visitors."""

    async def front(self) -> model.Front:
        return await self._http.get("/v1/front", "front", model.Front)

    async def domains(self, app: str) -> tuple[model.Domain, ...]:
        url = path("v1", "apps", app, "domains")
        return await self._http.get(url, "domains", tuple[model.Domain, ...])

    async def certificate(self, app: str, domain_id: str) -> model.Certificate:
        url = path("v1", "apps", app, "domains", domain_id, "certificate")
        return await self._http.get(url, "certificate", model.Certificate)

    async def add_domain(
        self, app: str, domain: model.Domain, certificate: model.Certificate | None, grant: Grant
    ) -> model.Domain:
        wanted = domain.model_dump(include={"name", "letsencrypt_enabled", "canonical"})
        pair = certificate.model_dump(include={"tlscert", "tlskey"}) if certificate else {}
        body = {"domain": wanted | pair}
        return await self._http.post(path("v1", "apps", app, "domains"), body, "domain", model.Domain, grant)

    async def hand_over(self, app: str, handover: model.Handover, grant: Grant) -> None:
        body = handover.model_dump(mode="json")
        await self._http.send("POST", path("v1", "apps", app, "handover"), grant, body)

    async def take_back(self, app: str, grant: Grant) -> None:
        await self._http.send("DELETE", path("v1", "apps", app, "handover"), grant)

    async def mark_migrated(self, app: str, destination: AppRef, grant: Grant) -> None:
        url = path("v1", "apps", app, "migrated")
        await self._http.send("POST", url, grant, destination.model_dump())
