#!/usr/bin/env python3
"""A platform that has an app moved, in plain AMQP: aio-pika and the documented messages, nothing of storky's.

    AMQP_URL=amqp://billing:PASSWORD@HOST:5672/ examples/migrate.py agora-fr1/my-app osc-fr1/my-app preflight

creates a migration and runs the steps that are named, each when the one before has ended. It exits with 1 if
a command was rejected, a step failed, or nothing is heard any more.
"""

import argparse
import asyncio
import json
import os
import secrets
import sys
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4, uuid5

import aio_pika

URL = os.environ["AMQP_URL"]
USER = urlsplit(URL).username
MIGRATION = UUID(os.environ.get("MIGRATION") or str(uuid4()))  # its id, chosen by whoever creates it
PATIENCE = 300  # seconds without any message
# W3C trace context: all that the commands lead to, also in the regions, belongs to this trace.
TRACEPARENT = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"

Data = dict[str, Any]
Channel = aio_pika.abc.AbstractChannel


async def command(channel: Channel, name: str, command_id: UUID, data: Data) -> int:
    """Publish a command; print what became of it, and return the place of its last event in the log."""
    envelope = {
        "specversion": "1.0",
        "id": str(command_id),
        "source": USER,
        "type": f"storky.{name}",
        "time": datetime.now(UTC).isoformat(),
        "traceparent": TRACEPARENT,
        "data": data,
    }
    message = aio_pika.Message(
        json.dumps(envelope).encode(),
        content_type="application/cloudevents+json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=str(command_id),
        correlation_id=str(command_id),
        reply_to="amq.rabbitmq.reply-to",
        user_id=USER,
    )
    exchange = await channel.get_exchange("storky.commands", ensure=False)
    queue = await channel.get_queue("amq.rabbitmq.reply-to", ensure=False)
    async with queue.iterator(no_ack=True, timeout=PATIENCE) as replies:  # who asks listens already
        await exchange.publish(message, routing_key=name)
        reply = json.loads((await anext(replies)).body)
    if reply["outcome"] == "rejected":
        sys.exit(f"{name} rejected: {reply['code']}: {reply['reason']}")
    print(f"{name} accepted: {reply['stream']}, version {reply['version']}")
    return int(reply["position"])


async def end_of_step(channel: Channel, since: int) -> None:
    """Hear events until the step that began at this place in the log has ended."""
    queue = await channel.get_queue(f"storky.platform.{USER}", ensure=False)
    async with queue.iterator(timeout=PATIENCE) as events:
        async for message in events:
            event = json.loads(message.body)
            await message.ack()  # a platform that does something with an event does it before this
            if event["subject"] == f"migration/{MIGRATION}" and event["position"] >= since:
                print(f"heard {event['type']}")
                if event["type"] == "storky.StepSucceeded":
                    return
                if event["type"] == "storky.StepFailed":
                    sys.exit(1)


async def migrate(given: argparse.Namespace) -> None:
    """Create the migration, and run one step after the other."""
    connection = await aio_pika.connect(URL)
    async with connection, connection.channel(on_return_raises=True) as channel:
        await channel.set_qos(prefetch_count=20)
        migration = {"migration_id": str(MIGRATION)}
        ends = {"source": given.source, "destination": given.destination}
        # The same id and content whenever it is sent for this migration: again, it gets the same reply again.
        creation = uuid5(MIGRATION, "CreateMigration")
        await command(channel, "CreateMigration", creation, migration | ends)
        for step in given.steps:
            since = await command(channel, "RunStep", uuid4(), migration | {"step": step})
            await end_of_step(channel, since)


def app(text: str) -> dict[str, str]:
    """Read REGION/APP; raises ValueError."""
    region, name = text.split("/")
    return {"region": region, "app": name}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("source", metavar="REGION/APP", type=app)
    parser.add_argument("destination", metavar="REGION/APP", type=app)
    parser.add_argument("steps", metavar="STEP", nargs="*", help="preflight, prepare, data, finalize")
    try:
        asyncio.run(migrate(parser.parse_args()))
    except TimeoutError:
        sys.exit(f"Nothing was heard for {PATIENCE} seconds.")
