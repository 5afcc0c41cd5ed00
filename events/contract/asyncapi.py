"""The AsyncAPI 3 document: the bus as a platform sees it."""

from typing import Any

from events import facts
from events.bus.topology import COMMANDS, EXCHANGES, REPLIES, platform_queue
from events.catalogue import COMMANDS as ALL_COMMANDS
from events.catalogue import FACTS
from events.contract import schemas
from events.contract.audience import ANY_PLATFORM, publishers, routing_key
from events.contract.examples import REPLIES as REPLY_EXAMPLES
from events.contract.examples import example
from events.contract.meaning import meaning, summary
from events.envelope import CONTENT_TYPE, Envelope

Part = dict[str, Any]

# The contract's own version: the first number changes when what was promised is taken back.
VERSION = "1.0.0"
SCHEMAS = "#/components/schemas/"

# Commands that the broker lets a platform publish; its policy says more.
OFFERED = tuple(name for name in ALL_COMMANDS if ANY_PLATFORM in publishers(name))

_PROPERTIES = {
    "user-id": "The platform's broker user. The broker checks it; a command without it is refused.",
    "reply-to": f"`{REPLIES}`, to get a reply; any other address gets none.",
    "correlation-id": "Chosen by the platform; the reply has the same.",
    "message-id": "The id of the envelope, again; it names the message if it has to be parked.",
    "content-type": f"`{CONTENT_TYPE}`.",
}


def document() -> Part:
    """Return the document."""
    return {
        "asyncapi": "3.0.0",
        "info": _info(),
        "defaultContentType": CONTENT_TYPE,
        "servers": {"broker": _server()},
        "channels": {"commands": _commands(), "replies": _replies(), "events": _events()},
        "operations": {
            **{_operation_name(name): _send(name) for name in OFFERED},
            "hearEvents": _hear(),
        },
        "components": {
            "messages": _messages(),
            "schemas": _schemas(),
            "securitySchemes": {
                "brokerUser": {
                    "type": "userPassword",
                    "description": "The platform's name is its broker user; `storky platform add` makes it.",
                }
            },
        },
    }


def _info() -> Part:
    return {
        "title": "storky, for internal platforms",
        "version": VERSION,
        "description": "How a platform has apps moved between regions, and hears how far that is. Every "
        "message is a CloudEvents 1.0 JSON envelope in structured mode. Its `traceparent` is a W3C trace "
        "context: what a command carries is in every event, every message to a worker, every report and "
        "every call of a region that it leads to.",
        "license": {"name": "Apache-2.0"},
    }


def _server() -> Part:
    return {
        "host": "{host}",
        "protocol": "amqp",
        "protocolVersion": "0.9.1",
        "description": "RabbitMQ; amqps where the broker has TLS.",
        "variables": {"host": {"description": "The broker's host, and its port if it is not the usual one."}},
        "security": [{"$ref": "#/components/securitySchemes/brokerUser"}],
    }


def _commands() -> Part:
    exchange = {"name": COMMANDS, "type": EXCHANGES[COMMANDS], "durable": True, "autoDelete": False}
    return {
        "address": "{command}",
        "title": "What a platform asks for",
        "description": f"The exchange `{COMMANDS}`; the routing key is the command's name.",
        "parameters": {"command": {"description": "The command's name.", "enum": list(OFFERED)}},
        "messages": _listed(OFFERED),
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"}},
    }


def _replies() -> Part:
    queue = {"name": REPLIES, "durable": False, "exclusive": True, "autoDelete": True}
    return {
        "address": None,
        "title": "What became of a command",
        "description": "Direct reply-to of RabbitMQ: consume from this pseudo-queue, without acknowledgement "
        "and on the channel that publishes, before the command is sent.",
        "messages": _listed(reply.__name__ for reply in schemas.REPLIES),
        "bindings": {"amqp": {"is": "queue", "queue": queue, "bindingVersion": "0.3.0"}},
    }


def _events() -> Part:
    queue = {"durable": True, "exclusive": False, "autoDelete": False}
    return {
        "address": platform_queue("{platform}"),
        "title": "What happens",
        "description": "The platform's own queue. It gets the events whose routing keys match the platform's "
        "subscriptions, each at least once, and those that the operator replays for it.",
        "parameters": {"platform": {"description": "The platform's name."}},
        "messages": _listed(FACTS),
        "bindings": {"amqp": {"is": "queue", "queue": queue, "bindingVersion": "0.3.0"}},
    }


def _send(name: str) -> Part:
    return {
        "action": "send",
        "channel": {"$ref": "#/channels/commands"},
        "summary": summary(schemas.MESSAGES[name]),
        "messages": [{"$ref": f"#/channels/commands/messages/{name}"}],
        "bindings": {"amqp": {"deliveryMode": 2, "mandatory": True, "bindingVersion": "0.3.0"}},
        "reply": {
            "address": {"location": "$message.header#/replyTo", "description": "The property reply-to."},
            "channel": {"$ref": "#/channels/replies"},
            "messages": [
                {"$ref": f"#/channels/replies/messages/{reply.__name__}"} for reply in schemas.REPLIES
            ],
        },
        "x-amqp-properties": _PROPERTIES,
    }


def _hear() -> Part:
    return {
        "action": "receive",
        "channel": {"$ref": "#/channels/events"},
        "summary": "Take events one after the other, and acknowledge each when its effect is durable.",
        "messages": [{"$ref": f"#/channels/events/messages/{name}"} for name in FACTS],
        "bindings": {"amqp": {"ack": True, "bindingVersion": "0.3.0"}},
    }


def _messages() -> dict[str, Part]:
    return {
        **{name: _message(name) for name in (*OFFERED, *FACTS)},
        **{type(reply).__name__: _reply(reply) for reply in REPLY_EXAMPLES},
    }


def _message(name: str) -> Part:
    model = schemas.MESSAGES[name]
    is_event = issubclass(model, facts.Fact)
    correlation = "$message.payload#/correlationid" if is_event else "$message.header#/correlationId"
    key = {"x-routing-key": routing_key(name)}
    return {
        "name": name,
        "title": name,
        "summary": summary(model),
        "description": meaning(model),
        "correlationId": {"location": correlation},
        "payload": schemas.body(name, SCHEMAS),
        "examples": [{"name": name, "payload": example(name).model_dump(mode="json", exclude_none=True)}],
        **key,
    }


def _reply(reply: Any) -> Part:
    name = type(reply).__name__
    return {
        "name": name,
        "title": name,
        "summary": summary(type(reply)),
        "contentType": "application/json",
        "correlationId": {"location": "$message.header#/correlationId"},
        "payload": {"$ref": SCHEMAS + name},
        "examples": [{"name": name, "payload": reply.model_dump(mode="json")}],
    }


def _schemas() -> dict[str, Part]:
    offered = [schemas.MESSAGES[name] for name in (*OFFERED, *FACTS)]
    return schemas.definitions([Envelope, *schemas.REPLIES, *offered], SCHEMAS)


def _listed(names: Any) -> dict[str, Part]:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _operation_name(command: str) -> str:
    return command[0].lower() + command[1:]
