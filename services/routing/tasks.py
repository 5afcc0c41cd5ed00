"""The tasks of this worker, by their names in the plan."""

from datetime import timedelta
from functools import partial
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.common.worker.task import Tasks
from services.routing.domains import check_certificates, copy_domains
from services.routing.records import look_up_dns
from services.routing.resolver import Resolver, Server, servers
from services.routing.traffic import hand_over, take_back_traffic


class Settings(BaseSettings):
    """How long the source sends visitors on (certificates must outlive it), and whom to ask for records."""

    model_config = SettingsConfigDict(env_prefix="STORKY_")

    handover_seconds: int = Field(default=30 * 24 * 3600, gt=0)
    dns_resolver: Annotated[tuple[Server, ...], NoDecode, BeforeValidator(servers)] = Field(
        default=(),
        validate_default=False,
        description="Name servers, `address:port` with commas; none: this machine's own.",
    )


def tasks(settings: Settings) -> Tasks:
    """Return the table for these settings."""
    handover = timedelta(seconds=settings.handover_seconds)
    return {
        "check-certificates": partial(check_certificates, handover=handover),
        "copy-domains": copy_domains,
        "look-up-dns": partial(look_up_dns, resolver=Resolver(settings.dns_resolver)),
        "hand-over": partial(hand_over, period=handover),
        "take-back-traffic": take_back_traffic,
    }
