"""What the containers of an app print: one file for each app, of bounded size."""

import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path

_ROTATE_AT = 10_000_000  # bytes; one older file of that size is kept
_NANOSECONDS = 1_000_000_000


class AppLogs:
    """The logs of all apps, in one folder.

    Lines look like `2025-01-01 10:00:00.000000000 +0000 UTC [web-1] text`.
    """

    def __init__(self, directory: Path, rotate_at: int = _ROTATE_AT) -> None:
        self._directory = directory
        self._rotate_at = rotate_at
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def write(self, app_id: str, source: str, text: str) -> None:
        """Append a line; `source` names the container, such as web-1."""
        file = self._file(app_id)
        with file.open("ab") as output:
            output.write(f"{_now()} [{source}] {text}\n".encode())
            full = output.tell() >= self._rotate_at
        if full:
            file.replace(self._older(app_id))

    def tail(self, app_id: str, lines: int) -> list[str]:
        """Return the last lines, oldest first. It may read 20 MB: call it in a thread."""
        kept: deque[str] = deque(maxlen=lines)
        for file in (self._older(app_id), self._file(app_id)):
            if file.exists():
                with file.open(encoding="utf-8", newline="\n") as source:
                    kept.extend(line.rstrip("\n") for line in source)
        return list(kept)

    def remove(self, app_id: str) -> None:
        """Forget an app's lines."""
        for file in (self._older(app_id), self._file(app_id)):
            file.unlink(missing_ok=True)

    def _file(self, app_id: str) -> Path:
        return self._directory / f"{app_id}.log"

    def _older(self, app_id: str) -> Path:
        return self._directory / f"{app_id}.log.1"


def is_of(line: str, containers: str) -> bool:
    """Tell whether some containers, such as `web|worker-1`, printed a line; none stands for all."""
    source = line.partition("[")[2].partition("]")[0]
    wanted = [each for each in containers.split("|") if each]
    return not wanted or source in wanted or source.rpartition("-")[0] in wanted


def _now() -> str:
    seconds, fraction = divmod(time.time_ns(), _NANOSECONDS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{fraction:09} +0000 UTC"
