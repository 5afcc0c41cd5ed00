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
)
from pydantic_core import CoreSchema, core_schema

from events.vocabulary import AppName
from services.region.rules.durations import nanoseconds

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}$)({_LABEL}\.)+{_LABEL}")
_ID = re.compile(r"[0-9a-f]{24}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_LONGEST_EMAIL = 254
_PORT = re.compile(r"\d{1,5}")


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


Name = Annotated[AppName, AfterValidator(_no_id)]
Short = Annotated[str, StringConstraints(max_length=200)]
Command = Annotated[str, StringConstraints(max_length=4096)]
Host = Annotated[str, AfterValidator(_host)]
VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
VariableValue = Annotated[str, StringConstraints(max_length=65_536)]
ProcessName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,29}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=2048)]
Email = Annotated[str, AfterValidator(_email)]
Duration = Annotated[  # in nanoseconds
    int,
    BeforeValidator(nanoseconds, json_schema_input_type=int | str),
    Field(ge=0, lt=2**63),
]
Port = Annotated[
    int,
    BeforeValidator(_number, json_schema_input_type=int | str),
    Field(ge=1, le=65_535),
]
Given = _Given()
