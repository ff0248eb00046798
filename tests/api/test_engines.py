"""Engines as libraries: each section of docs/engines.md runs as it is written, and answers as its command."""

import json
import re
import subprocess
import sys
import textwrap
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from random import Random

import msgspec
import pyarrow as pa
import pytest
from pyarrow.csv import write_csv
from pyarrow.parquet import read_table as read_parquet
from tests.cli.measurers import measured
from tests.formats.lists import JUSTICE
from typer.testing import CliRunner

from watchfloor.cell import weigh
from watchfloor.cli import app
from watchfloor.core.tables import as_table
from watchfloor.desks.finance import find_patterns, fit_payments, payment_features
from watchfloor.desks.finance.ledger import ViewError
from watchfloor.desks.finance.models.labels import ReportsAsLabelsError
from watchfloor.desks.finance.models.model import FitError
from watchfloor.desks.finance.payments import read_labels
from watchfloor.desks.lab.identify import identify
from watchfloor.desks.listings import Screener, screen
from watchfloor.desks.surveillance import track
from watchfloor.formats.base import FormatError
from watchfloor.reference.substances import QueryError, controlled, controlled_table
from watchfloor.scorecard import NoSuchClaimError, check_claims

PAGE = Path(__file__).parents[2] / "docs" / "engines.md"
SECTIONS = dict(part.split("\n", 1) for part in PAGE.read_text("utf-8").split("\n## ")[1:])
LIST = """id,name,aliases,weak_aliases,schema,birth_date,country,instrument
1,Zarbek Tolunay,Zarbek Ibn Tolunay,Zed,Person,1971-05-02,TR,An Act
2,Front of the Amber Dawn,,FAD,Organization,,,An Act
"""
NAMES = "id,name,birth_date\na,Tolunay Zarbek,1971-05-02\nb,Nobody Listed,May\n"


class Stream:
    """A frame of another library: all that is known of it is that it hands over Arrow columns."""

    def __init__(self, table):
        self.table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(section, capsys):
    """Execute the code of a section and return what it prints."""
    blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", SECTIONS[section], re.MULTILINE)
    exec(compile("\n".join(map(textwrap.dedent, blocks)), section, "exec"), {})
    return capsys.readouterr().out


def frames(table):
    """The same rows as every kind of table that can be given."""
    yield table
    yield Stream(table.cast(pa.schema([(one.name, pa.string_view()) for one in table.schema])))
    if find_spec("pandas"):
        yield table.to_pandas()


def test_names_are_screened_as_the_page_says(folder, capsys):
    (folder / "list.csv").write_text(LIST)
    (folder / "travellers.csv").write_text(NAMES)
    hit = {"id": "a", "entity_id": "1", "score": 0.99, "tier": "match"}
    note = "line 3: 'May' is no date such as 1971, 1971-05 or 1971-05-02; screened without it"
    assert run("Names against lists", capsys) == f"{[hit]} {(note,)}\n"


def test_names_and_lists_may_be_tables(folder):
    (folder / "list.csv").write_text(LIST)
    (folder / "travellers.csv").write_text(NAMES)
    expected = screen(Screener.of_lists([folder]), folder / "travellers.csv", language="fr")
    rows = [line.split(",") for line in LIST.splitlines()]
    listed = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    asked = pa.table({"id": ["a", "b"], "Name": ["Tolunay Zarbek", "Nobody Listed"]})
    asked = asked.append_column("birth_date", pa.array(["1971-05-02", "May"]))
    for lists in frames(pa.Table.from_pylist(listed)):
        screener = Screener.of_lists([lists])
        for names in frames(asked):
            answer = screen(screener, names, language="fr")
            assert answer.hits == expected.hits
            assert [one.replace("rangée 2", "ligne 3") for one in answer.notes] == [*expected.notes]
    with pytest.raises(FormatError, match="no column 'name'"):
        screen(screener, asked.rename_columns(["id", "nom", "birth_date"]))


def test_of_several_editions_that_of_the_day_is_screened(folder):
    (folder / "a.xml").write_text(JUSTICE)
    (folder / "b.xml").write_text(
        JUSTICE.replace("2026-01-10", "2026-02-10").replace("2026-01-20", "2026-02-20")
    )
    reports = []
    assert len(Screener.of_lists([folder], date(2026, 2, 15), report=reports.append))
    assert not reports
    assert len(Screener.of_lists([folder], date(2026, 2, 5), report=reports.append))
    assert "is not covered" in reports[0]
    with pytest.raises(FormatError):
        Screener.of_lists([pa.table({"id": pa.array([], pa.string()), "name": pa.array([], pa.string())})])


def walk(steps=20):
    """Rows of one person on foot who is seen by two sensors in turn, and one row without a place."""
    rows = [{"t": 2.0 * n, "sensor": "AB"[n % 2], "x": 5.0 * n, "y": 9.0 * n} for n in range(steps)]
    return pa.Table.from_pylist([*({**row, "class": "person"} for row in rows), {"t": 5.0, "sensor": "A"}])


def test_detections_are_tracked_as_the_page_says_and_as_the_command_does(folder, capsys):
    write_csv(walk(), folder / "detections.csv")
    shown, counts = run("Detections into tracks", capsys).splitlines()
    assert shown.startswith("[{'t': 10.0, 'track_id': 0, 'class': 'person'}, {'t': 20.0")
    assert counts.startswith("1 {")
    result = CliRunner().invoke(app, ["track", "detections.csv", "-o", "tracks.parquet", "--json"])
    assert result.exit_code == 1
    found = track("detections.csv")
    assert found.tracks == read_parquet("tracks.parquet")
    assert {**json.loads(result.stdout), "seconds": 0} == {**found.summary, "seconds": 0}
    assert found.summary["rows"] == found.tracks.num_rows > 10


def test_detections_may_be_a_table(folder):
    write_csv(walk(), folder / "detections.csv")
    expected = track("detections.csv").tracks
    for rows in (walk(), Stream(walk()), *([walk().to_pandas()] if find_spec("pandas") else [])):
        assert track(rows).tracks == expected
    with pytest.raises(FormatError, match="the table gives directions"):
        track(pa.table({"t": [1.0], "sensor": ["A"], "azimuth": [20.0]}))


def paid():
    """Payments of ten days between two banks, and on the eighth what one account sends out by six others."""
    random, start = Random(1), datetime(2026, 1, 1, tzinfo=UTC)
    hours = [24 * day + hour for day in range(20) for hour in range(10)]
    told = [
        (f"a{random.randrange(40)}", f"b{random.randrange(40)}", hour, random.uniform(20, 200))
        for hour in hours
    ]
    told += [("hub", f"m{k}", 200 + k / 10, 9000.0 + k) for k in range(6)]
    told += [(f"m{k}", "end", 201 + k / 10, 8900.0 + k) for k in range(6)]
    rows = [
        {
            "payment_id": f"p{number}",
            "at": start + timedelta(hours=hour),
            "payer": payer,
            "payee": payee,
            "amount": amount,
        }
        for number, (payer, payee, hour, amount) in enumerate(sorted(told, key=lambda one: one[2]))
    ]
    constant = {"payer_bank": "north", "payee_bank": "south", "currency": "CAD"}
    return pa.Table.from_pylist([{**row, **constant} for row in rows])


def test_payments_are_looked_at_as_the_page_says_and_as_the_command_does(folder, capsys):
    write_csv(paid(), folder / "payments.csv")
    first, second = run("Payments", capsys).splitlines()
    assert first.startswith("{'fan-out': 1, 'fan-in': 1} [{'typology': 'fan-out', 'payment_ids': ['p")
    assert second.startswith("['payment_id', 'payer_")
    result = CliRunner().invoke(app, ["finance", "patterns", "payments.csv", "-o", "found.parquet"])
    assert result.exit_code == 0, result.output
    assert find_patterns("payments.csv").rows == read_parquet("found.parquet")


def test_payments_may_be_a_table(folder):
    write_csv(paid(), folder / "payments.csv")
    found, features = find_patterns("payments.csv").rows, payment_features("payments.csv")
    for rows in (paid(), Stream(paid()), *([paid().to_pandas()] if find_spec("pandas") else [])):
        assert find_patterns(rows).rows == found
        assert str(payment_features(rows).to_pydict()) == str(features.to_pydict())  # NaN is not itself
    with pytest.raises(ViewError):
        payment_features(paid(), view="west")
    with pytest.raises(FormatError, match="the table has no column of the payee"):
        find_patterns(paid().drop(["payee"]))


def test_labels_may_be_a_table_and_never_come_from_reports(folder):
    labels = pa.table({"payment_id": ["p1", "p2"], "label": [1, 0], "origin": ["a court", "a court"]})
    write_csv(labels, folder / "labels.csv")
    expected = read_labels("labels.csv")
    assert expected["label"].to_pylist() == [1, 0]
    for rows in (labels, Stream(labels), *([labels.to_pandas()] if find_spec("pandas") else [])):
        assert read_labels(rows) == expected
    until = datetime(2026, 1, 9, tzinfo=UTC)
    with pytest.raises(FitError):
        fit_payments(paid(), labels, until)
    with pytest.raises(ReportsAsLabelsError):
        fit_payments(paid(), labels, until, origin="an STR that was filed")
    with pytest.raises(FormatError, match="'maybe' is no label"):
        read_labels(pa.table({"payment_id": ["p1"], "label": ["maybe"]}))


SIGNALS = """signal_id,desk,subjects,bits,origin,source
a,cargo,person:x:1,4,,s
b,reports,person:x:1,2,a,s
c,cargo,person:x:2,1,,s
d,cargo,person:x:2,many,,s
"""


def test_signals_are_weighed_as_the_page_says(folder, capsys):
    (folder / "signals.csv").write_text(SIGNALS)
    leads = [{"subjects": ["person:x:1"], "bits": 4.0}, {"subjects": ["person:x:2"], "bits": 1.0}]
    reason = "its bits are no finite number; give log2 of the likelihood ratio"
    assert run("Signals into leads", capsys) == f"{leads} 2\n{[reason]}\n"


def test_signals_may_be_a_table(folder):
    (folder / "signals.csv").write_text(SIGNALS)
    expected = weigh("signals.csv", quarantine=True)
    columns = zip(*(line.split(",") for line in SIGNALS.splitlines()[1:]), strict=True)
    names = SIGNALS.split("\n", 1)[0].split(",")
    table = pa.table(dict(zip(names, map(list, columns), strict=True)))
    table = table.set_column(2, "subjects", pa.array([[key] for key in table["subjects"].to_pylist()]))
    table = table.set_column(3, "bits", pa.array([4.0, 2.0, 1.0, float("nan")]))
    for rows in (table, Stream(table), *([table.to_pandas()] if find_spec("pandas") else [])):
        made = weigh(rows, quarantine=True)
        assert (made.leads, made.summary) == (expected.leads, expected.summary)
    with pytest.raises(FormatError, match=r"row 4 \(d\)"):
        weigh(table)
    for wrong in ({"prior": 1.0}, {"hub": float("nan")}, {"most": 0}, {"speed": -1.0}):
        with pytest.raises(ValueError, match=r"prior|hub"):
            weigh(table, **wrong)


def test_a_sample_is_identified_as_the_page_says_and_as_the_command_does(folder, capsys):
    measured(folder)
    first, second = run("Spectra of a sample", capsys).splitlines()
    row = {"sample": "exhibit 7", "name": "Cirquine", "level": "presumptive"}
    assert first == str([row, {**row, "name": "Borealine"}])
    assert second == "True [None, None]"
    call = ["identify", "query.msp", "--library", "spectra.msp", "--json"]
    told = json.loads(CliRunner().invoke(app, call).stdout)
    (one,) = identify(["query.msp"], ["spectra.msp"]).samples
    assert json.loads(json.dumps(one.plain())) == told


def test_substances_are_asked_for_as_the_page_says(capsys):
    first, second = run("Is it controlled", capsys).splitlines()
    assert first.startswith("listed CDSA/I/16(5) fentanyl\u00a0: inscription")
    rows = [{"query": "fentanyl", "outcome": "listed"}, {"query": "437-38-9", "outcome": None}]
    assert second == str(rows)


def test_substances_may_be_a_file_or_a_table(folder):
    asked = ["fentanyl", "437-38-7", "437-38-9", "acetone"]
    (folder / "asked.txt").write_text("\n\n".join(asked))
    expected = controlled_table(asked, date(2026, 6, 10), language="fr")
    call = ["controlled", "--file", "asked.txt", "--on", "2026-06-10", "--lang", "fr", "--json"]
    told = [json.loads(line) for line in CliRunner().invoke(app, call).stdout.splitlines()]
    read = [row for row in expected.to_pylist() if row["outcome"]]
    for name in ("query", "taken", "outcome", "person", "reason", "inchikey"):
        assert [row[name] for row in read] == [row[name] for row in told]
    for queries in ("asked.txt", pa.chunked_array([asked]), *frames(pa.table({"query": asked}))):
        assert controlled_table(queries, date(2026, 6, 10), language="fr") == expected
    with pytest.raises(QueryError):
        controlled("437-38-9")
    with pytest.raises(FormatError, match="no column 'query'"):
        controlled_table(pa.table({"name": asked}))


def test_claims_are_checked_as_the_page_says_and_as_the_command_does(capsys):
    first, second = run("Claims of public figures", capsys).splitlines()
    assert first.startswith("definition-dependent ")
    assert "'holds': " in second
    names, day = ["15b", "crossings-share"], "2026-11-01"
    told = CliRunner().invoke(app, ["claims", "check", *names, "--on", day, "--json"]).stdout.splitlines()
    found = check_claims(names, date.fromisoformat(day))
    rows = [json.loads(msgspec.json.encode(one)) for one in (*found.findings, *found.lines)]
    assert [json.loads(line) for line in told] == rows
    assert found.figures("fr").num_rows == len(found.findings[0].figures)
    with pytest.raises(NoSuchClaimError, match="14z"):
        check_claims(["14z"])


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_of_a_library_go_in_and_come_out(library):
    if not find_spec(library):
        pytest.skip(f"{library} is not installed: no part of Watchfloor needs it")
    frame = import_module(library).DataFrame
    screener = Screener.of_lists([frame({"id": ["1"], "name": ["Zarbek Tolunay"], "aliases": [["Zed Q"]]})])
    hits = screen(screener, frame({"id": [7], "name": ["Tolunay Zarbek"]})).hits
    out = hits.to_pandas() if library == "pandas" else import_module(library).from_arrow(hits)
    assert list(out["id"]) == ["7"]
    assert track(frame(walk().to_pydict())).tracks == track(walk()).tracks
    assert find_patterns(frame(paid().to_pydict())).rows == find_patterns(paid()).rows


def test_tables_are_of_plain_types():
    texts = pa.array(["a", None, "a"])
    views = pa.DictionaryArray.from_arrays(pa.array([0, None, 0]), pa.array(["a"], pa.string_view()))
    lists = pa.array([["a"], None, []], pa.large_list(pa.large_string()))
    table = as_table(Stream(pa.table({"x": texts.dictionary_encode(), "y": views, "z": lists})))
    assert table.schema.types == [pa.string(), pa.string(), pa.list_(pa.string())]
    assert table["x"].to_pylist() == table["y"].to_pylist() == texts.to_pylist()


def test_a_room_is_named_without_what_it_needs():
    rooms = [
        "cell",
        "desks.finance",
        "desks.listings",
        "desks.surveillance",
        "reference.substances",
        "scorecard",
    ]
    code = (
        f"import sys, {', '.join(f'watchfloor.{one}' for one in rooms)}; assert 'pyarrow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
