"""A case goes to the Crown after its act, and without what another node has not let go."""

import errno
import json
from pathlib import Path

import pytest
from tests.exchange.nodes import READER, assert_, floor, holding, keep, party, receive, send, signal, trusting
from tests.exchange.test_origins import fold
from typer.testing import CliRunner

from watchfloor.cli import app

RUNNER = CliRunner()
SUBJECT = "person:parcels:0"
LAW = ("--prosecutor", "A. Roy, PPSC", "--authority", "Stinchcombe", "--purpose", "a test")


def invoke(cell, out, *more, user="anna"):
    words = ["cases", "crown", "pack", SUBJECT, "-o", out, *LAW, *more, "--floor", cell.root]
    return RUNNER.invoke(app, [str(one) for one in words], env={"WATCHFLOOR_USER": user})


def packed(cell, out, *more):
    found = invoke(cell, out, *more)
    assert found.exit_code == 0, found.output
    text = (out / "case.note").read_text("utf-8")
    case, _ = json.JSONDecoder().raw_decode(text.split("\n", 1)[1])
    return " ".join(found.output.split()), case


def every_byte(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*.json"))


@pytest.fixture
def cell(tmp_path):
    """A cell with a row of its own and one that a bank sent, about the same person."""
    bank, cell = trusting(floor(tmp_path, "bank"), floor(tmp_path, "cell"))
    receive(cell, send(holding(bank, 1), cell).data)
    fold(cell)
    (own,) = keep(cell, [party(0, name="Held Here", report_key="OWN-1")])
    assert_(cell, [signal(cell, 9, [own], subjects=[SUBJECT])])
    return cell


def test_what_another_node_sent_is_listed_and_kept_back_until_it_consents(cell, tmp_path):
    told, case = packed(cell, tmp_path / "case")
    theirs = cell.read("disclosure", READER)["record_id"].to_pylist()
    assert len(theirs) == 1
    assert {(one["ground"], one["by"]) for one in case["withheld"]} == {("originator", "bank")}
    assert sorted(one["what"] for one in case["withheld"]) == ["record", "signal"]
    assert {one["what"] for one in case["items"]} == {"record", "signal", "lead"}
    assert all(
        "third party: bank's consent; the duty to disclose it remains" in one["note"]
        for one in case["withheld"]
    )
    assert theirs[0].hex().encode() not in every_byte(tmp_path / "case")
    assert b"Held Here" in every_byte(tmp_path / "case")
    assert "withheld until bank consents" in told
    assert "the duty to disclose remains" in told


def test_with_its_consent_it_goes(cell, tmp_path):
    told, case = packed(cell, tmp_path / "case", "--consented", "bank")
    theirs = cell.read("disclosure", READER)["record_id"].to_pylist()
    assert case["withheld"] == []
    assert theirs[0].hex().encode() in every_byte(tmp_path / "case")
    assert "consents" not in told
    (act,) = cell.acts_of("disclosed")
    assert act.detail["consented"] == ["bank"]


def test_the_report_of_the_year_knows_a_case(cell, tmp_path):
    packed(cell, tmp_path / "case")
    (act,) = cell.acts_of("disclosed")
    words = ["gateway", "report", "--year", str(act.at.year), "--json", "--purpose", "a test"]
    found = RUNNER.invoke(app, [*words, "--floor", str(cell.root)])
    owed = [one for line in found.stdout.splitlines() if (one := json.loads(line))["gateway"] == "crown"]
    assert [(one["record"], one["missing"]) for one in owed] == [("crown-index", [])]
    assert owed[0]["citation"] == "common law R. v. Stinchcombe, [1991] 3 SCR 326"


POLICY = """
[purposes."a test"]
en = "a test"
fr = "un essai"
[readers.rita]
protected = "PB"
role = "reviewer"
[readers.anna]
protected = "PB"
role = "supervisor"
"""


@pytest.mark.parametrize("name", ["case", "case.zip", "new/case"])
def test_who_may_write_nothing_takes_nothing_away(cell, tmp_path, name):
    (cell.root / "policy.toml").write_text(POLICY, encoding="utf-8")
    before, there = cell.position, set(tmp_path.rglob("*")) - set(cell.root.rglob("*"))
    found = invoke(cell, tmp_path / name, user="rita")
    assert found.exit_code
    assert "rita is a reviewer" in f"{found.output}{found.exception}"
    assert set(tmp_path.rglob("*")) - set(cell.root.rglob("*")) == there
    assert cell.position == before


@pytest.mark.parametrize("fails", ["write", "log"])
def test_a_full_disk_leaves_neither_a_case_nor_an_act(cell, tmp_path, monkeypatch, fails):
    from watchfloor.store.writer import Writer

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    out, before = tmp_path / "out" / "case", cell.position
    with monkeypatch.context() as patch:
        if fails == "write":
            patch.setattr(Path, "write_bytes", full)
        else:
            patch.setattr(Writer, "acts", full)
        found = invoke(cell, out)
    assert isinstance(found.exception, OSError)
    assert cell.position == before
    assert list(out.parent.iterdir()) == []
    packed(cell, out)
    assert cell.acts_of("disclosed")


def test_a_privileged_index_stays_out_of_the_way_until_the_act(cell, tmp_path, monkeypatch):
    from watchfloor.store.writer import Writer

    (own,) = cell.read("party", READER)["record_id"].to_pylist()[:1]
    grounds = tmp_path / "grounds.csv"
    grounds.write_text(f"item,ground,by,note\n{own.hex()},litigation,counsel,\n", encoding="utf-8")
    index = tmp_path / "secret" / "index.json"
    index.parent.mkdir()
    kept = ("--grounds", grounds, "--privileged", index, "--holder", "AG")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Writer, "acts", full)
        invoke(cell, tmp_path / "case", *kept)
    assert list(index.parent.iterdir()) == []
    packed(cell, tmp_path / "case", *kept)
    assert index.stat().st_mode & 0o077 == 0
    assert [act.act for act in cell.acts_of("disclosed", "privilege-index")] == [
        "disclosed",
        "privilege-index",
    ]
