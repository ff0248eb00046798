"""Frames of the map: read back by the layout that the module writes down."""

import struct
from datetime import UTC, datetime, timedelta
from zlib import crc32

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.console.map import frames, layers
from watchfloor.console.map.layers import POINT, Look
from watchfloor.console.map.scene import Scene
from watchfloor.console.pages.map import begin

NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
HEAD, THING = struct.Struct("<4sIdQII"), struct.Struct("<IiiHBBIffHBBI")
KINDS = [one.name for one in layers.LAYERS]


class Queue:
    """Stands for a picture of which only the digest is asked."""

    content_digest = bytes(32)


def scene(*rows, fresh=True):
    full = [
        {"layer": "signal", "key": str(n), "at": NOW, "marking": "PA"} | row for n, row in enumerate(rows)
    ]
    table = pa.Table.from_pylist(full, schema=POINT)
    return Scene(Look(None, None, Queue(), 1, NOW), fresh, table, frozenset())


def read(content):
    head = HEAD.unpack_from(content)
    return head, [THING.unpack_from(content, 32 + 36 * n) for n in range(head[1])]


def test_head_and_things_stand_where_the_module_says():
    track = {"layer": "track", "latitude": 45.5, "longitude": -73.25, "course": 271.5, "major": 400.0}
    track |= {
        "minor": 90.0,
        "axis": 30.25,
        "at": NOW - timedelta(minutes=11),
        "symbol": "boat",
        "danger": True,
    }
    pier = {"latitude": 49.0, "longitude": -100.0, "major": 800.0, "stationary": True}
    content = frames.frame(scene(pier, track), 7)
    (magic, count, moment, _, number, flags), things = read(content)
    assert (magic, count, moment, number, flags) == (b"WFM1", 2, NOW.timestamp() * 1000, 7, 0)
    assert len(content) == 32 + 2 * 36
    assert things[0] == (0, -1_000_000_000, 490_000_000, 65535, 0, 0, 0, 800.0, 800.0, 0, 0, 8, crc32(b"0"))
    assert things[1] == (1, -732_500_000, 455_000_000, 27150, 2, 1, 660, 400.0, 90.0, 3025, 4, 1, crc32(b"1"))


def test_a_beat_is_a_head_alone_and_says_what_lists_show():
    one = scene({"latitude": 49.0, "longitude": -100.0}, fresh=False)
    head, things = read(frames.frame(one, 2, beat=True))
    assert things == []
    assert head[5] == frames.BEAT | frames.BEHIND
    assert head[3] == read(frames.frame(one))[0][3]


def test_lists_are_fetched_anew_for_what_stands_still_and_not_for_each_step_of_a_track():
    still, track = (
        {"latitude": 49.0, "longitude": -100.0},
        {"layer": "track", "latitude": 45.0, "longitude": -73.0},
    )
    base = scene(still, track)
    assert scene(still, track | {"longitude": -73.1}).listed == base.listed
    assert scene(still | {"title": "other"}, track).listed != base.listed


@pytest.mark.parametrize(
    ("row", "stale"),
    [
        ({"layer": "track", "at": NOW - timedelta(minutes=9)}, 0),
        ({"layer": "track", "at": NOW - timedelta(minutes=11)}, 1),
        ({"layer": "signal", "at": NOW - timedelta(hours=23)}, 0),
        ({"layer": "signal", "at": NOW - timedelta(hours=25)}, 1),
        ({"layer": "task", "at": NOW - timedelta(days=9)}, 0),
        ({"layer": "task", "until": NOW}, 1),
        ({"layer": "task", "until": NOW + timedelta(seconds=1)}, 0),
    ],
)
def test_a_position_is_stale_when_it_is_too_old_for_its_kind_or_over(row, stale):
    _, (thing,) = read(frames.frame(scene({"latitude": 45.0, "longitude": -73.0} | row)))
    assert thing[5] == stale


CORNWALL, WINDSOR = {"latitude": 45.0, "longitude": -74.7}, {"latitude": 42.3, "longitude": -83.0}
OLD = {"at": NOW - timedelta(hours=2)}


@pytest.mark.parametrize(
    ("rows", "around"),
    [
        ([CORNWALL, WINDSOR], [CORNWALL, WINDSOR]),
        ([CORNWALL, WINDSOR | {"danger": True}], [WINDSOR]),
        ([CORNWALL, WINDSOR | {"danger": True} | OLD], [CORNWALL]),
        ([CORNWALL | OLD, WINDSOR | {"layer": "track", "at": NOW - timedelta(minutes=11)}], []),
        ([CORNWALL | {"layer": "task"}], []),
    ],
)
def test_the_map_begins_where_something_is_new_life_at_risk_first(rows, around):
    box = begin(scene(*rows), "")
    assert bool(box) == bool(around)
    if around:
        west, south, east, north = map(float, box.split(","))
        inside = [west < one["longitude"] < east and south < one["latitude"] < north for one in rows]
        assert inside == [any(one.items() >= each.items() for each in around) for one in rows]


def test_two_things_of_one_number_have_none():
    one, other = "plumless", "buckeroo"
    assert crc32(one.encode()) == crc32(other.encode())
    assert frames.ids([one, "a", other]).tolist() == [0, crc32(b"a"), 0]


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "layer": st.sampled_from(KINDS),
                "latitude": st.floats(-90, 90),
                "longitude": st.floats(-180, 180),
                "course": st.none() | st.floats(0, 360),
                "major": st.none() | st.floats(0, 1e6),
            }
        ),
        max_size=20,
    )
)
def test_every_place_comes_back_to_the_centimetre(rows):
    _, things = read(frames.frame(scene(*rows)))
    assert [KINDS[one[4]] for one in things] == [row["layer"] for row in rows]
    for one, row in zip(things, rows, strict=True):
        assert one[1] / 1e7 == pytest.approx(row["longitude"], abs=1e-7)
        assert one[2] / 1e7 == pytest.approx(row["latitude"], abs=1e-7)
        assert (one[3] == frames.NO_COURSE) == (row["course"] is None)
        assert one[7] == pytest.approx(row["major"] or 0, rel=1e-6)
