"""A SAPIENT node talks to the live floor: it is answered once what it said is durable."""

import asyncio
import json
import struct
from datetime import timedelta

from tests.feeds.live.floors import floor_of, logged, of, port, roll, taking, until
from tests.formats.sapient.made import NODE, detection, frame, registration

from watchfloor.feeds.live import tcp
from watchfloor.feeds.original import locate
from watchfloor.formats.sensors.protobuf import codec
from watchfloor.formats.sensors.sapient import session
from watchfloor.formats.sensors.sapient.schema import SCHEMA


async def answered(reader):
    """The next answer."""
    (size,) = struct.unpack(
        "<I", await asyncio.wait_for(reader.readexactly(4), 60)
    )  # a first call compiles kernels
    return codec.decode(SCHEMA, await reader.readexactly(size))


def test_a_node_registers_is_acknowledged_and_heard(tmp_path):
    number = port()
    floor = floor_of(tmp_path / "floor", towers=(f"tcp-listen://127.0.0.1:{number}", {"decode": "sapient"}))

    async def deliver():
        async with taking(floor) as made:
            counts = of(made, "towers")[1]
            reader, writer = await asyncio.open_connection("127.0.0.1", number)
            writer.write(frame(detection()))
            said = await answered(reader)
            assert "error" in said
            writer.write(frame(registration())[:30])
            await asyncio.sleep(0.05)
            writer.write(frame(registration())[30:])
            assert (await answered(reader))["registration_ack"]["acceptance"] is True
            writer.write(frame(detection()))
            await until(lambda: counts["accepted"] >= 2)  # the registration is coverage
            other, twin = await asyncio.open_connection("127.0.0.1", number)
            twin.write(frame(registration()))
            assert (await answered(other))["registration_ack"]["acceptance"] is False
            await until(lambda: counts["quarantined"] == 2)
            for one in (writer, twin):
                one.close()
            await until(lambda: of(made, "towers")[0].connections == 0)
            await until(lambda: counts["accepted"] == 3)  # that the node is gone is coverage, too
            return dict(counts)

    counts = asyncio.run(deliver())
    assert counts["quarantined"] == 2
    roll(floor)
    (account,) = floor.accounting().values()
    assert account.accepted == counts["accepted"]
    assert account.quarantined == 2

    assert [row["sensor"] for row in logged(floor) if "latitude" in row][-1:] == [NODE]
    for piece in floor.quarantine():
        delivery = floor.deliveries("towers")[0]
        with floor.delivered(delivery.digest) as stream:
            assert locate(stream, piece.locator)


def test_a_node_that_falls_silent_is_gone_in_the_log_and_on_the_floor(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "SILENCE", timedelta(seconds=0.3))
    monkeypatch.setattr(session, "INTERVALS", 0)
    monkeypatch.setattr(tcp, "TICK", 0.05)
    number = port()
    floor = floor_of(tmp_path / "floor", towers=(f"tcp-listen://127.0.0.1:{number}", {"decode": "sapient"}))

    async def deliver():
        async with taking(floor) as made:
            counts = of(made, "towers")[1]
            _, writer = await asyncio.open_connection("127.0.0.1", number)
            writer.write(frame(registration()) + frame(detection()))
            await until(lambda: counts["accepted"] == 3)
            writer.close()
            await until(lambda: of(made, "towers")[0].connections == 0)

    asyncio.run(deliver())
    live = {row["record_id"]: row for row in logged(floor)}
    (gone,) = (row for row in live.values() if row.get("state") == "gone")
    assert gone["sensor"] == NODE
    assert "said nothing for 0.3 seconds" in gone["says"]
    roll(floor)
    (account,) = floor.accounting().values()
    assert account == (3, 3, 0, 0, 0)
    kept = floor.read("coverage", floor.reader("keeper", "watch")).to_pylist()
    assert [row["state"] for row in kept] == ["off", "gone"]
    unsaid = {"delivery", "locator"}
    told = {name: value for name, value in kept[1].items() if name not in unsaid}
    assert told == {name: value for name, value in live[kept[1]["record_id"]].items() if name not in unsaid}
    with floor.delivered(kept[1]["delivery"]) as stream:
        assert json.loads(locate(stream, kept[1]["locator"]))["state"] == "gone"
