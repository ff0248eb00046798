"""A report goes no further than the rows of its leads may: gateways, consents, purposes, and the act."""

import errno
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.exchange.nodes import NOW, READER, WHO, assert_, floor, holding, receive, send, trusting
from tests.exchange.test_origins import fold
from tests.refusals import because
from typer.testing import CliRunner

from watchfloor.casework.reports import products
from watchfloor.cell.acts import Refusal, read
from watchfloor.cell.weighing.weights import load
from watchfloor.cli import app
from watchfloor.core.kinds import PRODUCT
from watchfloor.exchange import dissemination, risk
from watchfloor.policy.gateways import RiskCheck

RUNNER = CliRunner()
BELOW = "(U//TLP:GREEN//REL:CAN,USA) Blue labels deserve a look."
LAW = ("--authority", "Customs Act s. 107", "--purpose", "a test")
ABROAD = (
    "--gateway",
    "customs-107-8",
    "--test",
    "both parcels fall under it",
    "--basis",
    "arrangement, art. 3",
)


def call(*words, code=0, user="anna"):
    found = RUNNER.invoke(
        app, [str(one) for one in words], catch_exceptions=False, env={"WATCHFLOOR_USER": user}
    )
    assert found.exit_code == code, found.output
    return " ".join(found.output.split())


def reported(cell, *more):
    """A report on the cell's first lead, with something below its tear-line."""
    lead = call("leads", "--json", "--purpose", "a test", "--floor", cell.root).split('"lead_id": "')[1][:12]
    told = ("--lead", lead, "--title", "Parcels", "--below", BELOW, "--purpose", "a test")
    return call("cases", "product", "draft", *told, "--json", "--floor", cell.root, *more).split(
        '"product": "'
    )[1][:12]


def disseminated(cell, id_, to, *more, code=0):
    return call(
        "cases", "product", "disseminate", id_, "--to", to, *LAW, *more, "--floor", cell.root, code=code
    )


def safe(cell, partner="us-border"):
    made = RiskCheck(partner, "USA", "no", "", "C. Legault", datetime.now(UTC).date())
    cell.act(WHO, risk.ACT, risk.detail(made))


def consent(cell, rows, to):
    said = {"owner": "bank", "to": to, "rows": rows, "until": None, "request": "0"}
    cell.act(WHO, "consent-received", said)


@pytest.fixture
def cell(tmp_path):
    """A cell whose leads rest on what a bank sent."""
    bank, cell = trusting(floor(tmp_path, "bank"), floor(tmp_path, "cell"))
    receive(cell, send(holding(bank), cell).data)
    fold(cell)
    safe(cell)
    return cell


def test_a_text_that_rests_on_anothers_row_goes_with_its_consent_alone(cell, tmp_path):
    """Below the tear-line too, at home and abroad; and a consent is for one recipient."""
    id_ = reported(cell)
    rows = [one.hex() for one in cell.read("disclosure", READER)["row_id"].to_pylist()]
    before, out = cell.position, tmp_path / "out"
    for to, more in (("us-border", ABROAD), ("rcmp-operations", ())):
        told = disseminated(cell, id_, to, *more, "-o", out, code=3)
        assert f"bank must consent before it goes to {to}" in told
    assert cell.position == before
    assert not out.exists()
    consent(cell, rows, "us-border")
    assert "must consent before it goes to rcmp" in disseminated(cell, id_, "rcmp-operations", code=3)
    disseminated(cell, id_, "us-border", *ABROAD, "-o", out)
    (act,) = cell.acts_of("disclosed")
    assert (act.detail["to"], act.detail["rows"]) == ("us-border", 1)
    assert [path.name for path in out.iterdir()] == [f"{id_}-1-us-border.md"]


def test_what_the_lead_rested_on_when_it_was_told_counts_after_it_has_changed(cell):
    """The text still tells it."""
    id_ = reported(cell)
    assert_(cell, [], desk="disclosures")
    assert "bank must consent" in disseminated(cell, id_, "rcmp-operations", code=3)


def test_a_lead_that_nobody_can_look_up_as_it_was_told_is_refused(cell):
    reported(cell)
    (one,) = products.Product.fold(read(cell, READER, PRODUCT)).values()
    other = replace(one, history=(one.last | {"leads": ["f" * 12]},))
    with pytest.raises(Refusal, check=because("exchange.product-lead-gone", lead="f" * 12)):
        dissemination.pieces(cell, READER, load(), other, NOW)
    assert dissemination.pieces(cell, READER, load(), one, NOW)


def test_abroad_it_needs_a_gateway_that_leads_there_and_a_risk_check(tmp_path):
    cell = holding(floor(tmp_path, "cell"))
    id_ = reported(cell)
    assert "us-border is abroad (USA): say with --gateway" in disseminated(cell, id_, "us-border", code=3)
    assert "nobody has recorded whether" in disseminated(cell, id_, "us-border", *ABROAD, code=3)
    safe(cell)
    home = ("--gateway", "scida-5", "--test", "x y", "--accuracy", "seen")
    assert "does not lead there" in disseminated(cell, id_, "us-border", *home, code=3)
    untold = ("--gateway", "customs-107-8", "--basis", "x")
    assert "requires its test to be stated" in disseminated(cell, id_, "us-border", *untold, code=3)
    disseminated(cell, id_, "us-border", *ABROAD)
    disseminated(cell, id_, "rcmp-operations", *home)
    assert [act.detail["gateway"] for act in cell.acts_of("disclosed")] == ["customs-107-8", "scida-5"]


def test_a_lead_for_one_purpose_is_told_for_that_alone(tmp_path):
    cell = holding(floor(tmp_path, "cell"), marking="PB//TLP:AMBER//PURPOSE:a test")
    id_ = reported(cell)
    safe(cell)
    told = disseminated(cell, id_, "us-border", *ABROAD, code=3)
    assert "used for a test only, not for customs-enforcement" in told
    disseminated(cell, id_, "rcmp-operations")


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


def test_who_may_write_nothing_leaves_no_file(tmp_path):
    cell = holding(floor(tmp_path, "cell"))
    id_ = reported(cell)
    (cell.root / "policy.toml").write_text(POLICY, encoding="utf-8")
    out = tmp_path / "out"
    words = (
        "cases",
        "product",
        "disseminate",
        id_,
        "--to",
        "rcmp-operations",
        *LAW,
        "-o",
        out,
        "--floor",
        cell.root,
    )
    before = cell.position
    told = RUNNER.invoke(app, [str(one) for one in words], env={"WATCHFLOOR_USER": "rita"})
    assert told.exit_code
    assert "reviewer" in f"{told.output}{told.exception}"
    assert not out.exists()
    assert cell.position == before


def test_a_full_disk_logs_no_dissemination(tmp_path, monkeypatch):
    cell = holding(floor(tmp_path, "cell"))
    id_ = reported(cell)
    before = cell.position

    opened = Path.open

    def full(path, mode="r", *rest, **named):
        if mode == "r+b":
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(path, mode, *rest, **named)

    out = tmp_path / "out"
    words = (
        "cases",
        "product",
        "disseminate",
        id_,
        "--to",
        "rcmp-operations",
        *LAW,
        "-o",
        out,
        "--floor",
        cell.root,
    )
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        told = RUNNER.invoke(app, [str(one) for one in words], env={"WATCHFLOOR_USER": "anna"})
    assert isinstance(told.exception, OSError)
    assert cell.position == before
    assert list(out.iterdir()) == []
