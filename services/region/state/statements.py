"""The named statements of a .sql file."""

import re
from collections.abc import Mapping
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def load(table: str) -> Mapping[str, str]:
    """Return the statements of `<table>.sql` by name."""
    _, *parts = _NAME.split(files(__package__).joinpath(f"{table}.sql").read_text())
    return dict(zip(parts[::2], parts[1::2], strict=True))
