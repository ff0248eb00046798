"""ingest, quarantine, record and map as a person meets them: what they print, and how they end."""

import json
import sys
from datetime import UTC, datetime

import pytest
from tests.formats.workbooks import xlsx

from watchfloor.cli import main
from watchfloor.store import Actor, Floor

HEAD = "report_key,role,name,birth_date,observed_at\n"
GOOD = HEAD + "1,payee,Ann Roy,1971,2026-11-24\n"
BAD = GOOD + "2,payee,Bo,1971-02-30,2026-11-24\n"


@pytest.fixture
def floor(tmp_path):
    Floor.create(tmp_path / "floor", Actor("clerk", "test", "none needed"))
    return tmp_path / "floor"


@pytest.fixture
def run(floor, monkeypatch, capsys):
    def run(*words):
        monkeypatch.setenv("WATCHFLOOR_FLOOR", str(floor))
        monkeypatch.setattr(sys, "argv", ["watchfloor", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, " ".join(err.split())

    return run


def lines(out):
    return [json.loads(line) for line in out.splitlines()]


def test_a_good_file(run, tmp_path):
    (tmp_path / "p.csv").write_text(GOOD, encoding="utf-8")
    code, out, err = run("ingest", tmp_path / "p.csv")
    assert code == 0
    assert "received" in out
    assert not err
    code, out, _ = run("ingest", tmp_path / "p.csv", "--json")
    assert code == 0
    delivery, total = lines(out)
    assert delivery["duplicate"] == 1
    assert total["total"] == {"received": 1, "accepted": 0, "duplicate": 1, "quarantined": 0, "withheld": 0}


def test_quarantine_from_list_to_retry(run, tmp_path):
    (tmp_path / "p.csv").write_text(BAD, encoding="utf-8")
    code, _, err = run("ingest", tmp_path / "p.csv")
    assert code == 1
    assert "watchfloor feeds quarantine list" in err
    _, out, _ = run("feeds", "quarantine", "list", "--json")
    (piece,) = lines(out)
    assert piece["where"] == "line 3"
    assert "does not exist" in piece["why"]
    _, out, _ = run("feeds", "quarantine", "show", piece["id"])
    assert "1971-02-30" in out
    code, _, err = run("feeds", "quarantine", "retry")
    assert code == 1
    assert "1 piece is left in quarantine" in err
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'kind="party"\n[fields]\nreport_key="report_key"\nname="name"\nrole="role"\nobserved_at="observed_at"\n',
        encoding="utf-8",
    )
    code, out, _ = run("feeds", "quarantine", "retry", "--mapping", mapping, "--json")
    assert code == 0
    assert lines(out)[-1]["left"] == 0
    code, _, err = run("feeds", "quarantine", "show", 99)
    assert code == 4
    assert "99" in err


def test_a_record_and_its_bytes(run, tmp_path, floor):
    from watchfloor.policy.policy import Reader

    (tmp_path / "p.csv").write_text(GOOD, encoding="utf-8")
    run("ingest", tmp_path / "p.csv")
    (record_id,) = Floor.open(floor).read("party", Reader("x"), columns=["record_id"]).column(0).to_pylist()
    code, out, _ = run("record", record_id.hex()[:6], "--original")
    assert (code, out) == (0, "1,payee,Ann Roy,1971,2026-11-24\n")
    _, out, _ = run("record", record_id.hex(), "--json")
    assert lines(out)[0]["name"] == "Ann Roy"
    code, _, err = run("record", "zz")
    assert code == 4
    assert "no record id" in err


def test_a_spreadsheet_needs_no_developer(run, tmp_path):
    book = tmp_path / "destinataires.xlsx"
    book.write_bytes(
        xlsx(
            Liste=[
                ["No", "Prénom", "Nom", "Date de naissance", "Pays", "Nationalité"],
                ["1", "Élise", "Roy", "31/12/1980", "Canada", "CA"],
                ["2", "Jean", "Côté", "30/02/1971", "France", "FR"],
            ]
        )
    )
    mapping = tmp_path / "m.toml"
    code, out, _ = run("feeds", "map", book, "--mapping", mapping, "--dry-run", "--json")
    (told,) = lines(out)
    assert code == 1
    assert not mapping.exists()
    assert (told["rows"], told["mapped"], told["quarantined"]) == (2, 1, 1)
    assert told["first"][0]["name"] == "Élise Roy"
    code, out, err = run("feeds", "map", book, "--mapping", mapping)
    assert 'role = "consignee"' in mapping.read_text(encoding="utf-8")
    assert "Nationalité" not in mapping.read_text(encoding="utf-8")
    assert "next: watchfloor ingest" in err
    code, out, _ = run("ingest", book, "--mapping", mapping, "--json")
    assert code == 1
    assert lines(out)[-1]["feeds"]["destinataires"]["accepted"] == 1


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        (
            "cut.xml",
            '<CONSOLIDATED_LIST dateGenerated="2026-05-01"><INDIVIDUALS>',
            "is un-consolidated and no table",
        ),
        ("page.html", "<!doctype html><p>a,b", "is XML or HTML and no table"),
        ("one.json", '{"a": 1,\n"b": [2, 3]}', "is JSON and no table"),
        ("report.pdf", "%PDF-1.7\n", "and no table"),
    ],
)
def test_what_is_no_table_maps_to_nothing(run, tmp_path, name, text, says):
    (tmp_path / name).write_text(text, encoding="utf-8")
    code, out, err = run("feeds", "map", tmp_path / name, "--mapping", tmp_path / "m.toml")
    assert (code, out) == (2, "")
    assert says in err
    assert "CSV, XLSX, XLSB, XLS, ODS or JSON lines" in err
    assert not (tmp_path / "m.toml").exists()


def test_quarantine_names_the_delivery_that_may_correct_a_piece(run, tmp_path):
    (tmp_path / "p.csv").write_text(BAD, encoding="utf-8")
    run("ingest", tmp_path / "p.csv")
    (tmp_path / "p.csv").write_text(BAD.replace("1971-02-30", "1971-02-28"), encoding="utf-8")
    before = datetime.now(UTC)
    code, _, _ = run("ingest", tmp_path / "p.csv")
    assert code == 0
    _, out, _ = run("feeds", "quarantine", "list", "--json")
    (piece,) = lines(out)
    assert datetime.fromisoformat(piece["newer"]) > before
    _, _, err = run("feeds", "quarantine", "list")
    assert "If it corrects the piece, there is nothing to do" in err


def test_a_table_without_names_says_what_is_needed(run, tmp_path):
    (tmp_path / "x.csv").write_text("colour;weight\nred;3\n", encoding="utf-8")
    code, out, err = run("feeds", "map", tmp_path / "x.csv", "--mapping", tmp_path / "m.toml")
    assert code == 1
    assert "name is needed" in out
    assert "fill in" in err


@pytest.mark.parametrize(
    ("words", "ends", "advice"),
    [
        (["gone.csv"], 4, "does not exist"),
        (["p.csv", "--format", "party-cvs"], 2, "did you mean 'party-csv'"),
        (["p.csv", "--marking", "SECRET"], 2, "'SECRET'"),
        (["p.csv", "--source", "Big Bank"], 2, "no name of a feed"),
        (["p.csv", "--mapping", "gone.toml"], 4, "cannot be read"),
        (["p.csv", "--mapping", "p.csv"], 2, "p.csv"),
        (["p.csv", "--mapping", "p.csv", "--format", "party-csv"], 2, "exclude each other"),
    ],
)
def test_a_wrong_call_is_told(run, tmp_path, monkeypatch, words, ends, advice):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.csv").write_text(GOOD, encoding="utf-8")
    code, _, err = run("ingest", *words)
    assert code == ends
    assert advice in err


def test_a_typo_in_the_feeds_is_told(run, tmp_path, floor):
    (tmp_path / "p.csv").write_text(GOOD, encoding="utf-8")
    (floor / "feeds.toml").write_text('[feeds.p]\nmarkng = "PB"\n', encoding="utf-8")
    code, _, err = run("ingest", tmp_path / "p.csv")
    assert code == 2
    assert "line 2: feeds.p.markng" in err


def test_a_busy_floor_is_told(run, tmp_path, floor):
    (tmp_path / "p.csv").write_text(GOOD, encoding="utf-8")
    with Floor.open(floor).writer(Actor("other", "test", "none needed")):
        code, _, err = run("ingest", tmp_path / "p.csv")
    assert code == 3
    assert "watchfloor:" in err


def test_an_empty_folder_is_told(run, tmp_path):
    (tmp_path / "in").mkdir()
    code, out, err = run("ingest", tmp_path / "in")
    assert code == 0
    assert "nothing was taken in" in out
    assert "is an empty folder" in err


def test_a_full_disk_leaves_nothing(run, tmp_path, floor, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    (tmp_path / "p.csv").write_text(GOOD, encoding="utf-8")
    monkeypatch.setattr("watchfloor.store.blobs.spool", full)
    code, _, err = run("ingest", tmp_path / "p.csv")
    assert code == 5
    assert "no room left" in err
    assert not Floor.open(floor).deliveries()


def test_each_reason_why_a_row_is_withheld_has_its_sentence_and_its_count(run, tmp_path, floor):
    (tmp_path / "p.csv").write_text(GOOD, encoding="utf-8")
    assert run("ingest", tmp_path / "p.csv")[0] == 0
    opened = Floor.open(floor)
    with opened.writer(Actor("clerk", "test", "none needed")) as writer:
        ids = [row["record_id"] for row in opened.whole("party", ["record_id"]).to_pylist()]
        writer.erase(ids, "asked for")
    (tmp_path / "p.csv").write_text(GOOD + "2,payee,Bo Li,1980,2026-11-24\n", encoding="utf-8")
    code, _, err = run("ingest", tmp_path / "p.csv")
    assert code == 1
    assert err == "1 row withheld: erased from this floor before"
    (tmp_path / "q.csv").write_text(GOOD + "2,payee,Bo Li,1980,2026-11-24\n", encoding="utf-8")
    code, out, err = run("ingest", tmp_path / "q.csv", "--marking", "PB//COMP:KESTREL", "--json")
    assert code == 1
    assert "2 rows withheld: marked PB//TLP:CLEAR//COMP:KESTREL" in err
    assert "lacks the compartment KESTREL" in err
    assert "has the ceiling PB//TLP:CLEAR//COMP:KESTREL" in err
    assert "older" not in err
    assert list(lines(out)[0]["reasons"].values()) == [2]


def test_what_is_said_of_many_files_is_said_once_and_counted(run, tmp_path):
    for at in range(5):
        text = f"report_key,role,name,birth_date,observed_at\n{at},payee,Zoé,1971,2026-11-24\n"
        (tmp_path / f"p{at}.csv").write_bytes(text.encode("cp1252"))
    _, out, err = run("ingest", *sorted(tmp_path.glob("p*.csv")), "--source", "p", "--json")
    (note,) = {note for line in lines(out)[:-1] for note in line["notes"]}
    assert err.count(note) == 2
    assert f"4 deliveries more: {note}" in err


def test_rows_that_their_feed_may_keep_no_longer_are_told_so(run, tmp_path, floor):
    (tmp_path / "p.csv").write_text(GOOD + "2,payee,Bo Li,1980,2001-11-24\n", encoding="utf-8")
    (floor / "feeds.toml").write_text("[feeds.p]\nretain_days = 365\n", encoding="utf-8")
    code, _, err = run("ingest", tmp_path / "p.csv")
    assert code == 1
    assert err == "1 row withheld: older than the feed's retention allows"


def test_an_encoding_can_be_stated(run, tmp_path):
    file = tmp_path / "p.csv"
    file.write_bytes("No,Nom,role,Date\n1,Анна,payee,2026-11-24\n".encode("cp866"))
    code, _, err = run("ingest", file, "--encoding", "zlib_codec")
    assert (code, "zlib_codec" in err) == (2, True)
    code, out, _ = run(
        "feeds", "map", file, "--encoding", "cp866", "--mapping", tmp_path / "m.toml", "--json"
    )
    assert lines(out)[0]["mapping"]["encoding"] == "cp866"
    assert lines(out)[0]["first"][0]["name"] == "Анна"
    assert run("ingest", file, "--mapping", tmp_path / "m.toml", "--encoding", "cp866")[0] == 0
