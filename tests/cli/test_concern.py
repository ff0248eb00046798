"""`lists concern`: a list on one node, signed, checked and kept on another, met by a party there."""

import json

import pytest
from tests.cli import concerned
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.store import Floor

RUNNER = CliRunner()


def call(*words, code=0):
    result = RUNNER.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def said(*words):
    result = RUNNER.invoke(app, [*map(str, words), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def nodes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    return concerned.concerned(tmp_path, lambda words: call(*words))


def test_what_stands_is_listed_with_source_end_and_reason(nodes):
    (one,) = said("lists", "concern", "list", "--floor", nodes["lister"])
    assert (one["id"], one["source"], one["why"]) == ("X-1", "notice 12/2026", "shipped NPP as a dye")
    assert one["stands"]
    assert one["expires"] == (concerned.TODAY + concerned.timedelta(days=300)).isoformat()
    assert [
        one["stands"] for one in said("lists", "concern", "list", "--all", "--floor", nodes["lister"])
    ] == [
        True,
        False,
    ]
    assert "No assertion stands on 2020-01-01" in call(
        "lists", "concern", "list", "--on", "2020-01-01", "--floor", nodes["lister"]
    )


def test_a_signed_list_is_checked_kept_and_met(nodes, tmp_path):
    told = call("lists", "concern", "receive", nodes["concernlist"], "--check", "--floor", nodes["listed"])
    assert "signed by lister" in told
    assert "not kept" in told
    assert said("lists", "concern", "list", "--all", "--floor", nodes["listed"]) == [{"assertions": 0}]
    told = call("lists", "concern", "receive", nodes["concernlist"], "--floor", nodes["listed"])
    assert "1 new, 0 here before" in told
    assert "0 new, 1 here before" in call(
        "lists", "concern", "receive", nodes["concernlist"], "--floor", nodes["listed"]
    )
    floor = nodes["listed"]
    (floor / "feeds.toml").write_text(
        '[feeds.parcels]\nscreen = { necessity = "a test", authority = "an Act" }\n', encoding="utf-8"
    )
    (tmp_path / "parties.csv").write_text(
        "report_key,role,name,schema,observed_at\n"
        f"P-1,shipper,Lindenrot Fine Chemicals,Company,{concerned.TODAY}\n",
        encoding="utf-8",
    )
    call("ingest", tmp_path / "parties.csv", "--source", "parcels", "--floor", floor)
    call("run", "--floor", floor)
    (signal,) = Floor.open(floor).signals(reader_of(floor)).to_pylist()
    assert signal["rule"] == "exporter-of-concern"
    assert "notice 12/2026" in signal["reason"]["params"]


def reader_of(floor):
    return Floor.open(floor).reader("tester", "a test")


def test_what_is_refused_is_said_and_logged(nodes, tmp_path):
    forged = tmp_path / "forged.list"
    forged.write_text(nodes["concernlist"].read_text("utf-8").replace("Lindenrot", "Lindenrat"), "utf-8")
    assert "does not fit the text" in call(
        "lists", "concern", "receive", forged, "--floor", nodes["listed"], code=3
    )
    assert Floor.open(nodes["listed"]).acts_of("bundle-refused")
    lawful = [*concerned.LAWFUL[:3], "", "-o", "x.list"]
    told = call("lists", "concern", "export", "--to", "listed", *lawful, "--floor", nodes["lister"], code=3)
    assert "test" in told
    assert not (tmp_path / "x.list").exists()
    told = call(
        *("lists", "concern", "export", "--to", "nobody", *concerned.LAWFUL, "-o", "x.list", "--floor"),
        nodes["lister"],
        code=4,
    )
    assert "nobody is no peer" in told


def test_nothing_is_replaced(nodes):
    told = call(
        *(
            "lists",
            "concern",
            "export",
            "--to",
            "listed",
            *concerned.LAWFUL,
            "-o",
            nodes["concernlist"],
            "--floor",
        ),
        nodes["lister"],
        code=3,
    )
    assert "is there already" in told
