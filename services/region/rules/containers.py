"""Which containers an app shall have."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.region.state.formation import ProcessType

WEB = "web"


@dataclass(frozen=True)
class Plan:
    """All that is needed to run an app; variables are resolved, `environment` is what the platform adds."""

    app_id: str
    folder: Path
    procfile: Mapping[str, str]
    formation: Sequence[ProcessType]
    variables: Mapping[str, str] = field(repr=False)
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Wanted:
    """One container that shall run."""

    id: str
    app_id: str
    type: str
    index: int
    command: str
    folder: Path
    env: Mapping[str, str] = field(repr=False)

    def is_same(self, other: "Wanted") -> bool:
        """Tell whether a running container can stay; variables take effect at the next restart."""
        return (self.id, self.command, self.folder) == (other.id, other.command, other.folder)


def wanted(plan: Plan) -> list[Wanted]:
    """Return the containers of the formation. A process type without any command has none."""
    return [each for process in plan.formation for each in _containers(plan, process)]


def _containers(plan: Plan, process: ProcessType) -> Iterator[Wanted]:
    command = process.command or plan.procfile.get(process.name)
    if not command:
        return
    for index in range(1, process.amount + 1):
        name = f"{process.name}-{index}"
        env = {**plan.variables, **plan.environment, "CONTAINER": name}
        yield Wanted(f"{plan.app_id}-{name}", plan.app_id, process.name, index, command, plan.folder, env)
