"""Faults at random moments: which, is a function of the seed alone."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from random import Random

import anyio

from local.errors import LocalError
from local.system import System
from tests.end_to_end.world import DESTINATION, SOURCE

REGIONS = (SOURCE, DESTINATION)
WORKERS = ("migrations", "relay", "projector", "apps", "addons", "routing")
SERVICES = (*WORKERS, "gateway", *REGIONS)
SERVERS = (
    "rabbitmq",
    "postgres",
    *(f"{region}-{part}" for region in REGIONS for part in ("postgres", "front")),
)

# A fault of a service is likelier than one of a server, which takes seconds to come back.
TARGETS = {
    "kill": (*SERVICES, *SERVICES, *SERVERS),
    "terminate": SERVICES,
    "pause": SERVICES,
    "twin": WORKERS,
}
# What a program cannot do without, and may lose while it is being started.
NEEDS = {
    **dict.fromkeys(("migrations", "projector", "gateway"), "postgres"),
    **dict.fromkeys(("relay", "apps", "addons", "routing"), "rabbitmq"),
    **{region: f"{region}-postgres" for region in REGIONS},
}
KINDS = ("kill", "kill", "terminate", "pause", "pause", "twin")


@dataclass(frozen=True)
class Fault:
    """What happens to a program, how long it lasts, and after which pause; times in seconds."""

    kind: str
    target: str
    lasts: float
    after: float

    def __str__(self) -> str:
        return f"{self.kind} {self.target}" + ("" if self.lasts == 0 else f" for {self.lasts:.1f} s")


def sequence(random: Random, every: float) -> Iterator[Fault]:
    """Yield faults for ever, one in about `every` seconds; a quarter come with a second one."""
    while True:
        kind = random.choice(KINDS)
        target = random.choice(TARGETS[kind])
        lasts = random.uniform(1, 3) if kind in ("pause", "twin") else 0
        yield Fault(kind, target, lasts, after=random.uniform(0, 2 * every))
        if random.random() < 0.25:
            second = NEEDS[target] if target in NEEDS and random.random() < 0.5 else random.choice(SERVICES)
            yield Fault("kill", second, 0, after=random.uniform(0, 0.5))


async def disturb(
    system: System, faults: Iterator[Fault], seconds: float, tell: Callable[[str], None]
) -> None:
    """Let faults happen for so long; returns when the last is over."""
    async with anyio.create_task_group() as group:
        with anyio.move_on_after(seconds):
            for fault in faults:
                await anyio.sleep(fault.after)
                tell(str(fault))
                group.start_soon(_suffer, system, fault)


async def _suffer(system: System, fault: Fault) -> None:
    with suppress(ProcessLookupError, LocalError):  # it is being started; a twin met another fault
        await _EFFECTS[fault.kind](system, fault)


async def _kill(system: System, fault: Fault) -> None:
    system.process(fault.target).kill()


async def _terminate(system: System, fault: Fault) -> None:
    system.process(fault.target).terminate()


async def _pause(system: System, fault: Fault) -> None:
    process = system.process(fault.target)
    process.stop()
    try:
        await anyio.sleep(fault.lasts)
    finally:
        process.cont()


async def _twin(system: System, fault: Fault) -> None:
    async with system.another(fault.target):
        await anyio.sleep(fault.lasts)


_EFFECTS: dict[str, Callable[[System, Fault], Awaitable[None]]] = {
    "kill": _kill,
    "terminate": _terminate,
    "pause": _pause,
    "twin": _twin,
}
