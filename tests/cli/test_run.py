"""`storky run SERVICE`, with an environment that is not complete or not right."""

import json
import os
import subprocess

import pytest

from tests.cli.tool import STORKY


@pytest.mark.parametrize(
    ("service", "told"),
    [
        ("apps", "STORKY_REGIONS.osc-fr1.api"),
        ("gateway", "STORKY_DATABASE_URL"),
        ("region", "STORKY_REGION_DATABASE_URL"),
        ("routing", "STORKY_HANDOVER_SECONDS"),
    ],
)
def test_a_wrong_environment_is_one_sentence_that_keeps_the_secrets(service: str, told: str) -> None:
    told_by_whoever_starts_it = {
        "PATH": os.environ["PATH"],
        "STORKY_AMQP_URLS": json.dumps(["amqp://user:hunter2@127.0.0.1"]),
        "STORKY_REGIONS": json.dumps({"osc-fr1": {"credential": "hunter2"}}),
        "STORKY_REGION_JWT_KEY": "hunter2",
        "STORKY_HANDOVER_SECONDS": "hunter2",
    }
    refused = subprocess.run(
        [STORKY, "run", service],
        env=told_by_whoever_starts_it,
        capture_output=True,
        timeout=60,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert told in refused.stderr
    assert refused.stderr.startswith("storky: ")
    assert refused.stderr.count("\n") == 1
    assert "hunter2" not in refused.stderr
