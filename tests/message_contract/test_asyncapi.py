"""The AsyncAPI document: valid by the standard, whole, and about the broker as it is set up."""

import re
from collections.abc import Iterator
from functools import reduce
from itertools import chain
from typing import Any

import pytest
from asyncapi3 import AsyncAPI3  # type: ignore[import-untyped]
from jsonschema import Draft7Validator

from events.bus.keys import event_keys, matches
from events.bus.topology import COMMANDS, EXCHANGES, REPLIES, Grant, grant_for, platform_queue
from events.catalogue import FACTS
from events.envelope import CONTENT_TYPE
from tests.message_contract.committed import FORMATS, read
from tests.message_contract.test_schemas import read_message

DOCUMENT = read("asyncapi.json")
MESSAGES = DOCUMENT["components"]["messages"]
GRANT: Grant = grant_for("billing")


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of the document."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts(part)


def at(reference: str) -> Any:
    """Return what a reference leads to; raises KeyError."""
    start, *words = reference.split("/")
    assert start == "#"
    return reduce(lambda place, word: place[word], words, DOCUMENT)


def names(references: list[dict[str, str]]) -> set[str]:
    return {reference["$ref"].rpartition("/")[2] for reference in references}


def test_it_is_asyncapi_3() -> None:
    assert AsyncAPI3.model_validate(DOCUMENT).asyncapi == "3.0.0"


@pytest.mark.parametrize(
    "wrong", [{"channels": {"events": {"topic": "x"}}}, {"asyncapi": "2.6.0"}, {"servers": 1}]
)
def test_what_is_not_asyncapi_3_is_found(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        AsyncAPI3.model_validate(DOCUMENT | wrong)


def test_every_reference_leads_somewhere_and_everything_is_referred_to() -> None:
    references = {part["$ref"] for part in parts(DOCUMENT) if isinstance(part.get("$ref"), str)}
    for reference in references:
        assert at(reference)
    for kind, components in DOCUMENT["components"].items():
        assert {f"#/components/{kind}/{name}" for name in components} <= references


def test_its_operations_send_what_the_broker_lets_a_platform_publish() -> None:
    channel = DOCUMENT["channels"]["commands"]
    offered = {name for name in MESSAGES if re.fullmatch(GRANT.topics[COMMANDS], name)}
    sent = [o for o in DOCUMENT["operations"].values() if o["action"] == "send"]
    assert sorted(chain.from_iterable(names(o["messages"]) for o in sent)) == sorted(offered)
    assert set(channel["parameters"]["command"]["enum"]) == channel["messages"].keys() == offered
    exchange = channel["bindings"]["amqp"]["exchange"]
    assert (exchange["name"], exchange["type"]) == (COMMANDS, EXCHANGES[COMMANDS])
    assert GRANT.write == (COMMANDS,)


def test_each_command_is_replied_to_where_a_platform_may_listen() -> None:
    channel = DOCUMENT["channels"]["replies"]
    assert channel["bindings"]["amqp"]["queue"]["name"] == REPLIES
    assert REPLIES in GRANT.read
    for operation in DOCUMENT["operations"].values():
        if operation["action"] == "send":
            assert at(operation["reply"]["channel"]["$ref"]) == channel
            assert (
                names(operation["reply"]["messages"])
                == channel["messages"].keys()
                == {"Accepted", "Rejected"}
            )


def test_a_platform_hears_every_event_on_its_own_queue() -> None:
    channel, operation = DOCUMENT["channels"]["events"], DOCUMENT["operations"]["hearEvents"]
    assert channel["address"].format(platform="billing") == platform_queue("billing")
    assert platform_queue("billing") in GRANT.read
    assert operation["action"] == "receive"
    assert names(operation["messages"]) == channel["messages"].keys() == FACTS.keys()


@pytest.mark.parametrize("name", FACTS)
def test_the_routing_key_of_an_event_is_one_that_it_can_have(name: str) -> None:
    pattern = re.sub("<[a-z]+>", "*", MESSAGES[name]["x-routing-key"])
    assert any(matches(pattern, key) for key in event_keys() if key.split(".")[0] == name)


def test_its_schemas_are_of_the_dialect_that_asyncapi_takes_without_being_told() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        Draft7Validator.check_schema(schema)
        assert not {"prefixItems", "unevaluatedProperties", "$dynamicRef"} & schema.keys(), name


@pytest.mark.parametrize("name", MESSAGES)
def test_each_message_has_an_example_that_is_valid_and_read(name: str) -> None:
    message = MESSAGES[name]
    (example,) = message["examples"]
    Draft7Validator(DOCUMENT | message["payload"], format_checker=FORMATS).validate(example["payload"])
    if message.get("contentType", DOCUMENT["defaultContentType"]) == CONTENT_TYPE:
        assert example["payload"]["type"] == f"storky.{name}"
        read_message(example["payload"])
