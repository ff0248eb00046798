"""From a report to a lead about a subject that a person confirmed, as an analyst meets it."""

import json
import sys

import pytest
from tests.formats.reports import FORM, pdf

from watchfloor.cli import main
from watchfloor.store import Actor, Floor

PERSON = "Wren Halloway"


@pytest.fixture
def floor(tmp_path):
    Floor.create(tmp_path / "floor", Actor("clerk", "test", "none needed"))
    return tmp_path / "floor"


@pytest.fixture
def run(floor, monkeypatch, capfdbinary):
    def run(*words):
        monkeypatch.setenv("WATCHFLOOR_FLOOR", str(floor))
        monkeypatch.setattr(sys, "argv", ["watchfloor", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfdbinary.readouterr()
        return ended.value.code or 0, out, " ".join(err.decode().split())

    return run


@pytest.fixture
def night(run, tmp_path):
    (tmp_path / "night.txt").write_text(FORM, encoding="utf-8")
    (tmp_path / "r.pdf").write_bytes(pdf(["(U) The vessel IMO 9074729 lay at the ferry landing."]))
    assert run("ingest", tmp_path / "night.txt", tmp_path / "r.pdf", "--source", "patrol")[0] == 0


@pytest.fixture
def lines(run):
    def lines(*words):
        code, out, err = run(*words, "--json")
        assert code == 0, err
        return [json.loads(line) for line in out.splitlines()]

    return lines


def subjects(lines):
    return {lead["subject"] for lead in lines("leads", "--top", 50) if "subject" in lead}


def test_ingest_mentions_confirm_run_lead(night, run, lines, floor):
    run("run")
    assert subjects(lines) == {"vessel:imo:9074729"}  # what the author states
    (one,) = [one for one in lines("leads", "mentions", "MU4-2026-17") if one["text"] == PERSON]
    assert one["state"] == "proposed"
    before = Floor.open(floor).position
    (said,) = lines("leads", "confirm", "MU4-2026-17", one["number"], "--why", "passport seen")
    assert said["subject"] == one["subject"]
    assert one["subject"] in subjects(lines)
    (lead,) = [lead for lead in lines("leads", "--top", 50) if lead["subject"] == one["subject"]]
    assert "passport seen" in lead["reason"]
    assert subjects_at(lines, before) == {"vessel:imo:9074729"}
    lines("leads", "confirm", "MU4-2026-17", one["subject"], "undo", "--why", "another person")
    assert one["subject"] not in subjects(lines)
    (one,) = [one for one in lines("leads", "mentions", "MU4-2026-17") if one["text"] == PERSON]
    assert one["state"] == "proposed"
    lines("leads", "confirm", "MU4-2026-17", one["number"], "different", "--why", "another person")
    assert one["subject"] not in {found["subject"] for found in lines("leads", "mentions")}


def subjects_at(lines, position):
    return {lead["subject"] for lead in lines("leads", "--top", 50, "--as-of", position) if "subject" in lead}


def test_search_finds_shows_and_logs(night, run, lines, floor):
    (hit,) = lines("search", "ferry")
    assert (hit["title"], hit["page"], hit["portion"]) == ("Ferry landing", 1, 1)
    code, out, _ = run("record", hit["record_id"], "--original")
    assert code == 0
    assert out.startswith(b"%PDF-1.4")
    assert out.rstrip().endswith(b"%%EOF")
    _, out, _ = run("search", "account", "halloway", "--kind", "report")
    text = out.decode()
    assert "Night crossing" in text
    assert "--original" in text
    *_, act = Floor.open(floor).acts_of("query")
    assert (act.detail["what"], act.detail["found"]) == ("search", 1)


def test_empty_answers_say_so(run, lines):
    assert lines("search", "ferry") == [{"found": 0}]
    assert lines("leads", "mentions") == [{"mentions": 0}]
    assert b"Nothing that you may see" in run("search", "ferry")[1]
    assert b"names anybody" in run("leads", "mentions")[1]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["search", "--", "-"], 2, "no word to look for"),
        (["leads", "mentions", "P-99"], 4, "no report P-99"),
        (["leads", "confirm", "MU4-2026-17", "99", "--why", "x"], 4, "no mention 99"),
        (["leads", "confirm", "MU4-2026-17", "1", "--why", " "], 2, "why is empty"),
        (["leads", "confirm", "MU4-2026-17", "1"], 2, "Missing option '--why'"),
    ],
)
def test_a_wrong_call_is_told(night, run, words, code, says):
    ended, _, err = run(*words)
    assert ended == code, err
    assert says in err
