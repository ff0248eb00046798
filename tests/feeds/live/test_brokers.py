"""Real brokers, started here: what is not durable is not acknowledged, and what comes again is known."""

import asyncio
import contextlib
import os
import shutil
import subprocess
from functools import partial

import pytest
from tests.feeds.live.floors import floor_of, line, logged, of, port, taking, until

from watchfloor.feeds.live import log, source

pytest.importorskip("paho.mqtt.client", reason="not installed: paho-mqtt (the extra 'mqtt')")
pytest.importorskip("nats", reason="not installed: nats-py (the extra 'nats')")


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(source, "FIRST", 0.05)
    monkeypatch.setattr(source, "LONGEST", 0.2)


@contextlib.contextmanager
def running(name, *words):
    """A program of that name, for the length of the block."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None and name not in os.environ.get("WATCHFLOOR_REQUIRE", "").split(","):
        pytest.skip(f"{name} is not installed (on Debian the package {name})")
    assert found is not None, f"WATCHFLOOR_REQUIRE names {name}, and it is not installed"
    process = subprocess.Popen(
        [found, *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


@contextlib.contextmanager
def mosquitto(home, number):
    settings = home / "mosquitto.conf"
    settings.write_text(
        f"listener {number} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {home}/\n"
        "persistent_client_expiration 1h\n" + ("user root\n" if os.geteuid() == 0 else ""),
        encoding="utf-8",
    )
    with running("mosquitto", "-c", settings) as process:
        yield process


async def published(number, payloads, topic="towers/a"):
    """Messages at QoS 1, each taken by the broker."""
    from paho.mqtt import client
    from paho.mqtt.enums import CallbackAPIVersion

    def send():
        one = client.Client(CallbackAPIVersion.VERSION2)
        one.connect("127.0.0.1", number)
        one.loop_start()
        for payload in payloads:
            one.publish(topic, payload, qos=1).wait_for_publish(10)
        one.disconnect()
        one.loop_stop()

    await asyncio.to_thread(send)


def seconds(floor):
    return [row["observed_at"].second for row in logged(floor)]


def test_an_mqtt_broker_may_go_away_for_a_while(tmp_path):
    number = port()
    floor = floor_of(tmp_path / "floor", towers=f"mqtt://127.0.0.1:{number}/towers/+")

    async def deliver():
        async with taking(floor) as made:
            one, counts = of(made, "towers")
            with mosquitto(tmp_path, number):
                await until(lambda: one.state == "connected")
                await published(number, [line(0), line(1)])
                await until(lambda: counts["accepted"] == 2)
            await until(lambda: one.state == "waiting")
            with mosquitto(tmp_path, number):
                await ready(number)
                await published(number, [line(2)])
                await until(lambda: counts["accepted"] == 3)

    asyncio.run(deliver())
    assert seconds(floor) == [0, 1, 2]


def test_what_an_mqtt_broker_was_not_told_of_comes_again_and_counts_once(tmp_path, monkeypatch):
    number = port()
    floor = floor_of(tmp_path / "floor", towers=f"mqtt://127.0.0.1:{number}/towers/+")

    async def nothing_told(self, taken):
        """As if the power went after the commit."""

    async def deliver(messages, count, **expected):
        async with taking(floor) as made:
            one, counts = of(made, "towers")
            await until(lambda: one.state == "connected")
            await published(number, messages)
            await until(lambda: counts.total() == count)
            assert dict(counts) == expected

    with mosquitto(tmp_path, number):
        with monkeypatch.context() as patch:
            patch.setattr("watchfloor.feeds.live.ingestion.Taking._acknowledge", nothing_told)
            asyncio.run(deliver([line(0), line(1)], 2, accepted=2))
        asyncio.run(deliver([line(2)], 3, duplicate=2, accepted=1))
    assert seconds(floor) == [0, 1, 2]


async def streamed(number, messages, *, make=False):
    import nats

    client = await nats.connect(f"nats://127.0.0.1:{number}")
    js = client.jetstream()
    if make:
        await js.add_stream(name="TOWERS", subjects=["towers.>"])
    for message in messages:
        await js.publish("towers.a", message)
    await client.close()


async def ready(number):
    async def open_():
        _, writer = await asyncio.open_connection("127.0.0.1", number)
        writer.close()

    for _ in range(200):
        try:
            return await open_()
        except OSError:
            await asyncio.sleep(0.05)
    raise AssertionError("the server did not come")


def test_what_a_stream_delivers_again_after_a_crash_is_known(tmp_path, monkeypatch):
    number = port()
    floor = floor_of(tmp_path / "floor", towers=f"nats://127.0.0.1:{number}/TOWERS/towers.a")
    serve = partial(running, "nats-server", "-a", "127.0.0.1", "-p", number, "-js", "-sd", tmp_path / "js")

    async def nothing_told(self, taken):
        """As if the power went after the commit."""

    async def deliver(messages, **expected):
        """Deliver until so many came; a slow machine is told of what it did not acknowledge once more."""
        async with taking(floor) as made:
            one, counts = of(made, "towers")
            await until(lambda: one.state == "connected")
            await streamed(number, messages)
            await until(lambda: all(counts[name] >= count for name, count in expected.items()))
            return counts["accepted"]

    async def through_an_outage():
        async with taking(floor) as made:
            one, counts = of(made, "towers")
            with serve():
                await until(lambda: one.state == "connected")
            await until(lambda: one.state == "waiting")
            with serve():
                await until(lambda: one.state == "connected")
                await streamed(number, [line(4)])
                await until(lambda: counts["accepted"] == 1)

    monkeypatch.setattr("watchfloor.feeds.live.jetstream.WAIT", 1.0)
    with serve():
        asyncio.run(ready(number))
        asyncio.run(streamed(number, [line(0), line(1)], make=True))
        with monkeypatch.context() as patch:
            patch.setattr("watchfloor.feeds.live.ingestion.Taking._acknowledge", nothing_told)
            assert asyncio.run(deliver([line(2)], accepted=3)) == 3
        assert asyncio.run(deliver([line(3)], accepted=1, duplicate=3)) == 1
    asyncio.run(through_an_outage())
    assert seconds(floor) == [0, 1, 2, 3, 4]
    assert log.segments(floor.root)
