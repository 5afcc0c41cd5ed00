from pathlib import Path
from typing import Any

import pytest
import yaml

from local.layout import Layout
from local.services import SERVICES, Service

COMPOSE: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "compose.yaml").read_text())["services"]
OTHERS = {"postgres", "rabbitmq", "installation"} | {
    f"{region}-{server}" for region in ("agora-fr1", "osc-fr1") for server in ("postgres", "front")
}


def test_compose_runs_the_services_of_the_supervisor() -> None:
    assert COMPOSE.keys() == {service.name for service in SERVICES} | OTHERS


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: str(service.name))
def test_each_is_run_and_told_as_under_the_supervisor(service: Service, tmp_path: Path) -> None:
    in_compose = COMPOSE[service.name]
    assert in_compose["command"] == f"python -m services.{service.package}"
    assert in_compose["environment"].keys() == service.environment(Layout(tmp_path, {})).keys()
