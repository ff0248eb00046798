"""What subjects are called: looked up one by one, and read from all records at once."""

from datetime import UTC, datetime

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cell.toy import OFFICER
from tests.thorough import draws

from watchfloor.cell.identity.names import NAMED, Name, called, called_in
from watchfloor.core.kinds import PARTY
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

SEES = datetime(2026, 3, 1, tzinfo=UTC)
READERS = [Reader("officer", purpose="test"), Reader("few", protected=0, tlp=1, purpose="test")]
MARKINGS = st.sampled_from(["U//TLP:GREEN", "PB//TLP:AMBER"])
ROWS = st.lists(
    st.tuples(
        st.integers(0, 3), st.sampled_from(["Ann", " ", "Bob", "Ève <b>", ""]), MARKINGS, st.integers(0, 5)
    ),
    min_size=1,
    max_size=12,
)
_WRITTEN = pa.schema(
    [field for field in PARTY.schema if field.name not in ("record_id", "delivery", "source")]
)


def made(path, rows):
    floor = Floor.create(path, OFFICER)
    with floor.writer(OFFICER) as writer:
        for n, (who, name, marking, key) in enumerate(rows):
            row = {
                "report_key": f"k{key}", "origins": [], "observed_at": SEES, "marking": marking,
                "locator": str(n), "subject": f"person:scans:{who}", "role": "payee", "name": name,
            }  # fmt: skip
            writer.append("party", pa.Table.from_pylist([row], schema=_WRITTEN), source="scans")
    return floor


@settings(max_examples=draws(12), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_both_ways_give_the_name_of_the_last_visible_record_that_stands(rows, tmp_path_factory):
    floor = made(tmp_path_factory.mktemp("names") / "floor", rows)
    subjects = [f"person:scans:{n}" for n in range(5)]
    for reader in READERS:
        whole = called_in(floor.read("party", reader, columns=NAMED, latest=True))
        assert called(floor, reader, subjects) == whole
        standing = floor.read("party", reader, latest=True).to_pylist()
        expected = {
            row["subject"]: Name(row["name"], row["marking"]) for row in standing if row["name"].strip()
        }
        assert whole == expected
