"""A SAPIENT node talks to the live floor: it is answered once what it said is durable."""

import asyncio
import struct

from tests.feeds.live.floors import floor_of, logged, of, port, roll, taking, until
from tests.formats.sapient.made import NODE, detection, frame, registration

from watchfloor.feeds.original import locate
from watchfloor.formats.protobuf import codec
from watchfloor.formats.sapient.schema import SCHEMA


async def answered(reader):
    """The next answer."""
    (size,) = struct.unpack("<I", await asyncio.wait_for(reader.readexactly(4), 10))
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
        with floor.original(delivery.digest) as stream:
            assert locate(stream, piece.locator)
