"""MQTT 3.1.1 at QoS 1, in a session that the broker keeps: a message is acknowledged once it is durable.

What the broker delivers again, because it had no acknowledgement, says so; such a message is a duplicate
where it is among those of before.
"""

import asyncio
import contextlib
import ssl
import threading
from typing import Any, Final

from watchfloor.core.extras import MissingExtraError
from watchfloor.feeds.live.source import Source, Unusable

KEEPALIVE: Final = 20
"""Seconds of silence after which the broker is asked whether it is there."""
CONNECT: Final = 10.0


async def run(source: Source) -> None:
    """Connect, and bring what the broker has until it is gone. Raises `Unusable` without paho-mqtt."""
    try:
        from paho.mqtt import client as mqtt
        from paho.mqtt.enums import CallbackAPIVersion
    except ImportError as error:
        raise Unusable(str(MissingExtraError("paho"))) from error
    session = Session(source, asyncio.get_running_loop())
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"watchfloor-{source.name}",
        clean_session=False,
        reconnect_on_failure=False,
        manual_ack=True,
    )
    if source.address.user:
        client.username_pw_set(source.address.user, source.password or None)
    if source.address.scheme == "mqtts":
        client.tls_set_context(ssl.create_default_context())
    client.on_connect, client.on_disconnect = session.connected, session.gone
    client.on_subscribe, client.on_message = session.subscribed, session.message
    source.tell = session.acknowledge
    session.client = client
    await asyncio.to_thread(client.connect, source.address.host, source.address.port, KEEPALIVE)
    client.loop_start()
    try:
        reason = await session.ended
        raise OSError(None, f"the broker is gone: {reason}")
    finally:
        session.stopped.set()
        source.tell = None
        client.disconnect()
        await asyncio.to_thread(client.loop_stop)


class Session:
    """Callbacks of the client's thread, and its state."""

    def __init__(self, source: Source, loop: asyncio.AbstractEventLoop) -> None:
        self._source, self._loop = source, loop
        self.client: Any = None
        self.stopped = threading.Event()
        self.ended: asyncio.Future[str] = loop.create_future()

    def connected(self, client: Any, _: Any, __: Any, reason: Any, ___: Any) -> None:
        """The broker has answered."""
        if reason.is_failure:
            self._end(str(reason))
        else:
            client.subscribe(self._source.address.path, qos=1)

    def subscribed(self, _: Any, __: Any, ___: Any, reasons: list[Any], ____: Any) -> None:
        """It has taken the subscription, or not."""
        if any(reason.is_failure for reason in reasons):
            self._end(f"it does not give {self._source.address.path}: {reasons[0]}")
        else:
            self._call(self._source.is_, "connected")

    def gone(self, _: Any, __: Any, ___: Any, reason: Any, ____: Any) -> None:
        """The connection is gone."""
        self._end(str(reason))

    def message(self, client: Any, _: Any, message: Any) -> None:
        """A message: it waits here, and the broker with it, while there is no room."""
        if self._source.inbox.full and not self.stopped.is_set():
            waiting = asyncio.run_coroutine_threadsafe(self._source.room(), self._loop)
            while not self.stopped.is_set():
                with contextlib.suppress(TimeoutError):
                    waiting.result(0.2)
                    break
        self._call(self._put, message.payload, message.dup, (client, message.mid, message.qos))

    async def acknowledge(self, tokens: list[Any]) -> None:
        """Acknowledge what is durable."""
        for client, number, qos in tokens:
            if client is self.client:
                client.ack(number, qos)

    def _put(self, data: bytes, again: bool, token: tuple[Any, int, int]) -> None:
        source = self._source
        source.heard()
        now = source.inbox.clock.now()
        if again and source.recent.again(data, now):
            source.inbox.repeat()
            token[0].ack(*token[1:])
            return
        source.recent.add(data, now)
        source.inbox.put(data, token=token)

    def _end(self, reason: str) -> None:
        self._call(lambda: None if self.ended.done() else self.ended.set_result(reason))

    def _call(self, call: Any, *arguments: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has just been closed
            self._loop.call_soon_threadsafe(call, *arguments)
