"""The digests that a migration's report shows: equal where the contents are, and telling nothing of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from events.envelope import LARGEST_BODY
from events.vocabulary import Service
from regions.http import HttpRegion
from services.common.worker.digests import Digests
from services.common.worker.evidence import compared
from services.common.worker.task import Task, TaskFailedError
from tests.workers.desk import DESTINATION, SOURCE
from tests.workers.desk import task as requested

DIGESTS = Digests("a key of the tests")


@pytest.fixture
def task() -> Task:
    request = requested(Service.APPS, "copy-variables")
    source, destination = (HttpRegion(name, "http://127.0.0.1:1", "-") for name in (SOURCE, DESTINATION))
    return Task(request, datetime.now(UTC), source, destination, DIGESTS)


def test_a_digest_depends_on_all_that_it_is_of_and_on_the_key() -> None:
    digest = DIGESTS.of("variable", "TOKEN", {"value": "hunter2", "b": 1})

    assert len(digest) == 32
    assert digest == DIGESTS.of("variable", "TOKEN", {"b": 1, "value": "hunter2"})
    others = [
        DIGESTS.of("variable", "TOKEN", {"value": "hunter3", "b": 1}),
        DIGESTS.of("variable", "OTHER", {"value": "hunter2", "b": 1}),
        DIGESTS.of("domain", "TOKEN", {"value": "hunter2", "b": 1}),
        DIGESTS.of("variable", "TOKEN", None),
        Digests("another key of the tests").of("variable", "TOKEN", {"value": "hunter2", "b": 1}),
    ]
    assert len({digest, *others}) == 6


def test_what_the_destination_has_besides_does_not_matter(task: Task) -> None:
    items = compared(task, "variable", {"A": {"value": "1"}}, {"A": {"value": "1"}, "B": {"value": "2"}})

    digest = DIGESTS.of("variable", "A", {"value": "1"})
    assert items == [{"item": "A", "source": digest, "destination": digest}]


def test_each_item_that_differs_or_is_missing_is_a_reason(task: Task) -> None:
    source: dict[str, Any] = {name: {"value": name} for name in "ABC"}

    with pytest.raises(TaskFailedError) as failure:
        compared(task, "variable", source, {"A": {"value": "A"}, "B": {"value": "b"}})

    assert [(reason.code, reason.params) for reason in failure.value.reasons] == [
        ("copy_differs", {"item": name, "kind": "variable", "region": DESTINATION}) for name in "BC"
    ]


def test_many_items_fit_into_a_message_and_all_are_compared(task: Task) -> None:
    many: dict[str, Any] = {f"VARIABLE_{number}": {"value": number} for number in range(5000)}

    items = compared(task, "variable", many, many)

    assert len(items) == 1001
    assert items[-1]["item"] == "4000 more"
    assert len(str(items)) < LARGEST_BODY * 3 / 4
    with pytest.raises(TaskFailedError):
        compared(task, "variable", many, {**many, "VARIABLE_4999": {"value": None}})
