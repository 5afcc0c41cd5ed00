"""Whatever a message's body is: it is a command, or there is a reason, and the reason quotes none of it."""

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.catalogue import COMMANDS, FACTS
from events.envelope import Envelope
from tests.fuzzing.mutations import MARK, fresh, mutated
from tests.fuzzing.promise import read

seeds = st.integers(min_value=0)
keys = st.sampled_from([*COMMANDS, "", "#", "RunStep\n", MARK])
actors = st.sampled_from([None, "billing", "storky-gateway", "storky-apps", "storky-operator"])
texts = st.text().map(lambda text: MARK + text)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
objects = st.dictionaries(st.sampled_from(sorted(Envelope.model_fields)) | st.text(), values, max_size=4)


@settings(max_examples=500)
@given(st.binary(), keys, actors)
def test_any_bytes(body: bytes, key: str, actor: str | None) -> None:
    read(body, key, actor)


@settings(max_examples=200)
@given(values | objects, keys, actors)
def test_any_json(value: Any, key: str, actor: str | None) -> None:
    read(json.dumps(value).encode(), key, actor)


@settings(max_examples=200)
@given(st.sampled_from(sorted(COMMANDS)), objects, objects, actors)
def test_a_command_with_anything_in_its_fields(
    name: str, outer: dict[str, Any], inner: dict[str, Any], actor: str | None
) -> None:
    command = fresh(Random(name), name)
    body = command | outer | {"data": command["data"] | inner}
    read(json.dumps(body).encode(), name, actor)


@settings(max_examples=1_000)
@given(seeds, st.sampled_from(sorted(COMMANDS)), keys, actors)
def test_a_command_with_something_wrong(seed: int, name: str, key: str, actor: str | None) -> None:
    random = Random(seed)
    read(mutated(random, fresh(random, name)), random.choice((name, key)), actor)


@pytest.mark.parametrize("name", [*COMMANDS, *FACTS])
def test_what_is_right_is_read(name: str) -> None:
    """Else the tests above would be about nothing."""
    assert (read(json.dumps(fresh(Random(name), name)).encode(), name) is not None) == (name in COMMANDS)
