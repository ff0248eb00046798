"""Real sockets on loopback: what comes is in the log, counted, and rolled to the same rows."""

import asyncio
import os
import socket
import time
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from tests.feeds.live.floors import detections, floor_of, line, logged, of, port, roll, taking, until

from watchfloor.feeds.live import log, source, status, tcp
from watchfloor.feeds.live.ingestion import ended
from watchfloor.feeds.original import locate
from watchfloor.store import StoreFull


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(source, "FIRST", 0.02)
    monkeypatch.setattr(source, "LONGEST", 0.1)


def datagrams(number):
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect(("127.0.0.1", number))
    return sender


def udp_floor(tmp_path, **settings):
    number = port(socket.SOCK_DGRAM)
    return floor_of(tmp_path / "floor", towers=(f"udp://127.0.0.1:{number}", settings)), number


def test_rows_that_were_folded_live_are_the_rows_on_the_floor(tmp_path):
    numbers = port(socket.SOCK_DGRAM), port()
    floor = floor_of(
        tmp_path / "floor",
        towers=(f"udp://127.0.0.1:{numbers[0]}", {"retain_days": 3650}),
        boats=f"tcp-listen://127.0.0.1:{numbers[1]}",
    )

    async def deliver():
        async with taking(floor, seconds=0.2) as made:
            _, boat = await asyncio.open_connection("127.0.0.1", numbers[1])
            with datagrams(numbers[0]) as tower:
                for at in range(40):
                    tower.send(line(at))
                    boat.write(line(at, "boat") + (b"nonsense\n" if at == 7 else b""))
                    await asyncio.sleep(0.01)
            boat.write(b"2026-11-26T08:00")
            await boat.drain()
            boat.close()
            await until(lambda: of(made, "boats")[1].total() == 42 and of(made, "towers")[1].total() == 40)

    asyncio.run(deliver())
    assert len(log.segments(floor.root)) > 1
    roll(floor)
    assert dict(floor.accounting()) == {"boats": (42, 40, 0, 2, 0), "towers": (40, 40, 0, 0, 0)}
    live, kept = logged(floor), detections(floor)
    assert [one["record_id"] for one in live] == sorted(
        kept["record_id"].to_pylist(),
        key=dict(zip(kept["record_id"].to_pylist(), kept["received_at"].to_pylist(), strict=True)).get,
    )
    unsaid = {"delivery", "locator"}
    told = {row["record_id"]: {k: v for k, v in row.items() if k not in unsaid} for row in kept.to_pylist()}
    assert {row["record_id"]: {k: v for k, v in row.items() if k not in unsaid} for row in live} == told
    row = kept.slice(11, 1).to_pylist()[0]
    with floor.delivered(row["delivery"]) as stream:
        assert row["sensor"].encode() in locate(stream, row["locator"])


def test_a_message_in_parts_is_read_alike_where_a_segment_ends_between_them(tmp_path):
    parts = (
        b"!AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0*1C\r\n",
        b"!AIVDM,2,2,1,A,88888888880,2*25\r\n",
        b"!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C\r\n",
    )
    floor, number = udp_floor(tmp_path, decode="ais-nmea")

    async def deliver():
        async with taking(floor, seconds=0.3) as made:
            counts = of(made, "towers")[1]
            with datagrams(number) as receiver:
                receiver.send(parts[0])
                await until(lambda: made.end.segment > 1)
                receiver.send(parts[1])
                receiver.send(parts[2])
                await until(lambda: counts["accepted"] == 2)

    asyncio.run(deliver())
    roll(floor)
    assert dict(floor.accounting()) == {"towers": (2, 2, 0, 0, 0)}
    live = {row["record_id"] for row in logged(floor)}
    assert live == set(detections(floor)["record_id"].to_pylist())
    assert len(floor.deliveries()) == 2


def test_rolling_twice_or_after_a_crash_in_the_middle_neither_loses_nor_doubles(tmp_path):
    floor, number = udp_floor(tmp_path)

    async def deliver():
        async with taking(floor) as made:
            with datagrams(number) as tower:
                for at in range(20):
                    tower.send(line(at))
            await until(lambda: of(made, "towers")[1]["accepted"] == 20)

    asyncio.run(deliver())
    roll(floor)
    (segment,) = log.segments(floor.root)
    segment.path.replace(segment.path.with_suffix(log.CLOSED))  # as if it had died before it could say so
    roll(floor)
    assert dict(floor.accounting()) == {"towers": (20, 20, 0, 0, 0)}
    assert len(floor.deliveries()) == 1
    assert detections(floor).num_rows == 20


def test_a_segment_that_cannot_be_read_is_set_aside_and_told_of_and_the_next_is_rolled(tmp_path):
    floor, number = udp_floor(tmp_path)

    async def deliver(at):
        async with taking(floor) as made:
            with datagrams(number) as tower:
                tower.send(line(at))
            await until(lambda: of(made, "towers")[1]["accepted"] == 1)

    asyncio.run(deliver(0))
    (segment,) = log.segments(floor.root)
    segment.path.write_bytes(b"rotten" + segment.path.read_bytes())
    asyncio.run(deliver(1))
    roll(floor)
    assert "0000000001.damaged cannot be read" in status.read(floor.root).rolling.problem
    assert dict(floor.accounting()) == {"towers": (1, 1, 0, 0, 0)}


def test_datagrams_that_come_twice_count_once_and_those_out_of_order_count(tmp_path):
    floor, number = udp_floor(tmp_path)

    async def deliver():
        async with taking(floor) as made:
            with datagrams(number) as tower:
                for at in (3, 1, 2, 1, 0, 3):
                    tower.send(line(at))
            await until(lambda: of(made, "towers")[1].total() == 6)

    asyncio.run(deliver())
    roll(floor)
    assert dict(floor.accounting()) == {"towers": (6, 4, 2, 0, 0)}
    assert [row["observed_at"].second for row in logged(floor)] == [3, 1, 2, 0]


def test_a_flood_of_datagrams_is_counted_as_lost_and_ends_when_it_ends(tmp_path):
    floor, number = udp_floor(tmp_path)

    async def deliver():
        async with taking(floor) as made:
            one, counts = of(made, "towers")
            one.inbox._limit = 0  # full, whatever is taken out of it
            with datagrams(number) as tower:
                for at in range(30):
                    tower.send(line(at))
                await until(lambda: one.inbox.lost == 30)
                one.inbox._limit = 1 << 20
                tower.send(line(30))
                await until(lambda: counts["accepted"] == 1)

    asyncio.run(deliver())
    (told,) = status.read(floor.root).sources.sources
    assert (told.lost, told.received, told.accepted) == (30, 1, 1)


def test_a_stream_waits_while_there_is_no_room_and_loses_nothing(tmp_path):
    number = port()
    floor = floor_of(tmp_path / "floor", boats=f"tcp-listen://127.0.0.1:{number}")
    count = 30_000

    async def deliver():
        async with taking(floor) as made:
            one, counts = of(made, "boats")
            one.inbox._limit = 1 << 14
            _, boat = await asyncio.open_connection("127.0.0.1", number)
            highest = 0
            for start in range(0, count, 1000):
                boat.write(b"".join(line(at) for at in range(start, start + 1000)))
                await boat.drain()
                highest = max(highest, one.inbox.waiting)
            await until(lambda: counts["accepted"] == count)
            assert highest < 1 << 20
            boat.close()

    asyncio.run(deliver())


def test_a_server_that_goes_away_or_falls_silent_is_connected_to_again(tmp_path):
    number = port()
    floor = floor_of(tmp_path / "floor", radar=(f"tcp://127.0.0.1:{number}", {"idle_seconds": 1}))
    seen = []

    async def serve(reader, writer):
        seen.append(writer)
        writer.write(line(len(seen)))
        await writer.drain()
        if len(seen) == 1:
            writer.close()

    async def deliver():
        async with taking(floor) as made:
            one, counts = of(made, "radar")
            await until(lambda: one.state == "waiting")
            assert "refused" in one.detail.lower() or "connect" in one.detail.lower()
            server = await asyncio.start_server(serve, "127.0.0.1", number)
            await until(lambda: len(seen) == 3)  # the second said nothing more for a second
            await until(lambda: counts["accepted"] == 3)
            assert one.state == "connected"
            server.close()
            for writer in seen:
                writer.close()

    asyncio.run(deliver())


def test_a_sensor_that_connects_ten_times_is_read_ten_times_and_one_too_many_is_refused(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(tcp, "MOST", 10)
    number = port()
    floor = floor_of(tmp_path / "floor", boats=f"tcp-listen://127.0.0.1:{number}")

    async def deliver():
        async with taking(floor) as made:
            one, counts = of(made, "boats")
            streams = [await asyncio.open_connection("127.0.0.1", number) for _ in range(11)]
            for at, (_, writer) in enumerate(streams):
                writer.write(line(at)[:20])
            await asyncio.sleep(0.05)
            for at, (_, writer) in enumerate(streams[:10]):
                writer.write(line(at)[20:])
            await until(lambda: counts["accepted"] == 10)
            assert (one.connections, one.refused) == (10, 1)
            for _, writer in streams:
                writer.close()
            await until(lambda: one.connections == 0)

    asyncio.run(deliver())
    assert {row["sensor"] for row in logged(floor)} == {"t1"}


def test_a_stream_that_is_of_another_wire_is_quarantined_and_ended(tmp_path):
    number = port()
    floor = floor_of(tmp_path / "floor", boats=f"tcp-listen://127.0.0.1:{number}")

    async def deliver():
        async with taking(floor) as made:
            reader, writer = await asyncio.open_connection("127.0.0.1", number)
            writer.write(os.urandom(1 << 18).replace(b"\n", b""))
            await until(lambda: of(made, "boats")[1]["quarantined"] == 1)
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)

    asyncio.run(deliver())
    roll(floor)
    (piece,) = floor.quarantine()
    assert "no line end within" in piece.reason


def test_a_file_is_followed_through_a_restart_and_its_replacement(tmp_path):
    path = tmp_path / "ais.txt"
    path.write_bytes(line(0) + line(1)[:10])
    floor = floor_of(tmp_path / "floor", ais=f"file:{path}")

    async def first():
        async with taking(floor) as made:
            await until(lambda: of(made, "ais")[1]["accepted"] == 1)
            with path.open("ab") as file:
                file.write(line(1)[10:] + line(2))
            await until(lambda: of(made, "ais")[1]["accepted"] == 3)

    async def second():
        async with taking(floor) as made:
            counts = of(made, "ais")[1]
            await until(lambda: counts["accepted"] == 1)
            path.rename(tmp_path / "old.txt")
            path.write_bytes(line(4) + line(5))
            await until(lambda: counts["accepted"] == 3)
            path.write_bytes(line(6))
            await until(lambda: counts["accepted"] == 4)

    asyncio.run(first())
    with path.open("ab") as file:
        file.write(line(3))
    asyncio.run(second())
    assert [row["observed_at"].second for row in logged(floor)] == list(range(7))


def test_a_feed_above_the_ceiling_is_not_even_listened_to(tmp_path):
    floor, _ = udp_floor(tmp_path, marking="S")

    async def deliver():
        async with taking(floor) as made:
            return of(made, "towers")[0]

    one = asyncio.run(deliver())
    assert one.state == "refused"
    assert "above this floor's ceiling" in one.detail


def test_rows_past_their_retention_are_withheld_live_as_they_are_when_rolled(tmp_path):
    floor, number = udp_floor(tmp_path, retain_days=30)

    async def deliver():
        async with taking(floor) as made:
            with datagrams(number) as tower:
                tower.send(at_moment(time.time() - 400 * 86_400))
                tower.send(at_moment(time.time()))
            await until(lambda: of(made, "towers")[1].total() == 2)
            return dict(of(made, "towers")[1])

    assert asyncio.run(deliver()) == {"withheld": 1, "accepted": 1}
    roll(floor)
    assert dict(floor.accounting()) == {"towers": (2, 1, 0, 0, 1)}


def test_a_full_disk_is_told_of_and_what_waits_is_taken_in_when_there_is_room(tmp_path, monkeypatch):
    floor, number = udp_floor(tmp_path)
    made_full = SimpleNamespace(full=False)
    commit = log.Log.commit

    def commit_or_not(self, frames, stamp, **options):
        if made_full.full and frames:
            raise StoreFull("no room left on the disk of here")
        return commit(self, frames, stamp, **options)

    monkeypatch.setattr(log.Log, "commit", commit_or_not)
    monkeypatch.setattr("watchfloor.feeds.live.ingestion.RETRY", 0.05)

    async def deliver():
        async with taking(floor) as made:
            made_full.full = True
            with datagrams(number) as tower:
                tower.send(line(0))
                await until(
                    lambda: (
                        "no room left"
                        in (status.read(floor.root).sources or SimpleNamespace(problem="")).problem
                    )
                )
                assert not logged(floor)
                made_full.full = False
                await until(lambda: of(made, "towers")[1]["accepted"] == 1)

    asyncio.run(deliver())
    assert len(logged(floor)) == 1


def test_what_swallows_its_first_cancellation_is_ended_all_the_same():
    async def stubborn():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(60)

    async def end():
        tasks = [asyncio.create_task(stubborn()), asyncio.create_task(asyncio.sleep(60))]
        await asyncio.sleep(0)
        await asyncio.wait_for(ended(tasks), 10)
        assert all(task.cancelled() for task in tasks)

    asyncio.run(end())


def at_moment(moment, sensor="t1"):
    """A line of a sensor that observes at a moment, seconds since 1970."""
    told = datetime.fromtimestamp(moment, UTC).isoformat()
    return f"{told},{sensor},45.0,-73,64,64,0,boat,0.9\n".encode()


def clocks_floor(tmp_path, *names):
    numbers = {name: port(socket.SOCK_DGRAM) for name in names}
    return floor_of(tmp_path / "floor", **{n: f"udp://127.0.0.1:{to}" for n, to in numbers.items()}), numbers


def brought(floor, numbers, ahead, count=5):
    """Rows of sources whose clocks are so many seconds ahead; gives what is said of each."""

    async def deliver():
        async with taking(floor) as made:
            for n in range(count):
                for name, to in numbers.items():
                    with datagrams(to) as sender:
                        sender.send(at_moment(time.time() + ahead[name], f"{name}-{n}"))
                await asyncio.sleep(0.01)
            await until(lambda: sum(one.total() for one in made.counts.values()) == count * len(numbers))

    asyncio.run(deliver())
    roll(floor)
    return {one.name: one for one in status.read(floor.root).sources.sources}


def test_rows_from_after_their_receipt_are_in_quarantine_with_their_bytes(tmp_path):
    floor, numbers = clocks_floor(tmp_path, "boats", "tower")
    told = brought(floor, numbers, {"boats": 60, "tower": 3600})
    assert (told["tower"].accepted, told["tower"].quarantined, told["tower"].received) == (0, 5, 5)
    assert told["boats"].accepted == 5
    assert not told["boats"].clock
    assert "3,6" in told["tower"].clock
    assert dict(floor.accounting()) == {"boats": (5, 5, 0, 0, 0), "tower": (5, 0, 0, 5, 0)}
    raw = sorted(one.raw for one in floor.quarantine("tower"))
    assert [b"tower-%d" % n in one for n, one in enumerate(raw)] == [True] * 5


def test_where_most_sources_are_ahead_it_is_this_machine_that_is_behind(tmp_path):
    floor, numbers = clocks_floor(tmp_path, "boats", "tower", "radar")
    told = brought(floor, numbers, dict.fromkeys(numbers, 3600))
    assert all(one.accepted >= 4 for one in told.values())
    assert {n: counts[1] for n, counts in floor.accounting().items()} == {
        n: one.accepted for n, one in told.items()
    }
