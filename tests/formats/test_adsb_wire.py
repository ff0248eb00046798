"""ADS-B from connections that stay open: as a file of the same is read, however it comes."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.adsb import TIME, flight, log
from tests.formats.test_adsb_files import SBS
from tests.thorough import draws

from watchfloor.core.kinds import DETECTION
from watchfloor.formats.sensors.adsb import beast as adsb_beast
from watchfloor.formats.sensors.adsb import encode
from watchfloor.formats.sensors.adsb.stream import Stream
from watchfloor.formats.sensors.adsb.wire import freeze, read_avr, read_beast, read_sbs, thaw
from watchfloor.formats.sensors.wires.batch import Heard, ReadResult

READ = {"avr": read_avr, "beast": read_beast, "sbs": read_sbs}


def _rows(found: ReadResult) -> pa.Table:
    tables = [one.rows for one in found.read]
    assert all(len(one.of) == one.rows.num_rows for one in found.read)
    return pa.concat_tables(tables).combine_chunks() if tables else DETECTION.body.empty_table()


def _messages(sort: str) -> list[bytes]:
    told = flight(seconds=6)
    if sort == "sbs":
        return [(line + "\n").encode() for line in SBS.splitlines()] * 5
    if sort == "avr":
        return log(told).splitlines(keepends=True)
    return [encode.beast(data, (at - TIME) * 12) for at, data, _ in told]


@pytest.mark.parametrize("sort", READ)
@settings(max_examples=draws(10), deadline=None)
@given(data=st.data())
def test_it_does_not_matter_how_messages_come(sort, data):
    messages = _messages(sort)
    received = [TIME + 300_000 * i for i in range(len(messages))]
    whole = _rows(READ[sort]([Heard(Stream(), messages, received)]))
    stream, parts, at = Stream(), [], 0
    while at < len(messages):
        stream = thaw(freeze(stream))
        ends = [at + data.draw(st.integers(1, 6)) for _ in range(data.draw(st.integers(1, 3)))]
        heard = []
        for end in ends:
            end = max(min(end, len(messages)), at)
            heard += [Heard(stream, messages[at:end], received[at:end])] * (end > at)
            at = end
        parts.append(_rows(READ[sort](heard)))
    together = pa.concat_tables(parts).combine_chunks()
    assert together.drop_columns(["locator"]) == whole.drop_columns(["locator"])


def test_locators_count_in_what_was_heard():
    lines, frames = _messages("avr")[:3], _messages("beast")[:3]
    found = read_avr([Heard(stream := Stream(), lines[:2], [1, 2]), Heard(stream, lines[2:], [3])])
    assert _rows(found)["locator"].to_pylist() == ["line 1", "line 2", "line 1"]
    found = read_beast([Heard(stream := Stream(), frames[:2], [1, 2]), Heard(stream, frames[2:], [3])])
    sizes = list(map(len, frames))
    wanted = [f"bytes 0-{sizes[0]}", f"bytes {sizes[0]}-{sizes[0] + sizes[1]}", f"bytes 0-{sizes[2]}"]
    assert _rows(found)["locator"].to_pylist() == wanted
    assert found.read[0].of.tolist() == [0, 0, 1]


def test_the_counter_is_set_by_the_clock_of_receipt():
    body = encode.message(1, encode.velocity(100, 90, 0))
    ticks = [0, 500_000, 1_000_000, 1_500_000, 9_000_000, 9_100_000]
    came = [100_000, 500_000, 1_300_000, 1_500_000, 3_000_000, 3_200_000]
    frames = [encode.beast(body, 12 * one) for one in ticks]
    rows = _rows(read_beast([Heard(Stream(), frames, [TIME + one for one in came])])).to_pylist()
    seen = [
        round((row["observed_at"] - datetime.fromtimestamp(TIME / 1e6, UTC)).total_seconds(), 3)
        for row in rows
    ]
    assert seen == [0.1, 0.5, 1.0, 1.5, 3.0, 3.1]
    assert [row["received_at"] for row in rows] == [
        datetime.fromtimestamp((TIME + one) / 1e6, UTC) for one in came
    ]


def test_the_place_of_the_receiver_is_remembered():
    told = [encode.message(1, encode.surface(44, -76, odd=odd)) for odd in (False, True)]
    lines = [(encode.avr(one) + "\n").encode() for one in told]
    assert _rows(read_avr([Heard(Stream(), lines, [1, 2])]))["latitude"].null_count == 2
    stream = thaw(freeze(Stream(receiver=(44.1, -76.1))))
    assert _rows(read_avr([Heard(stream, lines, [1, 2])]))["latitude"][1].as_py() == pytest.approx(
        44, abs=1e-4
    )


@pytest.mark.parametrize("sort", READ)
def test_faults_say_of_which_connection_they_are(sort):
    found = READ[sort]([Heard(Stream(), [], []), Heard(Stream(), [b"noise"], [2]), Heard(Stream(), [], [])])
    ((of, fault),) = found.faults
    assert (of, fault.raw) == (1, b"noise")
    assert found.read == []
    assert READ[sort]([]) == ReadResult([], [])


def test_a_stream_is_cut_into_whole_frames():
    frames = _messages("beast")[:4]
    data = b"".join(frames)
    ends = np.cumsum([0, *map(len, frames)]).tolist()
    for size in range(len(data) + 1):
        assert adsb_beast.whole(data[:size]) == max(end for end in ends if end <= size)
    with pytest.raises(ValueError, match="no Beast stream"):
        adsb_beast.whole(b"x" * 10_000)


@pytest.mark.parametrize("data", [b"", b"nothing", freeze(Stream())[:40]])
def test_a_state_that_is_none_is_refused(data):
    with pytest.raises(ValueError, match="is no"):
        thaw(data)
