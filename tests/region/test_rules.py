"""The pure rules."""

import errno
import json
from pathlib import Path

import asyncpg
import pytest

from services.region import catalogue
from services.region.links import Links
from services.region.operations import engine
from services.region.rules.idempotency import digest
from services.region.rules.variables import resolve
from services.region.storage import Storage


@pytest.mark.parametrize(
    ("raw", "resolved"),
    [
        ({"A": "$B", "B": "$C", "C": "end"}, {"A": "end", "B": "end", "C": "end"}),
        ({"A": "$A"}, {"A": "$A"}),
        ({"A": "$B", "B": "$A"}, {"A": "$B", "B": "$A"}),
        ({"A": "$NONE", "B": "x$A", "C": "$", "D": "pa$$word"}, None),
        ({"A": "$B", "B": "$NONE"}, {"A": "$NONE", "B": "$NONE"}),
        (
            {"A": "$B-2", "B-2": "two", "C": "$1st", "1st": "one"},
            {"A": "two", "B-2": "two", "C": "one", "1st": "one"},
        ),
    ],
)
def test_aliases(raw: dict[str, str], resolved: dict[str, str] | None) -> None:
    assert resolve(raw) == (resolved or raw)


def test_requests_are_the_same_however_their_json_is_written() -> None:
    first = digest("POST", "/v1/apps", "", b'{"a": 1, "b": [2]}')
    assert digest("POST", "/v1/apps", "", b'{"b":[2],"a":1}') == first
    others = [
        ("PUT", "/v1/apps", "", b'{"a": 1, "b": [2]}'),
        ("POST", "/v1/app", "", b'{"a": 1, "b": [2]}'),
        ("POST", "/v1/apps", "x=1", b'{"a": 1, "b": [2]}'),
        ("POST", "/v1/apps", "", b'{"a": 1, "b": [3]}'),
        ("POST", "/v1/apps", "", b'{"a": 1'),
        ("POST", "/v1/apps", "", b""),
    ]
    assert len({first, *(digest(*other) for other in others)}) == 1 + len(others)


def test_a_fresh_signature_makes_no_other_request() -> None:
    def body(url: str) -> bytes:
        return json.dumps({"source_url": url, "digest": "d"}).encode()

    first = digest("POST", "/", "", body("http://region/files/builds/1?signature=x"))
    assert digest("POST", "/", "", body("http://region/files/builds/1?signature=y")) == first
    assert digest("POST", "/", "", body("http://region/files/builds/2?signature=x")) != first


def test_a_link_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    links = Links(b"key", lifetime=10)
    url = links.sign("http://region/behind/a/path", "GET", "sources", "some-id")
    assert links.source_of(url) == "some-id"
    monkeypatch.setattr("time.time", lambda: 4e9)
    assert links.source_of(url) is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "secret"), "disk_full"),
        (OSError(errno.EDQUOT, "secret"), "disk_full"),
        (asyncpg.DiskFullError("secret"), "disk_full"),
        (OSError(errno.EIO, "secret"), "internal_error"),
        (KeyError("secret"), "internal_error"),
    ],
)
def test_a_full_disk_has_a_code_of_its_own(error: Exception, code: str) -> None:
    found, text = engine._explained(error)
    assert found == code
    assert "secret" not in text


def test_a_region_can_offer_something_else(tmp_path: Path) -> None:
    built_in = json.loads(Path(catalogue.__file__).with_name("catalogue.json").read_text())
    built_in["addon_providers"] = [
        {**built_in["addon_providers"][0], "versions": ["14", "15", "18"]},
        {**built_in["addon_providers"][0], "id": "every"},
        {**built_in["addon_providers"][0], "id": "none", "versions": ["14"]},
    ]
    file = tmp_path / "catalogue.json"
    file.write_text(json.dumps(built_in))

    running = [("postgresql", "18"), ("redis", "7.0"), ("postgresql", "9"), ("postgresql", "15")]
    offered = catalogue.load(file, running)

    assert offered.provider("postgresql").versions == ["15", "18"]
    assert offered.provider("every").versions == ["9", "15", "18"]
    assert offered.provider("none").versions == []
    with pytest.raises(KeyError):
        offered.provider("logbook")


def test_nobody_else_on_the_machine_may_look_into_the_regions_folders(tmp_path: Path) -> None:
    Storage(tmp_path)
    assert {folder.stat().st_mode & 0o077 for folder in tmp_path.iterdir()} == {0}
