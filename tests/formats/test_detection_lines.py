import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.formats.sensors.detections.lines import COLUMNS, Header, freeze, read, thaw, whole
from watchfloor.formats.sensors.wires.batch import Heard

ROW = b"2026-11-26T08:00:00Z,t1,45.5,-73.25,64,64,0,boat,0.9"
HEAD = b"sensor,observed_at,azimuth"


def rows(*heard):
    found = read(list(heard))
    return [
        row | {"of": int(of)}
        for one in found.read
        for row, of in zip(one.rows.to_pylist(), one.of, strict=True)
    ]


def faults(*heard):
    return [(of, fault.locator, fault.reason) for of, fault in read(list(heard)).faults]


def heard(*messages, header=None):
    return Heard(header or Header(), messages, [10 * (at + 1) for at in range(len(messages))])


def micros(moment):
    return round(moment.timestamp() * 1e6)


def test_lines_of_our_columns_are_read_and_stamped_with_the_time_of_receipt():
    (first, second) = rows(heard(ROW + b"\n", ROW))
    assert (first["sensor"], first["latitude"], first["longitude"], first["class"]) == (
        "t1",
        45.5,
        -73.25,
        "boat",
    )
    assert [micros(one["received_at"]) for one in (first, second)] == [10, 20]
    assert [one["locator"] for one in (first, second)] == ["line 1", "line 2"]


def test_a_header_holds_for_its_connection_from_its_message_on():
    mine, other = Header(), Header()
    found = rows(heard(ROW, HEAD + b"\nt2,2026-11-26T08:00:01Z,12.5", header=mine), heard(ROW, header=other))
    assert [(one["of"], one["sensor"], one["azimuth"]) for one in found] == [
        (0, "t1", None),
        (0, "t2", 12.5),
        (1, "t1", None),
    ]
    assert [one["locator"] for one in found] == ["line 1", "line 3", "line 1"]
    assert (mine.columns, other.columns) == (("sensor", "observed_at", "azimuth"), COLUMNS)
    assert thaw(freeze(mine)).columns == mine.columns


def test_json_lines_are_read_beside_csv_and_a_bad_line_is_a_fault_of_its_own():
    json = b'{"observed_at": "2026-11-26T08:00:00Z", "sensor": "j", "latitude": 45, "longitude": -73.5}'
    found = heard(ROW + b"\n" + json + b"\nnonsense\n", b'{"colour": "red"}', b"{", ROW)
    assert [one["sensor"] for one in rows(found)] == ["t1", "j", "t1"]
    assert [(of, where) for of, where, _ in faults(found)] == [(0, "line 3"), (0, "line 4"), (0, "line 5")]
    assert "a detection has no 'colour'" in faults(found)[1][2]


def test_what_cannot_be_is_a_fault_that_says_why():
    told = faults(heard(b"2026-13-26T08:00:00Z,t1,45,-73,64,64,0,boat,0.9", ROW.replace(b"45.5", b"95.5")))
    assert [where for _, where, _ in told] == ["line 1", "line 2"]
    assert told[0][2].startswith("observed_at:")
    assert told[1][2].startswith("latitude:")


def test_a_quote_that_nobody_closes_does_not_swallow_the_lines_of_another():
    found = rows(heard(b'2026-11-26T08:00:00Z,"t1,45,-73,64,64,0,boat,0.9'), heard(ROW, ROW))
    assert [one["of"] for one in found] == [1, 1]


def test_a_stream_is_cut_behind_its_last_line_and_given_up_where_it_has_no_lines():
    assert whole(ROW + b"\n" + ROW[:5]) == len(ROW) + 1
    assert whole(ROW) == 0
    with pytest.raises(ValueError, match="no line end"):
        whole(bytes(1 << 17))


LINES = st.sampled_from(
    [ROW, HEAD, b"t3,2026-11-26T08:00:00Z,3", b"", b"nonsense", b'{"sensor": 1}', b'"', b"a,b"]
)


@settings(max_examples=draws(60))
@given(st.lists(LINES | st.binary(max_size=20).filter(lambda one: b"\n" not in one), max_size=8), st.data())
def test_what_is_read_does_not_depend_on_how_it_is_cut(lines, data):
    messages = [one + b"\n" for one in lines]
    stamps = list(range(1, len(messages) + 1))
    at = data.draw(st.integers(0, len(messages)))
    one, other = Header(), Header()
    whole_ = read([Heard(one, messages, stamps)])
    parts = read([Heard(other, messages[:at], stamps[:at]), Heard(other, messages[at:], stamps[at:])])

    def told(found):
        found_rows = [row for one in found.read for row in one.rows.drop_columns(["locator"]).to_pylist()]
        key = lambda row: (row["received_at"], str(row))  # noqa: E731
        return sorted(found_rows, key=key), sorted((fault.reason, fault.raw) for _, fault in found.faults)

    assert told(whole_) == told(parts)
    assert one.columns == other.columns
