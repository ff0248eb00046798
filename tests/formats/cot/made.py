"""Cursor on Target events: some written out, and rows for a strategy."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
from hypothesis import strategies as st

from watchfloor.core.kinds import DETECTION
from watchfloor.formats.base import Batch
from watchfloor.formats.sensors.cot import stream
from watchfloor.formats.sensors.wires.batch import Heard

TIME = datetime(2026, 11, 20, 14, 3, 0, 250_000, UTC)
TIMES = 'time="2026-11-20T14:03:00.25Z" start="2026-11-20T14:03:00.25Z" stale="2026-11-20T14:08:00.25Z"'
POINT = '<point lat="45.015" lon="-74.73" hae="60.5" ce="12" le="20"/>'


def event(
    detail: str = "",
    type_: str = "a-f-G-U-C",
    uid: str = "ANDROID-1",
    point: str = POINT,
    more: str = 'how="m-g"',
) -> bytes:
    head = f'<event version="2.0" uid="{uid}" type="{type_}" {TIMES} {more}>'
    return f"{head}{point}<detail>{detail}</detail></event>".encode()


def read(*messages: bytes) -> tuple[list[dict], list[str]]:
    """Rows, plain ones before those with a marking of their own, and reasons of faults."""
    found = stream.read([Heard(None, messages, list(range(len(messages))))])
    rows = [row for one in found.read for row in one.rows.to_pylist()]
    return rows, [fault.reason for _, fault in found.faults]


def said(row: dict) -> dict:
    return {name: value for name, value in row.items() if value is not None}


def batch(*rows: dict) -> Batch:
    """Rows of `detection`; a column `marking` where one has it."""
    table = pa.Table.from_pylist(
        [{"locator": "row 1", "observed_at": TIME} | row for row in rows], DETECTION.body
    )
    if any("marking" in row for row in rows):
        table = table.append_column("marking", pa.array([row.get("marking") for row in rows], pa.string()))
    return Batch(DETECTION, table)


TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=9
)
_SHARE = st.integers(0, 1000).map(lambda x: x / 1000)
_MILLI = st.integers(1, 10_000_000).map(lambda x: x / 1000)


@st.composite
def rows(draw) -> dict:
    """A row of `detection` of another format."""
    east, north = draw(_MILLI), draw(_MILLI)
    optional = {
        "sensor": TEXT,
        "altitude": st.integers(-500_000, 20_000_000).map(lambda x: x / 1000),
        "speed": _MILLI.filter(lambda x: x < 1e3),
        "course": st.integers(0, 359_999).map(lambda x: x / 1000),
        "climb": st.integers(-50_000, 50_000).map(lambda x: x / 1000),
        "class": st.sampled_from("person group vehicle boat aircraft drone animal unknown".split()),
        "class_confidence": _SHARE,
        "confidence": _SHARE,
        "name": TEXT,
        "authority": TEXT,
        "claimed": st.just("vessel:mmsi:316001234"),
        "marking": st.sampled_from(["PB//TLP:AMBER//REL:CAN,USA", "U//TLP:CLEAR", "S//TLP:RED//CAVEAT:X"]),
        "var_east": st.just(east),
    }
    row = {name: draw(of) for name, of in optional.items() if draw(st.booleans())}
    if "var_east" in row:
        row |= {"var_north": draw(st.sampled_from([east, north]))}
        row |= {"cov_east_north": draw(st.floats(-0.99, 0.99)) * (row["var_east"] * row["var_north"]) ** 0.5}
    return row | {
        "object": draw(TEXT),
        "latitude": draw(st.integers(-9_000_000_000, 9_000_000_000)) / 1e8,
        "longitude": draw(st.integers(-18_000_000_000, 18_000_000_000).filter(bool)) / 1e8,
        "observed_at": TIME + timedelta(milliseconds=draw(st.integers(0, 10**9))),
    }
