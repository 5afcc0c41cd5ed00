"""The process of a worker."""

from functools import partial
from typing import Annotated

from pydantic import Field, SecretStr

from events import bus
from events.bus.topology import task_queue
from events.vocabulary import Service
from regions import directory
from services.common import process
from services.common.settings import BusSettings
from services.common.worker.digests import Digests
from services.common.worker.runtime import Worker
from services.common.worker.task import Tasks


class Settings(BusSettings):
    """What every worker needs to know."""

    regions: dict[str, directory.Address]
    evidence_key: Annotated[SecretStr, Field(min_length=16)]
    task_attempts: Annotated[int, Field(ge=1)] = 8
    task_concurrency: Annotated[int, Field(ge=1)] = 16


async def serve(service: Service, tasks: Tasks, settings: Settings) -> None:
    """Do tasks until cancelled."""
    async with (
        directory.connect(settings.regions) as regions,
        bus.connect(settings.brokers, service) as broker,
    ):
        worker = Worker(
            service,
            tasks,
            regions,
            publish=broker.publish,
            announce=broker.publish_transient,
            digests=Digests(settings.evidence_key.get_secret_value()),
            attempts=settings.task_attempts,
        )
        process.ready()
        await broker.consume(
            task_queue(service),
            worker.handle,
            prefetch=settings.task_concurrency,
            concurrency=settings.task_concurrency,
        )


def run(service: Service, tasks: Tasks) -> None:
    """Run the process with the settings of its environment."""
    process.run(service, Settings, partial(serve, service, tasks))
