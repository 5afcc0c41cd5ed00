"""How the OpenAPI document shows what a follower is told: the schema is of each event of the stream."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from services.gateway.document import Responses
from services.gateway.events_wire import WireEvent
from services.gateway.follow.response import MEDIA_TYPE
from services.gateway.follow.topic import End, TaskNews
from services.gateway.wire import WireTasks

_DATA: Mapping[str, type[BaseModel]] = {
    "event": WireEvent,
    "state": WireTasks,
    "progress": TaskNews,
    "end": End,
}


def _event(name: str, model: type[BaseModel]) -> dict[str, Any]:
    data = model.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    data.pop("$defs", None)  # the document has them, for the same is told by other calls
    return {
        "type": "object",
        "properties": {
            "event": {"const": name},
            "id": {"type": "string", "description": "Of an `event`: its version."},
            "data": {"type": "string", "contentMediaType": "application/json", "contentSchema": data},
        },
        "required": ["event", "data"],
    }


TOLD: Responses = {
    200: {
        "description": "The migration's events, its state after each, how far tasks are, and its end.",
        "content": {MEDIA_TYPE: {"schema": {"oneOf": [_event(*each) for each in _DATA.items()]}}},
    }
}
