"""The migrations of all apps that somebody may see."""

from typing import Any

import httpx
import pytest

from tests.gateway.stack import DESTINATION, DOWN, Stack
from tests.gateway.test_migrations import WireClient, checked, fresh

PATH = "/v1/storky/migrations"


def found(http: httpx.Client, **query: Any) -> dict[str, Any]:
    answer = http.get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    listing: dict[str, Any] = answer.json()
    assert listing.keys() == {"migrations", "meta", "unreachable_regions"}
    assert listing["unreachable_regions"] in ([DOWN], [])
    for migration in listing["migrations"]:
        checked(migration)
    return listing


def ids(listing: dict[str, Any]) -> list[str]:
    return [migration["id"] for migration in listing["migrations"]]


def test_everybody_sees_the_migrations_of_their_apps_and_auditors_see_all(stack: Stack) -> None:
    app = fresh("listed")
    with stack.client() as owner, stack.client("stranger") as stranger, stack.client("auditor") as auditor:
        first = WireClient(owner, app).create()["id"]
        second = WireClient(owner, fresh("listed")).create()["id"]
        assert ids(found(owner, text="listed"))[:2] == [second, first]
        assert ids(found(auditor, text="listed"))[:2] == [second, first]
        assert ids(found(stranger)) == []
        assert found(owner)["unreachable_regions"] == [DOWN]
        assert ids(found(owner, text=app)) == ids(found(owner, text=first[:13])) == [first]
        assert ids(found(owner, text=app, status="done")) == []
        assert ids(found(owner, text=app, status=["done", "created"], region=DESTINATION)) == [first]
        assert ids(found(owner, text=app, region="elsewhere")) == []
        page = found(owner, text="listed", per_page=1, page=2)
        assert ids(page) == [first]
        assert page["meta"]["pagination"] == {
            "prev_page": 1,
            "current_page": 2,
            "next_page": None,
            "total_pages": 2,
            "total_count": 2,
        }


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"page": 0}, "page"),
        ({"per_page": 101}, "per_page"),
        ({"txet": "x"}, "txet"),
        ({"text": "\0"}, "text"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(
    http: httpx.Client, query: dict[str, Any], field: str
) -> None:
    answer = http.get(PATH, params=query)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
