"""What comes off the bus and cannot be kept is refused at once, before it can fail later and again."""

from uuid import uuid4

import pytest

from events.commands import RunStep
from events.envelope import Envelope, MalformedError
from events.vocabulary import Step


@pytest.mark.parametrize(
    "changes",
    [
        {"data": {"migration_id": str(uuid4()), "step": "prepare", "an unknown field\0": 1}},
        {"traceparent": "\0"},
        {"traceparent": ""},
        {"onbehalfof": ""},
        {"onbehalfof": "u" * 501},
        {"type": "storky." + "T" * 500},
    ],
)
def test_what_the_log_cannot_store_is_malformed(changes: dict[str, object]) -> None:
    envelope = Envelope.wrap(RunStep(migration_id=uuid4(), step=Step.PREPARE), id=uuid4(), source="billing")
    with pytest.raises(MalformedError):
        Envelope.parse(envelope.model_copy(update=changes).to_bytes())
