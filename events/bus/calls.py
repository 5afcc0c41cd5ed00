"""One way to await anything of the AMQP library: with a deadline, and with errors of our own.

The library cancels what waits when a broker hangs, and inside a task group such a bare CancelledError would
end the group without an error. Also, its clean-up may wait for the broker when it is cancelled. So each of
its coroutines runs in a task of its own, which we stop waiting for at the deadline.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import anyio
from aio_pika.exceptions import CONNECTION_EXCEPTIONS, DeliveryError, PublishError
from aiormq.exceptions import ChannelAccessRefused, ChannelNotFoundEntity, ChannelPreconditionFailed

from events.bus.errors import BusUnavailableError, PublishRefusedError, UnroutableError

T = TypeVar("T")

PAUSE_SECONDS = 0.1

_REFUSALS = (ChannelAccessRefused, ChannelNotFoundEntity, ChannelPreconditionFailed)

# The event loop keeps weak references only.
_tasks: set[asyncio.Task[Any]] = set()


async def persist(attempt: Callable[[], Awaitable[T]], deadline: float) -> T:
    """Try until the deadline while the broker is unavailable; raises what the last attempt raised."""
    while True:
        try:
            return await attempt()
        except BusUnavailableError:
            if anyio.current_time() + PAUSE_SECONDS > deadline:
                raise
        await anyio.sleep(PAUSE_SECONDS)


async def call(operation: Coroutine[Any, Any, T], deadline: float) -> T:
    """Return the operation's result; `deadline` is a time of anyio's clock.

    Raises BusUnavailableError, UnroutableError or PublishRefusedError.
    """
    task = asyncio.ensure_future(operation)
    _tasks.add(task)
    task.add_done_callback(_forget)
    try:
        await asyncio.wait((task,), timeout=max(0, deadline - anyio.current_time()))
    finally:
        task.cancel()  # does nothing to a task that is done
    if not task.done():
        raise BusUnavailableError("the broker did not answer in time")
    return _result(task)


def _forget(task: asyncio.Task[Any]) -> None:
    _tasks.discard(task)
    if not task.cancelled():
        task.exception()  # asyncio would log what nobody retrieved


def _result(task: asyncio.Task[T]) -> T:
    if task.cancelled():
        raise BusUnavailableError("the connection to the broker was lost")
    error = task.exception()
    if error is None:
        return task.result()
    raise _translated(error) from error


def _translated(error: BaseException) -> BaseException:
    if isinstance(error, PublishError):
        return UnroutableError(f"no queue takes a message with the routing key {error.args[-1]!r}")
    if isinstance(error, DeliveryError):
        return BusUnavailableError("the broker could not store the message")
    if isinstance(error, _REFUSALS):
        return PublishRefusedError(str(error))
    # A bare Exception is what the library puts into the futures of a channel that we closed.
    if isinstance(error, CONNECTION_EXCEPTIONS) or type(error) is Exception:
        return BusUnavailableError(f"no connection to the broker ({type(error).__name__})")
    return error
