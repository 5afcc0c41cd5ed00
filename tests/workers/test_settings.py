import json

import pytest
from pydantic import ValidationError

from services.common.worker.main import Settings
from services.routing import tasks as routing


def test_a_wrong_setting_is_named_without_the_secrets_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORKY_AMQP_URLS", json.dumps(["amqp://user:hunter2@localhost"]))
    monkeypatch.setenv("STORKY_REGIONS", json.dumps({"osc-fr1": {"url": "x", "credential": "hunter2"}}))

    with pytest.raises(ValidationError) as error:
        Settings()

    assert "regions.osc-fr1.api" in str(error.value)
    assert "hunter2" not in str(error.value)


def test_the_old_region_forwards_for_thirty_days_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert routing.Settings().handover_seconds == 30 * 24 * 3600
    monkeypatch.setenv("STORKY_HANDOVER_SECONDS", "20")
    assert routing.Settings().handover_seconds == 20
