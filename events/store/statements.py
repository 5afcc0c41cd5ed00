"""SQL in files: one file in a folder sql/ for each statement, named after what it does."""

from collections.abc import Callable
from functools import cache
from pathlib import Path


def in_folder(folder: Path) -> Callable[[str], str]:
    """Return a function from a statement's name to the text of `folder`/<name>.sql."""

    @cache
    def text(name: str) -> str:
        return (folder / f"{name}.sql").read_text(encoding="utf-8")

    return text


statement = in_folder(Path(__file__).parent / "sql")
