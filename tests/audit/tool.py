"""`storky` in the test's own process, as fast as a call: the same main, arguments and environment."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from services.cli.main import main


@dataclass(frozen=True)
class Output:
    """What a call has written."""

    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Storky = Callable[..., Output]


def storky_in(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Storky:
    """Return the tool; the exit code of each call must be what is expected."""

    def storky(*arguments: object, code: int = 0) -> Output:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["storky", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        written = Output(*capsys.readouterr())
        assert _code(ended.value.code) == code, written
        return written

    return storky


def _code(code: object) -> object:
    return 0 if code is None else code
