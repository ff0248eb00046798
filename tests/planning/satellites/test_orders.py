"""What is ordered: against every choice on small cases, within what satellites can do, and files of it."""

import csv
import io
import itertools
import json
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.planning.satellites.made import RCM, elements, pair
from tests.refusals import refused
from tests.thorough import draws

from watchfloor.formats.orbits import parse
from watchfloor.formats.tabular import spreadsheet
from watchfloor.planning.satellites import order_files, points, sensors, tasking_requests
from watchfloor.planning.satellites.acquisitions import Acquisition, acquisitions, across
from watchfloor.planning.satellites.calendar import Calendar, Observer, calendar
from watchfloor.planning.satellites.order_files import Order, OrderBook, RequestConflict
from watchfloor.planning.satellites.orders import TURN, Budget, choose
from watchfloor.planning.satellites.sensors import Sensor
from watchfloor.planning.satellites.tasking_requests import TaskingRequest

BEGIN = datetime(2026, 5, 31, tzinfo=UTC)
KM = 30
MODES = (
    Sensor(name="wide", incidence=(20, 50), minutes=4),
    Sensor(name="fine", incidence=(20, 50), minutes=4),
    Sensor(name="always", swath_km=100, systematic=True, daylight=True),
)


def observer(satellite, sensor):
    return Observer(satellite, 1, sensor, None, None, None, 0.0, 0.0, 0.0, 7_500.0, 86_400.0)


OBSERVERS = (
    observer("A", MODES[0]),
    observer("A", MODES[1]),
    observer("B", MODES[0]),
    observer("C", MODES[2]),
)
MADE = Calendar(BEGIN, 1, OBSERVERS, points.of_line(0, KM))


def acquisition(number, start, first, last, clear=1.0, seconds=40.0):
    km = np.arange(first, last)
    clears = np.full(len(km), clear)
    return Acquisition(
        number, start, start + seconds, int(start // 6_000), km, (30, 35), False, True, 20, clears
    )


ACQUISITIONS = st.lists(
    st.builds(
        lambda number, start, first, length, clear: acquisition(
            number, start * 50.0, first, min(first + length, KM), clear if number == 3 else 1.0
        ),
        st.integers(0, 3),
        st.integers(0, 8),
        st.integers(0, KM - 1),
        st.integers(1, KM),
        st.sampled_from([0.25, 0.5, 1.0]),
    ),
    min_size=1,
    max_size=7,
)
REQUESTS = [
    TaskingRequest(name="all", km=(0, KM)),
    TaskingRequest(name="some", km=(5, 12), modes=("fine",), weight=3, every_hours=12),
]


def worth(found, chosen, requests):
    """What some acquisitions show, by the definition."""
    total = 0.0
    for request in requests:
        for period in range(int(24 // request.every_hours)):
            for km in range(int(request.km[0]), int(request.km[1])):
                base, level = 0.0, 0.0
                for at, one in enumerate(found):
                    sensor = OBSERVERS[one.observer].sensor
                    middle = (one.start + one.end) / 2 / 3_600
                    if (request.modes and sensor.name not in request.modes) or km not in one.km:
                        continue
                    if middle // request.every_hours != period:
                        continue
                    if sensor.systematic:
                        base = 1 - (1 - base) * (1 - one.clear[0])
                    elif at in chosen:
                        level += one.clear[0]
                total += request.weight * min(1.0, base + (1 - base) * level)
    return total


def possible(found, chosen, most=None):
    """Whether satellites can do it."""
    by_satellite = {}
    for at in chosen:
        by_satellite.setdefault(OBSERVERS[found[at].observer].satellite, []).append(found[at])
    for mine in by_satellite.values():
        if most is not None and len(mine) > most:
            return False
        for one, other in itertools.combinations(mine, 2):
            if one.start < other.end + TURN and other.start < one.end + TURN:
                return False
        for revolution in {one.revolution for one in mine}:
            if sum(one.seconds for one in mine if one.revolution == revolution) > 240:
                return False
    return True


@settings(max_examples=draws(200, 25), deadline=None)
@given(ACQUISITIONS, st.sampled_from([None, 0, 1, 2]))
def test_no_choice_shows_more_and_satellites_can_do_it(found, most):
    weights = np.ones((KM, 24))
    choice = choose(MADE, found, REQUESTS, weights, Budget(most, 10.0, 0.0))
    assert possible(found, choice.chosen, most)
    assert choice.shown == pytest.approx(worth(found, choice.chosen, REQUESTS))
    own = [at for at, one in enumerate(found) if not OBSERVERS[one.observer].sensor.systematic]
    best = max(
        worth(found, some, REQUESTS)
        for count in range(len(own) + 1)
        for some in itertools.combinations(own, count)
        if possible(found, some, most)
    )
    assert choice.shown == pytest.approx(best)
    assert choice.bound >= best - 1e-6
    assert choice.free == pytest.approx(worth(found, (), REQUESTS))
    # No order that adds nothing, and none of what needs none.
    assert all(
        worth(found, [other for other in choice.chosen if other != one], REQUESTS) < choice.shown
        for one in choice.chosen
    )
    for request in REQUESTS:
        missed, wanted = choice.missed[request.name]
        assert 0 <= missed <= wanted == (request.km[1] - request.km[0]) * 24 / request.every_hours


def test_conflicts_name_both_requests_and_why():
    requests = [
        TaskingRequest(name="wide", km=(0, 10), modes=("wide",)),
        TaskingRequest(name="fine", km=(0, 10), modes=("fine",), weight=2),
    ]
    found = [acquisition(0, 100, 0, 10), acquisition(1, 100, 0, 10)]
    choice = choose(MADE, found, requests, np.ones((KM, 24)), Budget())
    assert choice.chosen == (1,)
    (conflict,) = choice.conflicts
    assert conflict[:3] == ("wide", ("fine",), "A")
    assert (conflict.because, conflict.kilometres) == ("mode", 10)
    later = [acquisition(0, 100, 0, 10), acquisition(1, 40_000, 0, 10)]
    assert not choose(MADE, later, requests, np.ones((KM, 24)), Budget()).conflicts
    (scarce,) = choose(MADE, later, requests, np.ones((KM, 24)), Budget(1)).conflicts
    assert scarce.because == "passes"
    long = [acquisition(0, 100, 0, 10, seconds=200), acquisition(1, 400, 0, 10, seconds=200)]
    (tired,) = choose(MADE, long, requests, np.ones((KM, 24)), Budget()).conflicts
    assert tired.because == "minutes"


def test_weights_decide_where():
    found = [acquisition(0, 100, 0, 10), acquisition(0, 9_000, 15, 25)]
    weights = np.ones((KM, 24))
    for first, chosen in ((0, (0,)), (15, (1,))):
        other = weights.copy()
        other[first : first + 10] = 2.0
        assert choose(MADE, found, REQUESTS[:1], other, Budget(1)).chosen == chosen


def test_a_swath_that_is_put_somewhere_images_no_more_than_it_is_wide():
    three = elements(
        *((f"RCM-{one}", pair(RCM + one, 330.0, 10 + 120.0 * one, motion=14.92)) for one in range(3))
    )
    used = sensors.chosen(sensors.shipped(), ("SC30",))
    made = calendar(parse(three.encode(), "a"), used, points.of_line(1_200, 2_200), BEGIN, 2)
    some = made.every()
    found = acquisitions(made, some)
    assert len(found) > 10
    for one in found:
        radius = made.observers[one.observer].track.radius
        width = np.ptp(across(np.array(one.incidence), radius)) / 1_000
        assert width <= 125.1
        assert 0 < one.seconds < 200
        assert [km for first, last in one.runs() for km in range(first, last)] == one.km.tolist()
    # Whatever can be seen can be imaged, by one place of the swath or another.
    seen = {(int(o), int(p)) for o, p in zip(some.observer, some.point, strict=True)}
    assert {(one.observer, int(km)) for one in found for km in one.km} == seen


# Requests and files

TEXT = """[[request]]
name = "ice"
km = [2411, 2545]
modes = ["SC30"]
every_hours = 12
weight = 2
purpose = "vehicles on ice"
authority = "RCMP Act s. 18"
retention_days = 30
marking = "PB"
"""
TABLE = """name;from;to;modes;every_hours;weight;purpose;authority;retention_days;marking
ice;2411;2545;SC30;12;2;vehicles on ice;RCMP Act s. 18;30;PB
"""


@pytest.mark.parametrize(("name", "text"), [("a.toml", TEXT), ("a.csv", TABLE)])
def test_requests_are_read_from_both_forms(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    (one,) = tasking_requests.read(path, 6_438)
    assert one == TaskingRequest(
        name="ice",
        km=(2411, 2545),
        modes=("SC30",),
        every_hours=12,
        weight=2,
        purpose="vehicles on ice",
        authority="RCMP Act s. 18",
        retention_days=30,
        marking="PB",
    )


@pytest.mark.parametrize(
    "change",
    [
        ("[2411, 2545]", "[2545, 2411]"),
        ("[2411, 2545]", "[2411, 7000]"),
        ("every_hours = 12", "every_hours = 0"),
        ("weight = 2", "weight = -1"),
        ("retention_days = 30", "retention_days = 99999"),
        ('marking = "PB"', 'marking = "VERY SECRET"'),
        ('name = "ice"', ""),
        ("weight = 2", "colour = 2"),
        (TEXT, TEXT + TEXT),
        (TEXT, "request = 3"),
    ],
)
def test_requests_that_cannot_be_are_refused(tmp_path, change):
    path = tmp_path / "a.toml"
    path.write_text(TEXT.replace(*change), "utf-8")
    refused("satellites.bad-requests", tasking_requests.read, path, 6_438)


ORDER = Order(
    order="44322-20260531T115444Z-RCM-SC30",
    satellite="RCM-1",
    norad=44_322,
    sensor="RCM SC30",
    start=datetime(2026, 5, 31, 11, 54, 44, tzinfo=UTC),
    end=datetime(2026, 5, 31, 11, 55, 20, tzinfo=UTC),
    km=((2_000, 2_127), (2_130, 2_131)),
    incidence=(30.0, 39.4),
    side="right",
    flight="ascending",
    sun=-12.5,
    optical=False,
    resolution_m=30.0,
    requests=("=ice", "line"),
    purpose="vehicles on ice",
    authority="RCMP Act s. 18",
    retention_days=30,
    marking="PB",
    detects=0.5,
    width_m=1_000.0,
    sees=("vehicle",),
)
CONFLICT = RequestConflict(
    request="cut trails",
    against=("=ice", "line"),
    satellite="RCM-1",
    at=ORDER.start,
    because="mode",
    kilometres=40,
    marking="PC",
)
BOOK = OrderBook((ORDER,), (CONFLICT,))


def test_an_order_is_a_stac_item_and_comes_back_whole():
    data = order_files.collection(BOOK)
    (item,) = json.loads(data)["features"]
    assert item["stac_version"] == "1.1.0"
    assert {"id", "type", "geometry", "bbox", "properties", "links", "assets"} < item.keys()
    assert item["properties"]["datetime"] == "2026-05-31T11:55:02Z"
    extensions = {one.split("/")[3] for one in item["stac_extensions"]}
    assert {one.split(":")[0] for one in item["properties"] if ":" in one} == extensions | {"watchfloor"}
    assert item["properties"]["order:status"] == "orderable"
    assert [len(line) > 1 for line in item["geometry"]["coordinates"]] == [True, True]
    west, south, east, north = item["bbox"]
    assert west < east
    assert south <= north
    assert order_files.read(data, "a") == BOOK
    assert "cut trails" not in json.dumps(item)
    whole = json.loads(data)
    assert whole["watchfloor:marking"].startswith("PC")
    assert whole["watchfloor:conflicts"][0]["marking"] == "PC"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_table_is_a_formula_and_numbers_stay(start):
    said = f"{start}cmd|' /C calc'!A0"
    one = replace(ORDER, purpose=said, authority=said, requests=(said,), satellite=said)
    text = order_files.table([one], order_files.COLUMNS).decode("utf-8-sig")
    rows = csv.reader(io.StringIO(text, newline=""))
    (row,) = [dict(zip(order_files.COLUMNS, cells, strict=True)) for cells in [*rows][1:]]
    assert [row[name] for name in ("purpose", "authority", "requests", "satellite")] == [f"'{said}"] * 4
    assert row["sun"] == "-12.5"


def test_the_table_says_the_same_as_csv_and_as_a_workbook():
    heads = list(order_files.COLUMNS)
    text = order_files.table([ORDER], heads).decode("utf-8-sig").splitlines()
    assert text[0].startswith("order,satellite,norad,sensor,start")
    assert "2000-2127; 2130-2131" in text[1]
    assert "'=ice; line" in text[1]
    sheet = spreadsheet.read(order_files.workbook([ORDER], heads, "Orders"), "a.xlsx")
    assert list(sheet.names) == heads


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'{"features": [{}]}',
        b'{"features": 3}',
        order_files.collection(BOOK).replace(b"2127", b"99999"),
        order_files.collection(BOOK).replace(b'detects": 0.5', b'detects": 5'),
        order_files.collection(BOOK).replace(b'because": "mode"', b'because": 3'),
    ],
)
def test_what_holds_no_orders_is_refused(data):
    refused("satellites.no-orders-file", order_files.read, io.BytesIO(data).read(), "a.json")
