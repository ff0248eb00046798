"""`watchfloor weigh` as a person calls it: what it writes, what it refuses, nothing half-written."""

import json
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.cli import main

SUBJECTS = pa.list_(pa.string())


def table(count=4, **columns):
    base = {
        "signal_id": [f"s{n}" for n in range(count)],
        "desk": ["d"] * count,
        "subjects": pa.array([[f"person:x:{n // 2}"] for n in range(count)], SUBJECTS),
        "bits": [float(n) for n in range(count)],
        "origin": pa.array([None] * count, pa.string()),
        "source": ["s"] * count,
    }
    return pa.table(base | columns)


@pytest.fixture
def weigh(tmp_path, monkeypatch, capsys):
    """Run the command on a table or bytes; gives its exit code, output and the file of leads."""

    def run(signals, *options, name="signals.parquet", output=True):
        path, leads = tmp_path / name, tmp_path / "leads.parquet"
        if isinstance(signals, pa.Table):
            pq.write_table(signals, path)
        else:
            path.write_bytes(signals)
        into = ["-o", str(leads)] if output else []
        monkeypatch.setattr(sys, "argv", ["watchfloor", "weigh", str(path), *into, *options])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not list(tmp_path.glob(".*part")), "a part was left behind"
        printed = capsys.readouterr()
        return ended.value.code or 0, printed.out, printed.err, leads

    return run


def test_leads_are_written_and_summed_up(weigh):
    code, out, _, leads = weigh(table(), "--json")
    assert code == 0
    said = json.loads(out)
    assert (said["signals"], said["leads"], said["prior"]) == (4, 2, 0.03)
    rows = pq.read_table(leads).to_pylist()
    assert [row["bits"] for row in rows] == [5.0, 1.0]
    assert list(rows[0]) == ["lead_id", "subjects", "probability", "bits", "contributions"]


def test_a_table_for_people(weigh):
    code, out, err, leads = weigh(table(), output=False)
    assert code == 0
    assert "person:x:1" in out
    assert "4 signals about 2 subjects: 2 leads, prior 0.03" in err
    assert not leads.exists()


def test_csv_is_read_too(weigh):
    text = (
        "Signal_ID,desk,subjects,bits,origin,source,at\n"
        "a,d,person:x:1; phone:e164:1,2.5,,s,2026-01-01T00:00:00Z\n"
        "b,d,person:x:1,-1e0,,s,\n"
        "c,d,,1,,s,\n"
    )
    code, _, _, leads = weigh(text.encode(), name="signals.csv")
    assert code == 0
    rows = pq.read_table(leads).to_pylist()
    assert [row["bits"] for row in rows] == [1.0, 0.5]
    assert rows[1]["subjects"] == ["person:x:1", "phone:e164:1"]


@pytest.mark.parametrize(
    ("signals", "said"),
    [
        (b"", "is empty"),
        (b"PAR1 and no more", "cannot be read"),
        (b"\x00\x01\x02\x03", ""),
        (table().drop_columns(["bits"]), "has no column bits"),
        (table(bits=["x"] * 4), "column bits holds string, not numbers"),
        (table(subjects=["person:x:1"] * 4), "column subjects holds string, not lists of text"),
        (table(0), "holds no signals"),
        (
            table(bits=[0.0, float("nan"), 1.0, float("inf")]),
            "signals.parquet, row 2 (s1): its bits are no finite",
        ),
        (table(signal_id=["a", "b", "c", "a"]), "row 1 (a): its signal_id stands in several rows"),
        (
            table(subjects=pa.array([[f"person:x:{n}" for n in range(1_000_000)], [], [], []], SUBJECTS)),
            "more than 1,000 subjects",
        ),
        (b"signal_id,desk,subjects,bits,origin,source\na,d,person:x:1,plenty,,s\n", "row 1 (a): its bits"),
    ],
)
def test_what_cannot_be_weighed_is_told_in_a_sentence_and_nothing_is_written(weigh, signals, said):
    code, out, err, leads = weigh(signals)
    assert code == 2
    assert said in err.replace("\n", " ")
    assert "Traceback" not in err
    assert out == ""
    assert not leads.exists()


def test_an_earlier_file_of_leads_is_left_alone_by_a_failure(weigh):
    *_, leads = weigh(table())
    before = leads.read_bytes()
    assert weigh(table(bits=[float("nan")] * 4))[0] == 2
    assert leads.read_bytes() == before


def test_bad_rows_go_into_quarantine_with_the_reason(weigh, tmp_path):
    aside = tmp_path / "aside.parquet"
    code, _, err, leads = weigh(table(bits=[0.0, float("nan"), 1.0, 2.0]), "--quarantine", str(aside))
    assert code == 1
    assert "row 2 (s1)" in err
    (row,) = pq.read_table(aside).to_pylist()
    assert (row["signal_id"], row["quarantine_row"]) == ("s1", 2)
    assert "no finite number" in row["quarantine_reason"]
    kept = [part["signal_id"] for lead in pq.read_table(leads).to_pylist() for part in lead["contributions"]]
    assert sorted(kept) == ["s0", "s2", "s3"]


def test_nothing_good_left_is_told(weigh, tmp_path):
    aside = tmp_path / "aside.parquet"
    code, _, err, leads = weigh(table(bits=[float("nan")] * 4), "--quarantine", str(aside))
    assert code == 2
    assert "no row" in err
    assert aside.exists()
    assert not leads.exists()


@pytest.mark.parametrize(
    ("options", "ends", "said"),
    [
        (("--prior", "0"), 2, "a probability lies between 0 and 1"),
        (("--prior", "nan"), 2, "a probability lies between 0 and 1"),
        (("--hub", "nan"), 2, "give a number of bits"),
        (("--quarantine", "no/such/folder/file"), 4, "make it first"),
    ],
)
def test_options_that_cannot_be_meant(weigh, options, ends, said):
    code, _, err, _ = weigh(table(), *options)
    assert code == ends
    assert said in err.replace("\n", " ")


def test_the_signals_are_never_overwritten(weigh, tmp_path):
    code, _, err, _ = weigh(table(), "-o", str(tmp_path / "signals.parquet"), output=False)
    assert code == 2
    assert "different files" in err.replace("\n", " ")


def test_french(weigh):
    *_, leads = weigh(table(origin=pa.array([None, "s0", None, "s2"], pa.string())), "--lang", "fr")
    notes = [part["note"] for lead in pq.read_table(leads).to_pylist() for part in lead["contributions"]]
    assert any(note and note.startswith("repose sur") for note in notes)


@settings(max_examples=draws(20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300) | st.text("abc,;\"\n\t'1.-", max_size=200).map(str.encode))
def test_any_bytes_end_in_a_sentence(weigh, content):
    code, _, err, leads = weigh(content)
    assert code == 2
    assert err.startswith("watchfloor:")
    assert not leads.exists()


@settings(max_examples=draws(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_parquet_file_ends_in_a_sentence_or_in_leads(weigh, tmp_path, data):
    pq.write_table(table(), tmp_path / "whole.parquet")
    content = bytearray((tmp_path / "whole.parquet").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    code, _, err, _ = weigh(bytes(content))
    assert code in (0, 2)
    assert code == 0 or "watchfloor:" in err
