from typing import Any

import pytest

from events.failures import messages
from services.addons.comparison import Parts, compare, parts_of, totals
from services.common.worker.task import TaskFailedError


def parts(*contents: tuple[str, str, int, str]) -> Parts:
    names = ("kind", "name", "rows", "checksum")
    return parts_of({"contents": [dict(zip(names, each, strict=True)) for each in contents]})


USERS, ITEMS = ("table", "public.users", 1, "x"), ("table", "public.items", 2, "y")
SEQUENCE = ("sequence", "public.items", 0, "z")


def test_equal_contents_are_equal_in_any_order() -> None:
    one, other = parts(USERS, ITEMS, SEQUENCE), parts(SEQUENCE, ITEMS, USERS)

    compare(one, other)
    assert list(one) == list(other)
    assert totals(one.values()) == {"parts": 3, "tables": 2, "rows": 3}


@pytest.mark.parametrize(
    ("destination", "params"),
    [
        (parts(USERS, ("table", "public.items", 1, "y")), ("table", "public.items", 2, 1)),
        (parts(USERS, ("table", "public.items", 2, "z")), ("table", "public.items", 2, 2)),
        (parts(USERS), ("table", "public.items", 2, "none")),
        (parts(USERS, ITEMS, SEQUENCE), ("sequence", "public.items", "none", 0)),
    ],
)
def test_a_part_that_differs_is_named_with_its_rows_on_both_sides(
    destination: Parts, params: tuple[Any, ...]
) -> None:
    with pytest.raises(TaskFailedError) as failure:
        compare(parts(USERS, ITEMS), destination)

    names = ("kind", "table", "source_rows", "destination_rows")
    assert [reason.params for reason in failure.value.reasons] == [dict(zip(names, params, strict=True))]


def test_all_that_differ_are_named_up_to_ten() -> None:
    many = [("table", f"public.t{number:02}", 1, "x") for number in range(12)]

    with pytest.raises(TaskFailedError) as failure:
        compare(parts(*many), parts())

    lines = messages(failure.value.reasons).splitlines()
    assert len(lines) == 10
    assert lines[1].startswith(
        "After the restore the table public.t01 differs: 1 rows at the source, none at"
    )
