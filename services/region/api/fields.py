"""The kinds of values that bodies hold."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from events.vocabulary import AppName
from services.region.rules.durations import nanoseconds

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}$)({_LABEL}\.)+{_LABEL}")
_ID = re.compile(r"[0-9a-f]{24}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_LONGEST_EMAIL = 254


class Body(BaseModel):
    """What a call sends. Nothing is taken for what it is not: neither "1" for a number, nor 1 for true."""

    model_config = ConfigDict(strict=True)


def _no_id(name: str) -> str:
    if _ID.fullmatch(name):
        raise ValueError("a name must not look like an id")
    return name


def _host(name: str) -> str:
    if not _HOST.fullmatch(name.lower()):
        raise ValueError("write a host name such as www.example.com")
    return name.lower()


def _email(address: str) -> str:
    if len(address) > _LONGEST_EMAIL or not _EMAIL.fullmatch(address):
        raise ValueError("write an e-mail address such as ada@example.com")
    return address.lower()


def _given(value: object) -> object:
    # Clients send "" for what they were not told.
    return None if value == "" else value


Name = Annotated[AppName, AfterValidator(_no_id)]
Short = Annotated[str, StringConstraints(max_length=200)]
Command = Annotated[str, StringConstraints(max_length=4096)]
Host = Annotated[str, AfterValidator(_host)]
VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]
VariableValue = Annotated[str, StringConstraints(max_length=65_536)]
ProcessName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,29}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=2048)]
Email = Annotated[str, AfterValidator(_email)]
Duration = Annotated[int, BeforeValidator(nanoseconds), Field(ge=0, lt=2**63)]  # in nanoseconds
Given = BeforeValidator(_given)
