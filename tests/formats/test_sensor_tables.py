"""Coverage of sensors and weather as CSV in our own columns, and what other people call these columns."""

from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core.kinds import KINDS
from watchfloor.formats.base import HEAD_BYTES, Batch, Fault, FormatError, Head
from watchfloor.formats.registry import recognise
from watchfloor.formats.tabular.fields import PRECIPITATION, SENSORS, STATES
from watchfloor.formats.tabular.own_csv import TABLES
from watchfloor.formats.tabular.propose import propose

TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
MAYBE = st.none() | TEXT
REAL = st.none() | st.floats(-1e6, 1e6)
SIZE = st.none() | st.floats(0, 1e6)
ANGLE = st.none() | st.floats(0, 360)
MOMENT = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
BOTH = {
    "report_key": MAYBE,
    "origins": st.lists(TEXT, max_size=2),
    "observed_at": MOMENT,
    "received_at": st.none() | MOMENT,
    "until": st.none() | MOMENT,
    "latitude": st.none() | st.floats(-90, 90),
    "longitude": st.none() | st.floats(-180, 180),
}
ROWS = {
    "coverage": st.fixed_dictionaries(
        {
            **BOTH,
            "sensor": TEXT,
            "scan": st.none() | st.integers(-(2**63), 2**63 - 1),
            "state": st.sampled_from(STATES),
            "mode": MAYBE,
            "altitude": REAL,
            "nearest": SIZE,
            "farthest": SIZE,
            "azimuth_from": ANGLE,
            "azimuth_to": ANGLE,
            "detects": st.none() | st.floats(0, 1),
            "weather": MAYBE,
            "class": st.none() | st.sampled_from(SENSORS),
            "says": MAYBE,
            "authority": MAYBE,
        }
    ),
    "weather": st.fixed_dictionaries(
        {
            **BOTH,
            "station": TEXT,
            "radius": SIZE,
            "temperature": st.none() | st.floats(-90, 60),
            "wind_speed": SIZE,
            "wind_from": ANGLE,
            "visibility": SIZE,
            "precipitation": st.none() | st.sampled_from(PRECIPITATION),
            "water_temperature": st.none() | st.floats(-2, 40),
            "ice": SIZE,
            "wave_height": SIZE,
            "ceiling": SIZE,
        }
    ),
}
MODULES = {kind: TABLES[kind] for kind in ("coverage", "weather")}
every = pytest.mark.parametrize("kind", MODULES)


def written(kind, rows):
    out = BytesIO()
    table = pa.Table.from_pylist([{"locator": "", **row} for row in rows], schema=KINDS[kind].body)
    MODULES[kind].write([Batch(KINDS[kind], table)], out)
    return out.getvalue()


def read(kind, data):
    found = list(MODULES[kind].read(BytesIO(data), "t.csv"))
    rows = [row for item in found if isinstance(item, Batch) for row in item.rows.to_pylist()]
    return rows, [item for item in found if isinstance(item, Fault)]


@every
@settings(deadline=None, max_examples=draws(40))
@given(data=st.data())
def test_what_is_written_is_recognised_and_read_back(kind, data):
    rows = data.draw(st.lists(ROWS[kind], max_size=3))
    text = written(kind, rows)
    found, faults = read(kind, text)
    assert not faults
    assert [{name: row[name] for name in MODULES[kind].columns} for row in found] == rows
    form = recognise(Head("t.csv", text[:HEAD_BYTES]))
    assert form is not None
    assert form.name == f"{kind}-csv"


@every
@settings(deadline=None, max_examples=draws(40))
@given(data=st.data())
def test_damage_gives_faults_or_a_format_error(kind, data):
    damaged = bytearray(written(kind, data.draw(st.lists(ROWS[kind], min_size=1, max_size=2))))
    for _ in range(data.draw(st.integers(0, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    with suppress(FormatError):
        read(kind, bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))


def test_bad_values_are_faults_with_a_reason():
    _, faults = read(
        "weather",
        b"observed_at,station,latitude,temperature,ice,precipitation\n"
        b"2026-11-24T10:00:00Z,A,91,1,1,snow\n"
        b"2026-11-24T10:00:00Z,A,45,cold,1,snow\n"
        b"2026-11-24T10:00:00Z,A,45,inf,1,snow\n"
        b"2026-11-24T10:00:00Z,A,45,1,-1,snow\n"
        b"2026-11-24T10:00:00Z,A,45,1,1,Freezing rain\n"
        b"2026-11-24T10:00:00Z,,45,1,1,hail\n",
    )
    assert [(one.locator, one.reason.split(";")[0]) for one in faults] == [
        ("line 2", "latitude: '91' is out of range (-90 to 90)"),
        ("line 3", "temperature: 'cold' is no number such as 12.5"),
        ("line 4", "temperature: 'inf' is no finite number from -100 to 100"),
        ("line 5", "ice: '-1' is no finite number, 0 or more"),
        ("line 7", "station: is empty"),
    ]


def test_whole_numbers():
    _, faults = read(
        "coverage",
        b"observed_at,sensor,state,scan\n2026-11-24,a,looking,1.5\n2026-11-24,a,off,9223372036854775808\n"
        b"2026-11-24,a,gone, 7 \n",
    )
    assert [one.reason for one in faults] == [
        "scan: '1.5' is no whole number such as 12",
        "scan: '9223372036854775808' is no whole number such as 12",
    ]


def test_tables_in_other_words_are_proposed_a_mapping():
    found = propose(
        "coverage",
        pa.table({"Capteur": ["T1"], "Début": ["2026-11-24"], "Fin": ["2026-11-25"], "État": ["off"]}),
        "tours.csv",
        "2026-11-24",
    )
    assert not found.missing
    assert set(found.mapping.fields) == {"sensor", "observed_at", "until", "state"}
    found = propose(
        "weather",
        pa.table({"Station": ["YCC"], "Date": ["2026-11-24"], "Température": ["-3"], "Vent": ["5"]}),
        "meteo.csv",
        "2026-11-24",
    )
    assert not found.missing
    assert set(found.mapping.fields) == {"station", "observed_at", "temperature", "wind_speed"}
    found = propose(
        "detection", pa.table({"t": ["2026-11-24"], "Lat": ["45"], "SOG": ["3"]}), "d.csv", "2026-11-24"
    )
    assert set(found.mapping.fields) == {"observed_at", "latitude", "speed"}
