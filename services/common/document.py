"""What the OpenAPI documents of our HTTP APIs have in common: the bodies of errors."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

CHANGING = ("post", "put", "patch", "delete")
_SCHEMAS = "#/components/schemas/"
_NOT_OURS = ("HTTPValidationError", "ValidationError")  # FastAPI's own, which we never answer with


class Refusal(BaseModel):
    """A sentence, and a stable word for programs."""

    error: str
    code: str


class Missing(BaseModel):
    """What kind of thing there is none of, for this caller."""

    resource: str
    error: str


class Invalid(BaseModel):
    """Sentences about each field that is wrong."""

    errors: dict[str, list[str]]


def answer(model: type[BaseModel], description: str, example: object = None) -> dict[str, Any]:
    """Return how a document describes an answer whose body is of this model."""
    content: dict[str, Any] = {"schema": {"$ref": _SCHEMAS + model.__name__}}
    if example is not None:
        content["example"] = example
    return {"description": description, "content": {"application/json": content}}


def name_errors(document: dict[str, Any], models: Iterable[type[BaseModel]]) -> None:
    """Put the schemas of our errors in the place of FastAPI's."""
    schemas = document["components"]["schemas"]
    for name in _NOT_OURS:
        schemas.pop(name, None)
    for model in models:
        schemas[model.__name__] = model.model_json_schema()


def show_examples(document: dict[str, Any], examples: Mapping[str, Any]) -> None:
    """Give each schema the example that there is for its name."""
    for name, schema in document["components"]["schemas"].items():
        if name in examples:
            schema["examples"] = [examples[name]]


def summarise(operation: dict[str, Any]) -> None:
    """Make the first sentence of a call's description its summary."""
    operation["summary"] = operation["description"].partition(".")[0]
