"""Small worlds of rows with subjects, texts, windows and places, drawn by hypothesis, and a floor of them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pyarrow as pa
from hypothesis import strategies as st

from watchfloor.core.derived import SIGNAL
from watchfloor.core.kinds import KINDS
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor
from watchfloor.store.index.places import Box

ACTOR = Actor("clerk", "test", "none needed")
READER = Reader("analyst", tlp=2)
OPEN, DATED, HIDDEN = "PB//TLP:AMBER", "PB//TLP:AMBER//UNTIL:2030-01-01", "PB//TLP:RED"
START = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = "ferry landing grey van quebec night".split()
WORLD = Box(-180.0, -90.0, 180.0, 90.0)
SUBJECTS = [f"vessel:feed:{number}" for number in range(4)]


@dataclass(frozen=True)
class Row:
    """What differs between the rows of a world."""

    kind: str
    key: int | None
    marking: str
    words: tuple[str, ...]
    subject: str
    hour: int
    hours: int
    latitude: float
    longitude: float
    radius: float


MARKINGS = st.sampled_from([OPEN, OPEN, DATED, HIDDEN])
DEGREES = st.floats(-90, 90) | st.sampled_from([-90.0, 90.0, 0.0])
LONGITUDES = st.floats(-180, 180) | st.sampled_from([-180.0, 180.0, 179.999])
ROWS = st.builds(
    Row,
    kind=st.sampled_from(["party", "report", "disclosure"]),
    key=st.none() | st.integers(0, 1),
    marking=MARKINGS,
    words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(tuple),
    subject=st.sampled_from(SUBJECTS),
    hour=st.integers(0, 40),
    hours=st.integers(0, 10),
    latitude=DEGREES,
    longitude=LONGITUDES,
    radius=st.floats(0, 3e6) | st.just(0.0),
)
DELIVERIES = st.lists(st.lists(ROWS, min_size=2, max_size=6), min_size=1, max_size=4)


def table(kind, rows, first=0):
    """Rows of one kind as a feed brings them; each has a locator of its own."""
    made = []
    for number, row in enumerate(rows, first):
        since = START + timedelta(hours=row.hour)
        values = {"report_key": None if row.key is None else f"r{row.key}", "marking": row.marking}
        values |= {"locator": f"line {number}", "observed_at": since, "origins": [], "source": "feed"}
        made.append(_BLANK[kind] | values | _OWN[kind](row, since))
    return pa.Table.from_pylist(made, KINDS[kind].schema).drop_columns(["record_id", "delivery"])


def _blank(kind):
    """A value for each column that may not be null."""
    plain = {
        pa.string(): "",
        pa.bool_(): False,
        pa.int32(): 0,
        pa.binary(16): bytes(16),
        pa.binary(32): bytes(32),
    }
    return {field.name: None if field.nullable else plain.get(field.type, []) for field in KINDS[kind].schema}


_BLANK = {kind: _blank(kind) for kind in ("party", "report", "disclosure")}
_OWN = {
    "party": lambda row, since: {"subject": row.subject, "name": " ".join(row.words), "role": "payee"},
    "report": lambda row, since: {
        "title": row.words[0],
        "portions": [{"marking": None, "page": 1, "text": word} for word in row.words[1:]],
        "subjects": [row.subject],
    },
    "disclosure": lambda row, since: {
        "subjects": [row.subject],
        "since": since,
        "until": since + timedelta(hours=row.hours),
        "latitude": row.latitude,
        "longitude": row.longitude,
        "radius": row.radius,
    },
}


def floor_of(folder, deliveries, key=None):
    """A floor with these deliveries; one with another's key gives equal rows equal ids."""
    floor = Floor.create(folder, ACTOR, exercise=True)
    if key is not None:
        (folder / "key").write_bytes(key)
        floor = Floor(folder, floor.settings, key)
    with floor.writer(ACTOR) as writer:
        for number, rows in enumerate(deliveries):
            deliver(writer, rows, f"delivery {number}")
    return floor


def deliver(writer, rows, name="a delivery", first=0):
    with writer.delivery("feed", name, BytesIO(name.encode())) as intake:
        for kind in ("party", "report", "disclosure"):
            mine = [row for row in rows if row.kind == kind]
            if mine:
                intake.accept(kind, table(kind, mine, first))


def signal(number, subject, evidence, **values):
    """A signal about a subject."""
    row = {
        "row_id": number.to_bytes(16, "big"),
        "revision": 0,
        "at": START + timedelta(hours=number % 100),
        "retracted": False,
        "desk": "toy",
        "rule": "seen",
        "subjects": [subject],
        "strength": "match",
        "reason": {"message": "toy", "params": "{}"},
        "evidence": evidence,
        "coverage": [],
        "origins": [],
        "marking": OPEN,
    }
    return dict.fromkeys(SIGNAL.names) | row | values


def signals(*rows):
    return {"signal": pa.Table.from_pylist(list(rows), SIGNAL)}


def kept_signal(floor, *numbered):
    """Keep a run of signals about the first subject, each a number and the records it rests on."""
    with floor.writer(ACTOR) as writer:
        made = signals(*(signal(number, SUBJECTS[0], evidence) for number, evidence in numbered))
        return writer.keep_run("toy", "1", floor.position, {}, made)
