"""The schemas and the code that reads messages agree on the examples and on what is near them."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from events.catalogue import COMMANDS, FACTS, UnknownMessageError, decode_command, decode_fact
from events.contract.audience import ANY_PLATFORM, publishers
from events.contract.examples import PLATFORM, speaker
from events.envelope import Envelope, MalformedError
from events.replies import read_reply
from events.trace_context import well_formed
from tests.message_contract.committed import DOCUMENTS, examples, read, schema

PAGES = {
    **{name: f"commands/{name}.md" for name in COMMANDS},
    **{name: f"events/{name}.md" for name in FACTS},
}


def shown(name: str) -> Any:
    """Return the one example of a message's page."""
    (only,) = examples(PAGES[name])
    return only


def read_message(message: Any) -> None:
    """Read it as the bus's receivers do; raises what they raise."""
    envelope = Envelope.parse(json.dumps(message).encode())
    decode = decode_command if envelope.name in COMMANDS else decode_fact
    decode(envelope.name, envelope.schemaversion, envelope.data)


def is_read(message: Any) -> bool:
    try:
        read_message(message)
    except (MalformedError, UnknownMessageError, ValidationError):
        return False
    return True


@pytest.mark.parametrize("file", sorted((DOCUMENTS / "schemas").iterdir()), ids=lambda file: file.stem)
def test_each_schema_is_json_schema_2020_12(file: Any) -> None:
    document = read(f"schemas/{file.name}")
    assert document["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(document)


@pytest.mark.parametrize("name", PAGES)
def test_the_example_of_each_page_is_valid_and_read(name: str) -> None:
    message = shown(name)
    assert message["type"] == f"storky.{name}"
    schema(name).validate(message)
    schema("Envelope").validate(message)
    read_message(message)


def test_the_examples_of_the_reply_are_valid_and_read() -> None:
    replies = examples("README.md")
    assert {reply["outcome"] for reply in replies} == {"accepted", "rejected"}
    for reply in replies:
        schema("Reply").validate(reply)
        assert read_reply(json.dumps(reply).encode()).outcome == reply["outcome"]


def variants(value: Any) -> Iterator[Any]:
    """Yield what differs from a message in one place: a part is gone, or another, or one is unknown."""
    yield from (None, "", 7, {})
    if isinstance(value, dict):
        yield value | {"unknown": True}
        for key, part in value.items():
            yield {other: kept for other, kept in value.items() if other != key}
            yield from (value | {key: variant} for variant in variants(part))
    if isinstance(value, list):
        for place, part in enumerate(value):
            yield from ([*value[:place], variant, *value[place + 1 :]] for variant in variants(part))


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_refused_of_a_command_its_schema_refuses_too(name: str) -> None:
    """So what a platform has checked by the schema is read; what the schema refuses may be."""
    refused = [message for message in variants(shown(name)) if not is_read(message)]
    unknown = shown(name) | {"data": shown(name)["data"] | {"unknown": True}}
    assert unknown in refused
    assert [message for message in refused if schema(name).is_valid(message)] == []


def test_a_field_that_the_parts_of_a_command_do_not_have_is_refused() -> None:
    message = shown("CreateMigration")
    message["data"]["source"]["unknown"] = True
    assert not is_read(message)
    assert not schema("CreateMigration").is_valid(message)


FREE = {"inputs", "params", "result"}  # what tasks and failures say of themselves, in words of their own


def grown(value: Any) -> Iterator[Any]:
    """Yield an event as later releases may write it: an object of it has one more field."""
    if isinstance(value, dict):
        yield value | {"later": True}
        for key in value.keys() - FREE:
            yield from (value | {key: more} for more in grown(value[key]))
    if isinstance(value, list):
        for place, part in enumerate(value):
            yield from ([*value[:place], more, *value[place + 1 :]] for more in grown(part))


@pytest.mark.parametrize("name", FACTS)
def test_the_schema_of_an_event_accepts_fields_that_come_later(name: str) -> None:
    later = list(grown(shown(name)))
    assert len(later) >= 2
    for message in later:
        schema(name).validate(message)


@pytest.mark.parametrize(
    "changes",
    [{"id": "not-a-uuid"}, {"time": "yesterday"}, {"time": "2026-01-31T12:00:00"}, {"specversion": "0.3"}],
)
def test_the_formats_are_checked(changes: dict[str, str]) -> None:
    assert not schema("RunStep").is_valid(shown("RunStep") | changes)


def test_the_envelope_is_one_of_cloudevents() -> None:
    """The names of its attributes are as the specification rules; so are those that each event must have."""
    attributes = Envelope.model_fields.keys()
    assert [name for name in attributes if not re.fullmatch("[a-z0-9]{1,20}", name)] == []
    for name in PAGES:
        required = {"specversion", "id", "source", "type"}
        assert required <= shown(name).keys() <= attributes
        for gone in required:
            assert not schema(name).is_valid({key: part for key, part in shown(name).items() if key != gone})


@pytest.mark.parametrize("name", PAGES)
def test_each_example_carries_a_w3c_trace_context(name: str) -> None:
    assert well_formed(shown(name)["traceparent"])


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_of_a_command_is_of_somebody_who_may_publish_it(name: str) -> None:
    user = ANY_PLATFORM if speaker(name) == PLATFORM else speaker(name)
    assert user in publishers(name)
    assert shown(name)["source"] == speaker(name).replace("storky-", "storky/")
