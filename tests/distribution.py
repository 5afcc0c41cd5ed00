"""Which tests run in one process, one after the other, when several run them; and what is begun first."""

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

# What takes longest begins first: no process is left alone with it at the end. The files of a group run in
# one process, so that what their fixtures start is started once. Any other file is a group of its own.
_GROUPS = (
    ("tests/gateway/", "tests/cli/", "tests/audit/", "tests/browser/"),
    (
        "tests/end_to_end/contract/",
        "tests/end_to_end/test_examples.py",
        "tests/end_to_end/test_faults.py",
        "tests/end_to_end/test_messages.py",
        "tests/end_to_end/test_obstacles.py",
    ),
    (
        "tests/end_to_end/test_everything.py",
        "tests/end_to_end/test_aborting.py",
        "tests/end_to_end/test_migrating.py",
    ),
    ("tests/region/",),
    ("tests/migrating/",),
    ("tests/end_to_end/test_restarting.py",),
    ("tests/workers/",),
    ("tests/end_to_end/test_demo.py",),
    ("tests/fuzzing/test_consumer.py",),
    ("tests/bus/test_losses.py",),
    ("tests/local/test_rabbitmq.py",),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort the items; what is in no group comes last, in the order of its collection."""
    items.sort(key=lambda item: _rank(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """Make the scheduler of `--dist loadfile` take groups for files."""
    return _LoadGroups(config, log)


class _LoadGroups(LoadFileScheduling):  # type: ignore[misc]
    def _split_scope(self, nodeid: str) -> str:
        rank = _rank(nodeid)
        return _GROUPS[rank][0] if rank < len(_GROUPS) else super()._split_scope(nodeid)


def _rank(nodeid: str) -> int:
    return next((rank for rank, group in enumerate(_GROUPS) if nodeid.startswith(group)), len(_GROUPS))
