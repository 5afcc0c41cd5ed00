"""JSON Schemas (2020-12) of all that goes over the wire."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from events.catalogue import COMMANDS, FACTS, schema_version
from events.envelope import TYPE_PREFIX, Envelope
from events.replies import Accepted, Rejected
from events.vocabulary import Message

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_HERE = "#/$defs/"  # where a document that stands alone has what it refers to
MESSAGES: dict[str, type[Message]] = {**COMMANDS, **FACTS}
REPLIES: Sequence[type[BaseModel]] = (Accepted, Rejected)

# What each event's envelope has beyond those that every envelope must have.
_OF_EVENTS = (
    "schemaversion",
    "subject",
    "actor",
    "correlationid",
    "causationid",
    "position",
    "streamversion",
)


class _Published(GenerateJsonSchema):
    """Leaves out what a reader must not hold us to: only what we read is closed, what we write may grow."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        published = super().model_schema(schema)
        if self.mode == "serialization":
            published.pop("additionalProperties", None)
        return published

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - titles would repeat the names
        return False


def schemas() -> dict[str, Schema]:
    """Return a document of its own for each message as a whole, for the envelope, and for the reply."""
    return {
        "Envelope": _document("Envelope", {"$ref": f"{_HERE}Envelope"}, Envelope),
        "Reply": _document(
            "Reply", {"oneOf": [{"$ref": _HERE + reply.__name__} for reply in REPLIES]}, *REPLIES
        ),
        **{name: _message(name, model) for name, model in MESSAGES.items()},
    }


def definitions(models: Sequence[type[BaseModel]], place: str) -> dict[str, Schema]:
    """Return the schemas of the models and of all they are made of; they refer to each other by place."""
    _, found = models_json_schema(
        [(model, _mode(model)) for model in models],
        ref_template=place + "{model}",
        schema_generator=_Published,
    )
    defined: dict[str, Schema] = found["$defs"]
    return defined


def body(name: str, place: str) -> Schema:
    """Return the schema of a message with its envelope, where definitions() of both are found at a place."""
    more = _OF_EVENTS if name in FACTS else ()
    return {
        "allOf": [
            {"$ref": f"{place}Envelope"},
            {
                "type": "object",
                "properties": {
                    "type": {"const": TYPE_PREFIX + name},
                    "schemaversion": {"const": schema_version(name)},
                    "data": {"$ref": place + name},
                },
                "required": ["specversion", "type", "data", *more],
            },
        ]
    }


def _mode(model: type[BaseModel]) -> JsonSchemaMode:
    return "validation" if model in (Envelope, *COMMANDS.values()) else "serialization"


def _message(name: str, model: type[Message]) -> Schema:
    return _document(name, body(name, _HERE), Envelope, model)


def _document(title: str, whole: Schema, *models: type[BaseModel]) -> Schema:
    return {"$schema": DIALECT, "title": title, **whole, "$defs": definitions(models, _HERE)}
