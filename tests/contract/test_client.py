"""The client is as strict as the one that it stands for: a test that passes with it says something."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.contract.client.migrations import Migration
from tests.contract.client.refusals import RefusedError, UnreadableError, refused
from tests.contract.client.session import check_address
from tests.contract.client.surroundings import AddonId, Autoscaler, Backup
from tests.contract.client.wire import decoded

BACKUP = {
    "id": "1",
    "created_at": "2026-01-01T00:00:00Z",
    "started_at": "2026-01-01T00:00:00.123456789+01:00",
    "name": "backup",
    "size": 1,
    "status": "done",
    "database_id": "ad-1",
    "method": "manual",
}
SCALER = {
    "id": "1",
    "app_id": "1",
    "container_type": "web",
    "metric": "cpu",
    "target": 1,
    "min_containers": 1,
    "max_containers": 2,
    "disabled": False,
}


@pytest.mark.parametrize("times", [{"created_at": None}, {"unknown": 1}, {}])
def test_a_time_may_be_null_and_unknown_keys_are_ignored(times: dict[str, Any]) -> None:
    assert decoded({**BACKUP, **times}, Backup).size == 1
    assert decoded({key: BACKUP[key] for key in BACKUP if key != "started_at"}, Backup).started_at is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"created_at": ""},
        {"created_at": "2026-01-01"},
        {"created_at": "2026-01-01 00:00:00Z"},
        {"created_at": "2026-01-01T00:00:00"},
        {"created_at": 1767225600},
        {"size": "1"},
        {"size": -1},
        {"size": 1.5},
        {"size": True},
        {"size": None},
        {"name": None},
        {"name": 1},
        {"status": "finished"},
    ],
)
def test_what_the_reader_of_go_cannot_take_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        decoded({**BACKUP, **wrong}, Backup)


def test_a_whole_number_is_a_float_but_no_float_is_a_whole_number() -> None:
    assert decoded(SCALER, Autoscaler).target == 1.0
    with pytest.raises(ValidationError):
        decoded({**SCALER, "min_containers": 1.0}, Autoscaler)


def test_a_list_that_is_null_and_an_addon_without_its_prefix_end_the_client() -> None:
    with pytest.raises(ValidationError):
        decoded(None, list[Migration])
    with pytest.raises(ValidationError):
        decoded("1234", AddonId)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, b'{"error": "no"}'),
        (403, b'{"detail": "no"}'),
        (404, b'{"error": "no such app"}'),
        (422, b'{"error": "no"}'),
        (422, b'{"errors": {}}'),
        (422, b'{"errors": {"name": "taken"}}'),
        (429, b'{"error": "no", "code": ""}'),
    ],
)
def test_a_refusal_in_another_shape_than_its_status_is_not_read(status: int, body: bytes) -> None:
    with pytest.raises(ValidationError):
        refused(status, "application/json", body)


def test_other_statuses_and_types_are_not_read() -> None:
    for status, kind in ((200, "application/json"), (409, "application/json"), (404, "text/html")):
        assert isinstance(refused(status, kind, b"{}"), UnreadableError)
    missing = refused(404, "application/json; charset=utf-8", b'{"resource": "app", "error": "no"}')
    assert isinstance(missing, RefusedError)
    assert missing.resource == "app"


@pytest.mark.parametrize("url", ["http://localhost:8900/a", "http://127.0.0.1:8900/a/", "127.0.0.1"])
def test_an_address_that_the_client_cannot_take_apart_is_refused(url: str) -> None:
    with pytest.raises(UnreadableError):
        check_address(url)
