from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core.kinds import OUTCOME
from watchfloor.core.results import RESULTS
from watchfloor.formats.base import HEAD_BYTES, Batch, Fault, FormatError, Head
from watchfloor.formats.registry import recognise
from watchfloor.formats.tabular.own_csv import TABLES
from watchfloor.formats.tabular.propose import propose

TABLE = TABLES["outcome"]
TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
OUTCOMES = st.fixed_dictionaries(
    {
        "report_key": TEXT,
        "origins": st.lists(TEXT, max_size=2),
        "observed_at": st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001
        "lead": st.text("0123456789abcdef", min_size=12, max_size=12),
        "result": st.sampled_from(list(RESULTS)),
        "task": st.none() | TEXT,
        "why": st.none() | TEXT,
        "by": TEXT,
    }
)
HEADER = b"lead,result,by,observed_at,why\n"


def written(outcomes):
    rows = [{"locator": "", "hypothesis": "", "subjects": [], **one} for one in outcomes]
    out = BytesIO()
    TABLE.write([Batch(OUTCOME, pa.Table.from_pylist(rows, schema=OUTCOME.body))], out)
    return out.getvalue()


def read(data):
    found = list(TABLE.read(BytesIO(data), "o.csv"))
    rows = [row for item in found if isinstance(item, Batch) for row in item.rows.to_pylist()]
    return rows, [item for item in found if isinstance(item, Fault)]


@settings(deadline=None, max_examples=draws(200))
@given(st.lists(OUTCOMES, max_size=5))
def test_what_is_written_is_read_back(outcomes):
    rows, faults = read(written(outcomes))
    assert not faults
    assert [{name: row[name] for name in TABLE.columns} for row in rows] == outcomes


@settings(deadline=None, max_examples=draws(50))
@given(st.lists(OUTCOMES, max_size=3))
def test_what_is_written_is_recognised(outcomes):
    form = recognise(Head("o.csv", written(outcomes)[:HEAD_BYTES]))
    assert form is not None
    assert form.name == "outcome-csv"


def test_what_a_result_says_is_looked_up_and_never_delivered():
    rows, _ = read(HEADER + b"".join(b"aa,%s,Roy,2026-11-24,\n" % name.encode() for name in RESULTS))
    assert {row["result"]: row["true"] for row in rows} == {
        "seized": True,
        "arrested": True,
        "charged": True,
        "cleared": False,
        "unfounded": False,
        "examined": None,
        "not-examined": None,
        "not-acted-on": None,
    }
    with pytest.raises(FormatError, match="column 'true' that an outcome has not"):
        read(b"lead,result,by,observed_at,true\n")


def test_two_officers_make_two_reports_and_one_officer_one():
    rows, _ = read(
        HEADER
        + b"aa,seized,Roy,2026-11-24,\naa,Not examined,Lee,2026-11-24,ice\naa,cleared,Roy,2026-11-25,\n"
    )
    assert [row["report_key"] for row in rows] == ["aa:Roy", "aa:Lee", "aa:Roy"]
    assert rows[1]["result"] == "not-examined"


def test_bad_rows_are_faults_with_a_reason():
    rows, faults = read(
        HEADER
        + b"aa,siezed,Roy,2026-11-24,\n,seized,Roy,2026-11-24,\naa,seized,,2026-11-24,\naa,seized,Roy,,\n"
    )
    assert not rows
    reasons = {fault.locator: fault.reason for fault in faults}
    assert "did you mean 'seized'" in reasons["line 2"]
    assert [reasons[f"line {n}"] for n in (3, 4, 5)] == [
        f"{name}: is empty" for name in ("lead", "by", "observed_at")
    ]


def test_that_a_transaction_was_reported_is_no_result():
    _, faults = read(HEADER + b"aa,suspicious transaction report filed,Roy,2026-11-24,\n")
    assert "is no result" in faults[0].reason


@pytest.mark.parametrize("data", [b"", b"id,name\n1,x\n", b"<xml/>", b"PK\x03\x04", b"lead,by\n"])
def test_other_files_are_not(data):
    assert TABLE.sniff(Head("o.csv", data)) == 0.0


def test_a_missing_column_is_named():
    with pytest.raises(FormatError, match=r"no column 'result'; did you mean 'resulted'.*--kind outcome"):
        read(b"lead,resulted,by,observed_at\n")


def test_a_table_of_another_service_is_proposed_a_mapping():
    cells = pa.table(
        {"Signalement": ["aa"], "Résultat": ["seized"], "Agent": ["Roy"], "Date": ["2026-11-24"]}
    )
    proposal = propose("outcome", cells, "constats.csv", "2026-11-24")
    assert not proposal.missing
    assert proposal.mapping.fields["lead"] == "Signalement"
    assert set(proposal.mapping.fields) == {"lead", "result", "by", "observed_at"}


@settings(deadline=None, max_examples=draws(200))
@given(st.data())
def test_damage_gives_faults_or_a_format_error(data):
    good = data.draw(st.lists(OUTCOMES, min_size=1, max_size=3).map(written))
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(0, 3))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    with suppress(FormatError):
        read(bytes(damaged[: data.draw(st.integers(0, len(good)))]))
