"""The kinds of values that bodies hold."""

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from events.vocabulary import AppName
from services.region.rules.durations import WRITTEN, nanoseconds

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"({_LABEL}\.)+{_LABEL}")
_ID = re.compile(r"[0-9a-f]{24}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_LONGEST_EMAIL, _LONGEST_HOST = 254, 253
_LONGEST_DURATION, _HIGHEST_PORT = 2**63 - 1, 65_535
_PORT = re.compile(r"[0-9]{1,5}")


class Body(BaseModel):
    """What a call sends. Nothing is taken for what it is not: neither "1" for a number, nor 1 for true."""

    model_config = ConfigDict(strict=True)


def _no_id(name: str) -> str:
    if _ID.fullmatch(name):
        raise ValueError("a name must not look like an id")
    return name


def _host(name: str) -> str:
    if len(name) > _LONGEST_HOST or not _HOST.fullmatch(name.lower()):
        raise ValueError("write a host name such as www.example.com")
    return name.lower()


def _email(address: str) -> str:
    if len(address) > _LONGEST_EMAIL or not _EMAIL.fullmatch(address):
        raise ValueError("write an e-mail address such as ada@example.com")
    return address.lower()


def _number(port: object) -> object:
    # Clients send a port as they were given it on their command line.
    return int(port) if isinstance(port, str) and _PORT.fullmatch(port) else port


class _Given:
    """Takes "" for nothing: clients send it for what they were not told."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._value, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [handler(schema), {"const": ""}]}

    @staticmethod
    def _value(value: object) -> object:
        return None if value == "" else value


def _text(pattern: str, longest: int | None = None) -> dict[str, Any]:
    """Return how the document shows a text that is checked with more than that."""
    return {"type": "string", "pattern": pattern} | ({"maxLength": longest} if longest else {})


def _number_or(text: dict[str, Any], least: int, most: int) -> dict[str, Any]:
    return {"anyOf": [{"type": "integer", "minimum": least, "maximum": most}, text]}


Name = Annotated[AppName, AfterValidator(_no_id)]
Short = Annotated[str, StringConstraints(max_length=200)]
Command = Annotated[str, StringConstraints(max_length=4096)]
Host = Annotated[
    str,
    AfterValidator(_host),
    WithJsonSchema(_text(rf"^({_LABEL}\.)+{_LABEL}$".replace("a-z", "A-Za-z"), _LONGEST_HOST)),
]
VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
VariableValue = Annotated[str, StringConstraints(max_length=65_536)]
ProcessName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,29}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=2048)]
Email = Annotated[str, AfterValidator(_email), WithJsonSchema(_text(f"^{_EMAIL.pattern}$", _LONGEST_EMAIL))]
Duration = Annotated[  # in nanoseconds
    int,
    BeforeValidator(nanoseconds),
    Field(ge=0, le=_LONGEST_DURATION),
    WithJsonSchema(_number_or(_text(WRITTEN), 0, _LONGEST_DURATION)),
]
Port = Annotated[
    int,
    BeforeValidator(_number),
    Field(ge=1, le=_HIGHEST_PORT),
    WithJsonSchema(_number_or(_text(f"^{_PORT.pattern}$"), 1, _HIGHEST_PORT)),
]
Given = _Given()
