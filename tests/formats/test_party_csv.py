from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core.kinds import PARTY
from watchfloor.formats.base import HEAD_BYTES, Batch, Fault, FormatError, Head
from watchfloor.formats.tabular.own_csv import TABLES

TABLE = TABLES["party"]
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)
NAME = TEXT.filter(lambda text: bool(text.strip()))
PARTIES = st.fixed_dictionaries(
    {
        "report_key": st.none() | TEXT,
        "origins": st.lists(TEXT, max_size=2),
        "observed_at": st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001
        "subject": st.none() | st.just("person:visa-office:T-0012"),
        "role": NAME,
        "name": NAME,
        "schema": st.none() | st.sampled_from(["Person", "Company", "Organization", "Vessel"]),
        "birth_date": st.none() | st.sampled_from(["1971", "1971-05", "1971-05-02"]),
        "country": st.none() | st.sampled_from(["CA", "FR"]),
        "identifiers": st.lists(
            st.fixed_dictionaries({"system": TEXT, "number": TEXT, "owner": st.none() | TEXT}), max_size=2
        ),
        "context": st.none() | TEXT,
    }
)


def written(parties):
    out = BytesIO()
    rows = [{"locator": "", **party} for party in parties]
    TABLE.write([Batch(PARTY, pa.Table.from_pylist(rows, schema=PARTY.body))], out)
    return out.getvalue()


def read(data):
    found = list(TABLE.read(BytesIO(data), "p.csv"))
    rows = [row for item in found if isinstance(item, Batch) for row in item.rows.to_pylist()]
    return rows, [item for item in found if isinstance(item, Fault)]


@settings(deadline=None, max_examples=draws(200))
@given(st.lists(PARTIES, max_size=5))
def test_what_is_written_is_read_back(parties):
    rows, faults = read(written(parties))
    assert not faults
    assert [{name: row[name] for name in TABLE.columns} for row in rows] == parties


@settings(deadline=None, max_examples=draws(100))
@given(st.lists(PARTIES, max_size=3))
def test_what_is_written_is_recognised(parties):
    assert TABLE.sniff(Head("p.csv", written(parties)[:HEAD_BYTES])) > 0.9


@pytest.mark.parametrize("data", [b"", b"id,name\n1,x\n", b"<xml/>", b"PK\x03\x04", b"\xff\xfe\x00"])
def test_other_files_are_not(data):
    assert TABLE.sniff(Head("p.csv", data)) == 0.0


def test_a_missing_column_is_named():
    with pytest.raises(FormatError, match=r"no column 'role'; did you mean 'roll'\?.*watchfloor feeds map"):
        read(b"name,roll,observed_at\n")


def test_an_unknown_column_is_named():
    with pytest.raises(
        FormatError, match=r"column 'brith_date' that a party has not; did you mean 'birth_date'"
    ):
        read(b"name,role,observed_at,brith_date\n")


def test_faults_of_every_sort():
    rows, faults = read(
        b"name,role,observed_at,birth_date,subject\n"
        b"Ann,payee,2026-11-24,1971-02-30,\n"
        b" ,payee,2026-11-24,,\n"
        b"Bo,payee,,,\n"
        b"Cy,payee,2026-11-24,,vessel:imo:9074728\n"
        b"Di,payee\n"
    )
    assert not rows
    assert sorted(fault.locator for fault in faults) == [f"line {number}" for number in (2, 3, 4, 5, 6)]


@settings(deadline=None, max_examples=draws(200))
@given(st.data())
def test_damage_gives_faults_or_a_format_error(data):
    good = data.draw(st.lists(PARTIES, min_size=1, max_size=3).map(written))
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(0, 3))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    with suppress(FormatError):
        read(bytes(damaged[: data.draw(st.integers(0, len(good)))]))
