"""Tables on a terminal of 80 columns, and in a file."""

import pytest

from watchfloor.cli.common import print_table


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("feed", ["un-consolidated", "justice-laws"])
def test_names_of_feeds_are_not_broken(feed, capsys):
    heads = ("feed", "received", "accepted", "duplicate", "quarantined", "withheld")
    print_table("", heads, [(feed, *["850,001"] * 5)], "")
    (line,) = (line for line in capsys.readouterr().out.split("\n") if "850,001" in line)
    assert line.split("│")[1].strip() == feed


def test_what_goes_into_a_file_is_not_folded_at_80_columns(monkeypatch, capsys):
    monkeypatch.delenv("COLUMNS")
    print_table("", ("id", "why"), [("1", "a reason " * 14)], "")
    assert ("a reason " * 14).strip() in capsys.readouterr().out


def test_prose_is_folded_and_nothing_is_lost(capsys):
    word, prose = "w" * 24, "a long text " * 30
    print_table("", ("word", "x" * 60, "why"), [(word, "y" * 60, prose)], "")
    cells = [line.split("│") for line in capsys.readouterr().out.split("\n") if line.startswith("│")]
    columns = ["".join(cell.strip() for cell in column) for column in list(zip(*cells, strict=True))[1:4]]
    assert [column.replace(" ", "") for column in columns] == [word, "y" * 60, prose.replace(" ", "")]


def test_what_looks_like_markup_is_printed(capsys):
    print_table("", ("word",), [], "Add one as [[section]].")
    print_table("", ("word", "[red]plan.json"), [("[bold]", 1)], "")
    shown = capsys.readouterr().out
    assert "[[section]]" in shown
    assert "[red]plan.json" in shown
    assert "[bold]" in shown
