"""Many positions written at once are, byte for byte, what each is alone."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.core.kinds import DETECTION
from watchfloor.formats.base import Batch
from watchfloor.formats.sensors.ais.write import sentences, write

NUMBERS = st.floats(-400, 400, allow_nan=False).map(lambda number: round(number, 6))
START = datetime(2026, 11, 20, tzinfo=UTC)
ROW = st.fixed_dictionaries(
    {
        "says": st.sampled_from(
            ['{"type":1}', '{"type":18}', '{"type":5}', '{"type":1,"accurate":true}', None]
        ),
        "latitude": st.none() | NUMBERS,
        "longitude": st.none() | NUMBERS,
        "speed": st.none() | NUMBERS,
        "course": st.none() | NUMBERS,
        "heading": st.none() | st.just(12.0),
        "status": st.none() | st.just("at anchor"),
        "name": st.none() | st.just("TERN"),
        "claimed": st.integers(0, 999_999_999).map(lambda number: f"vessel:mmsi:{number:09}"),
        "sensor": st.sampled_from([None, "", "a", "ais-east", "récepteur"]),
        "observed_at": st.sampled_from(
            [
                START,
                START + timedelta(seconds=61),
                START + timedelta(milliseconds=5),
                datetime(1999, 1, 1, tzinfo=UTC),
            ]
        ),
    }
)


@given(st.lists(ROW, max_size=12), st.integers(0, 30))
def test_written_at_once_or_one_by_one_is_the_same(rows, before):
    plain = dict.fromkeys(DETECTION.body.names) | {"origins": [], "locator": "", "report_key": ""}
    made = [plain | row for row in rows]
    table = pa.Table.from_pylist(made, pa.schema([one.with_nullable(True) for one in DETECTION.body]))
    other = [plain | {"claimed": "vessel:mmsi:316000001", "name": "A", "observed_at": START}] * before
    ahead = pa.Table.from_pylist(other, table.schema)
    stream = BytesIO()
    write([Batch(DETECTION, ahead), Batch(DETECTION, table)], stream)
    told = [sentences(row, n % 10) for n, row in enumerate([*other, *made])]
    assert stream.getvalue() == b"".join(line.encode() + b"\n" for lines in told for line in lines)
