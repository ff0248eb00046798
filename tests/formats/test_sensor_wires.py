"""ASTERIX and KLV on open connections."""

import pyarrow as pa
import pytest
from tests.formats.test_asterix import MICROS, NOON, PLOTS, SERVICE, SOURCE, block, plot
from tests.formats.test_klv import library, plain, targets

from watchfloor.formats.sensors.wires.batch import Heard
from watchfloor.formats.sensors.wires.readers import WIRES

RECEIVED = MICROS + int(NOON * 1e6)
pytestmark = pytest.mark.group("asterix")


def radar_messages():
    place = (("HGT", (1.0, "m")), ("LAT", (45.5, "°")), ("LON", (-74.25, "°")))
    turn = {"010": SOURCE, "000": 1, "030": (NOON, "s"), "120": place}
    return [
        block(PLOTS, plot()),
        block(SERVICE, turn),
        block(PLOTS, plot(), plot(100_000.0)),
        bytes([21, 0, 4, 0]) + block(PLOTS, plot()),
    ]


def klv_messages():
    library()
    return [plain(), targets(), plain() + b"?", plain()[:-1] + b"x"]


def read(wire, parts):
    """What a wire gives for parts of a stream, one call each: rows by kind, and faults."""
    state, rows, faults = wire.begin(), {}, []
    for messages in parts:
        state = wire.thaw(wire.freeze(state))
        found = wire.read([Heard(state, messages, [RECEIVED + at for at in range(len(messages))])])
        for kind, table, of in found.read:
            assert set(of.tolist()) == {0}
            assert table.schema.equals(kind.body)
            rows.setdefault(kind.name, []).extend(table.drop_columns(["locator", "received_at"]).to_pylist())
        faults += [fault.raw for _, fault in found.faults]
    return rows, sorted(faults)


@pytest.mark.parametrize(("name", "made"), [("asterix", radar_messages), ("klv", klv_messages)])
def test_a_stream_reads_alike_however_it_is_cut(name, made):
    wire, messages = WIRES[name], made()
    together = read(wire, [messages])
    assert together == read(wire, [[message] for message in messages])
    assert together == read(wire, [messages[:2], messages[2:]])
    assert set(together[0]) == {"detection", "coverage"}
    assert len(together[1]) == 2


@pytest.mark.parametrize(("name", "made"), [("asterix", radar_messages), ("klv", klv_messages)])
def test_locators_are_of_the_messages_joined(name, made):
    messages = made()
    data = b"".join(messages)
    state = WIRES[name].begin()
    found = WIRES[name].read([Heard(state, messages, range(RECEIVED, RECEIVED + len(messages)))])
    places = [place for _, table, _ in found.read for place in table.column("locator").to_pylist()]
    for place in places:
        start, end = map(int, place.removeprefix("bytes ").split("-"))
        assert 0 <= start < end <= len(data)
    stamps = {
        one for _, table, _ in found.read for one in table.column("received_at").cast(pa.int64()).to_pylist()
    }
    assert stamps <= set(range(RECEIVED, RECEIVED + len(messages)))
    assert len(stamps) > 1


def test_what_a_radar_said_outlives_a_restart():
    wire = WIRES["asterix"]
    state = wire.begin()
    wire.read([Heard(state, radar_messages()[:2], [RECEIVED, RECEIVED])])
    again = wire.thaw(wire.freeze(state))
    (found,) = wire.read([Heard(again, [block(PLOTS, plot())], [RECEIVED])]).read
    assert found.rows.column("sensor_latitude")[0].as_py() == pytest.approx(45.5, abs=1e-4)


@pytest.mark.parametrize("name", ["asterix", "klv"])
def test_other_bytes_are_no_state(name):
    with pytest.raises(ValueError):
        WIRES[name].thaw(b"{")
