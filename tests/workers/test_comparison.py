from typing import Any

import pytest

from services.addons.comparison import compare
from services.common.worker.task import TaskFailedError


def fingerprint(**tables: tuple[int, str]) -> dict[str, Any]:
    return {
        "tables": [
            {"name": f"public.{name}", "rows": rows, "checksum": checksum}
            for name, (rows, checksum) in tables.items()
        ]
    }


def test_equal_contents_are_summed_up_whatever_the_order() -> None:
    one = compare(fingerprint(a=(1, "x"), b=(2, "y")), fingerprint(b=(2, "y"), a=(1, "x")))
    other = compare(fingerprint(b=(2, "y"), a=(1, "x")), fingerprint(b=(2, "y"), a=(1, "x")))

    assert (one["tables"], one["rows"]) == (2, 3)
    assert one == other
    assert one["checksum"] != compare(fingerprint(a=(1, "x")), fingerprint(a=(1, "x")))["checksum"]


@pytest.mark.parametrize(
    ("destination", "params"),
    [
        (fingerprint(a=(1, "x"), b=(1, "y")), {"table": "public.b", "source_rows": 2, "destination_rows": 1}),
        (fingerprint(a=(1, "x"), b=(2, "z")), {"table": "public.b", "source_rows": 2, "destination_rows": 2}),
        (
            fingerprint(b=(1, "z")),
            {"table": "public.a", "source_rows": 1, "destination_rows": "no such table"},
        ),
    ],
)
def test_the_first_table_that_differs_is_named(destination: dict[str, Any], params: dict[str, Any]) -> None:
    with pytest.raises(TaskFailedError) as failure:
        compare(fingerprint(a=(1, "x"), b=(2, "y")), destination)

    assert (failure.value.code, failure.value.reasons[0].params) == ("data_differs", params)
