"""The pure rules of what surrounds an app."""

from typing import Any

import pytest

from services.region.rules import durations
from services.region.rules.log_drains import DrainError, Target, shown, url_of
from services.region.rules.notifications import EVENT_TYPES, PLATFORMS, event_type_ids, platform_id
from services.region.rules.scm import kind_of_host, repository


@pytest.mark.parametrize(
    ("target", "url", "seen"),
    [
        ({"type": "syslog", "host": "logs.example.com", "port": 514}, "syslog://logs.example.com:514", ""),
        (
            {"type": "syslog", "host": "logs.example.com", "port": 514, "token": "a/b"},
            "syslog://:a%2Fb@logs.example.com:514",
            "syslog://***@logs.example.com:514",
        ),
        ({"type": "papertrail", "host": "p.example.com", "port": 1}, "papertrail://p.example.com:1", ""),
        (
            {"type": "ovh-graylog", "host": "h.ovh", "token": "T"},
            "ovh-graylog://:T@h.ovh",
            "ovh-graylog://***@h.ovh",
        ),
        ({"type": "datadog", "token": "T", "drain_region": "eu"}, "datadog://:T@eu", "datadog://***@eu"),
        (
            {"type": "logentries", "token": "T"},
            "logentries://:T@data.logentries.com",
            "logentries://***@data.logentries.com",
        ),
        (
            {"type": "elk", "url": "https://u:p@elk.example.com/x"},
            "https://u:p@elk.example.com/x",
            "https://***@elk.example.com/x",
        ),
        (
            {"url": "https://in.example.com/x?token=T"},
            "https://in.example.com/x?token=T",
            "https://in.example.com/x?***",
        ),
        ({"url": "tcp+tls://[::1]:6514"}, "tcp+tls://[::1]:6514", ""),
    ],
)
def test_a_drain_has_a_url_and_one_for_people(target: dict[str, Any], url: str, seen: str) -> None:
    assert url_of(Target(**target)) == url
    assert shown(url) == (seen or url)


@pytest.mark.parametrize(
    ("target", "field"),
    [
        ({}, "url"),
        ({"type": "carrier-pigeon"}, "type"),
        ({"type": "syslog", "port": 514}, "host"),
        ({"type": "syslog", "host": "h.example.com"}, "port"),
        ({"type": "datadog", "token": "T"}, "drain_region"),
        ({"type": "ovh-graylog", "host": "h.example.com"}, "token"),
        ({"type": "elk", "host": "h.example.com"}, "url"),
        ({"url": "no address"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "syslog://h.example.com:99999"}, "url"),
        ({"url": "http://[::1"}, "url"),
    ],
)
def test_a_drain_that_leads_nowhere(target: dict[str, Any], field: str) -> None:
    with pytest.raises(DrainError) as refused:
        url_of(Target(**target))
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("written", "nanoseconds", "text"),
    [
        ("", 0, "0s"),
        ("0s", 0, "0s"),
        ("5m30s", 330 * 10**9, "5m30s"),
        ("1h", 3600 * 10**9, "1h0m0s"),
        ("100s", 100 * 10**9, "1m40s"),
        ("1.5s", 15 * 10**8, "1.5s"),
        ("250ms", 25 * 10**7, "0.25s"),
        ("1.5µs", 1500, "0.0000015s"),
    ],
)
def test_durations(written: str, nanoseconds: int, text: str) -> None:
    assert durations.nanoseconds(written) == nanoseconds
    assert durations.text(nanoseconds) == text
    assert durations.nanoseconds(text) == nanoseconds


@pytest.mark.parametrize("written", ["5", "5 m", "m5", "-1s", "1d", "5m30", "1s\n"])
def test_what_is_no_duration(written: str) -> None:
    with pytest.raises(ValueError, match="5m30s"):
        durations.nanoseconds(written)


def test_each_region_has_ids_of_its_own() -> None:
    mine, other = event_type_ids("osc-fr1"), event_type_ids("agora-fr1")
    assert len({*mine, *other}) == 2 * len(EVENT_TYPES)
    assert len({platform_id(region, name) for region in ("osc-fr1", "agora-fr1") for name in PLATFORMS}) == 6
    assert event_type_ids("osc-fr1") == mine


def test_repositories() -> None:
    assert repository("https://github.com/ada/engine.git") == ("ada", "engine")
    assert repository("https://git.example.com/group/sub/engine/") == ("group/sub", "engine")
    assert [kind_of_host(f"https://{host}/a/b") for host in ("gitlab.com", "git.example.com")] == [
        "gitlab",
        None,
    ]
    for url in (
        "https://github.com/ada",
        "ssh://github.com/a/b",
        "https://u:p@github.com/a/b",
        "https:///a/b",
    ):
        with pytest.raises(ValueError, match="repository"):
            repository(url)
