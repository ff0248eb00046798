"""NATS JetStream: a durable pull consumer; a message is acknowledged once it is durable here.

Each message has a number in its stream. Those that were taken are remembered in the log, so what the server
delivers again is known, whatever it is and however often.
"""

import asyncio
import contextlib
import ssl
from datetime import datetime
from typing import Any, Final

import msgspec

from watchfloor.core.extras import MissingExtraError
from watchfloor.feeds.live.source import Source, Unusable

FETCH: Final = 256
WAIT: Final = 30.0
"""Seconds after which the server delivers again what was not acknowledged."""


class TakenRanges(msgspec.Struct):
    """Which messages of a stream were taken: ranges of numbers, both ends included, and when it was made.

    A stream that was deleted and made anew counts from 1 again.
    """

    made: str = ""
    ranges: list[tuple[int, int]] = []

    def add(self, number: int) -> bool:
        """Take a number; false where it was taken before."""
        at = len(self.ranges)
        while at and self.ranges[at - 1][0] > number:
            at -= 1
        before = self.ranges[at - 1] if at else None
        if before and number <= before[1]:
            return False
        after = self.ranges[at] if at < len(self.ranges) else None
        low = before[0] if before and before[1] == number - 1 else number
        high = after[1] if after and after[0] == number + 1 else number
        self.ranges[at - (low < number) : at + (high > number)] = [(low, high)]
        return True


async def run(source: Source) -> None:
    """Connect, and bring what the stream has until the server is gone. Raises `Unusable` without nats-py."""
    try:
        import nats
        from nats.errors import Error
    except ImportError as error:
        raise Unusable(str(MissingExtraError("nats"))) from error
    address = source.address
    try:
        client = await nats.connect(
            f"nats://{address.host}:{address.port}",
            name=f"watchfloor-{source.name}",
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=5,
            error_cb=_quiet,
            user=address.user or None,
            password=source.password or None,
            tls=ssl.create_default_context() if address.scheme == "natss" else None,
        )
        try:
            await _pull(source, client)
        finally:
            source.tell = None
            with contextlib.suppress(Error, OSError, TimeoutError):
                await asyncio.wait_for(client.close(), 5)
    except Error as error:
        raise OSError(None, str(error) or type(error).__name__) from error


async def _pull(source: Source, client: Any) -> None:
    from nats.errors import TimeoutError as Nothing
    from nats.js.api import AckPolicy, ConsumerConfig

    stream, _, subject = source.address.path.partition("/")
    js = client.jetstream()
    info = await js.stream_info(stream)
    taken = _before(source, info.created)
    config = ConsumerConfig(ack_policy=AckPolicy.EXPLICIT, ack_wait=WAIT, max_ack_pending=1 << 16)
    durable = f"watchfloor-{source.name}".replace(".", "-")
    consumer = await js.pull_subscribe(subject, durable=durable, stream=stream, config=config)
    source.tell = _acknowledge
    source.is_("connected")
    while client.is_connected:
        await source.room()
        try:
            messages = await consumer.fetch(FETCH, timeout=1)
        except Nothing:
            continue
        for message in messages:
            await _put(source, taken, message)
    raise OSError(None, "the server is gone")


async def _put(source: Source, taken: TakenRanges, message: Any) -> None:
    source.heard()
    if not taken.add(message.metadata.sequence.stream):
        source.inbox.repeat()
        await message.ack()
        return
    source.cursor = msgspec.json.encode(taken)
    source.inbox.put(message.data, token=message, cursor=source.cursor)


async def _acknowledge(tokens: list[Any]) -> None:
    from nats.errors import Error

    for message in tokens:
        with contextlib.suppress(Error):  # the server is gone; it delivers again, and we know it then
            await message.ack()


def _before(source: Source, made: datetime | None) -> TakenRanges:
    """Return the place up to which the present stream was taken before."""
    with contextlib.suppress(ValueError):
        taken = msgspec.json.decode(source.cursor, type=TakenRanges)
        if taken.made == str(made):
            return taken
    return TakenRanges(str(made))


async def _quiet(_: Exception) -> None:
    """Ignore an error: who waits for the call tells it."""
