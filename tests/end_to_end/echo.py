"""A web app that starts fast, says what reached it, and sends back what it is sent."""

from pathlib import Path

APP = Path(__file__).parent / "app"


def files(build: str = "the only one", **more: str) -> dict[str, str]:
    """Return the files of a build, which says what it is called; `more` takes the place of some."""
    known = {file.name: file.read_text() for file in APP.iterdir() if file.is_file()}
    return {**known, "build.txt": build, **more}
