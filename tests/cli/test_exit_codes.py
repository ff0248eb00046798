"""Exit codes: the table in the docs is the program's, and every command ends by it."""

import re
from pathlib import Path
from string import Formatter
from types import SimpleNamespace

import pytest
import typer
from tests.cli.commanded import COMMANDS, FULL, RUNNER

from watchfloor import cli
from watchfloor.cli import common, moments
from watchfloor.cli.acting import refusals
from watchfloor.cli.common import (
    BROKEN,
    EXIT_CODES,
    MISSING,
    PARTLY,
    REFUSED,
    USAGE,
    of_error,
    of_message,
)
from watchfloor.cli.face import Terminal
from watchfloor.core import messages
from watchfloor.store import errors, readers

DOCS = Path(__file__).parents[2] / "docs"
MAKES_OR_TELLS = {
    ("init",),
    ("admin", "doctor"),
}
"""Commands that make a floor, or tell that there is none."""
ON_A_FLOOR = [words for words, given in FULL.items() if "--floor" in given and words not in MAKES_OR_TELLS]


def ended(words, arguments):
    """The exit code of a command, as `watchfloor` itself ends: errors that `main` tells have theirs."""
    result = RUNNER.invoke(cli.app, [*words, *arguments])
    if result.exception is None or isinstance(result.exception, SystemExit):
        return result.exit_code, result.output
    return of_error(result.exception), repr(result.exception)


def filled(words, **places):
    """A command's arguments, with a dummy for each place that is not given."""
    names = {name for one in FULL[words] for _, name, _, _ in Formatter().parse(one) if name}
    return [
        one.format(**{name: places.get(name, "2026" if name == "year" else "7") for name in names})
        for one in FULL[words]
    ]


def test_the_docs_have_the_table():
    rows = re.findall(r"^\| (\d) \| (.+) \|$", (DOCS / "exit-codes.md").read_text("utf-8"), re.MULTILINE)
    assert {int(code): text for code, text in rows} == EXIT_CODES


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_an_option_that_is_none_is_a_wrong_call(words):
    assert ended(words, ["--no-such-option"])[0] == USAGE


@pytest.mark.parametrize("words", ON_A_FLOOR, ids=" ".join)
def test_a_floor_that_is_not_there_is_not_found(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    places = {name: str(tmp_path / "gone") for name in ("floor", "bare", "pair")}
    code, said = ended(words, filled(words, **places))
    assert code == MISSING, said


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.NoFloor("x"), MISSING),
        (errors.NotEmpty("x"), REFUSED),
        (errors.UnknownRecord("x"), MISSING),
        (errors.FloorBusy("x"), REFUSED),
        (errors.Damaged("x"), BROKEN),
        (errors.StoreFull("x"), BROKEN),
        (errors.NoServer("x"), BROKEN),
        (errors.ReadOnlyFloor("x"), BROKEN),
        (readers.NotPermitted("x"), REFUSED),
        (FileNotFoundError(2, "x"), MISSING),
        (PermissionError(13, "x"), REFUSED),
        (FileExistsError(17, "x"), REFUSED),
        (IsADirectoryError(21, "x"), USAGE),
        (OSError(28, "x"), BROKEN),
    ],
)
def test_errors_have_the_code_of_their_sort(error, code):
    assert of_error(error) == code


@pytest.mark.parametrize(
    ("message", "code"),
    [("cell.no-such-id", MISSING), ("cell.no-such-day", USAGE), ("exchange.unknown-peer", MISSING)],
)
def test_refusals_have_the_code_of_their_message(message, code):
    assert of_message(message) == code


def test_the_code_of_a_refusal_does_not_hang_on_its_words(monkeypatch):
    """The codes of the same refusals before and after each sentence has other words."""
    ids = sorted(common._USAGE_IDS | common._MISSING_IDS | {"cell.no-such-id", "cell.task-stale"})
    before = [of_message(one) for one in ids]
    for one in ids:
        monkeypatch.setitem(messages._GIVEN, one, ("Said anew.", "Redit."))
    assert [of_message(one) for one in ids] == before
    assert {*before} == {USAGE, REFUSED, MISSING}


def test_the_refusals_that_have_a_code_of_their_own_are_there():
    sources = "".join(one.read_text("utf-8") for one in Path(cli.__file__).parents[1].rglob("*.py"))
    assert [one for one in common._USAGE_IDS | common._MISSING_IDS if f'"{one}"' not in sources] == []


@pytest.mark.parametrize(("start", "code"), [("ab", USAGE), ("zz", MISSING)])
def test_the_start_of_several_ids_is_a_wrong_call_and_that_of_none_is_not_found(start, code):
    leads = [SimpleNamespace(lead_id=one, also=(), took_up=()) for one in ("abc", "abd")]
    context = Terminal(Path("floor"), "testing", "none", "en")
    context.queue = leads
    with pytest.raises(typer.Exit) as ended_by, refusals("en"):
        context.lead(start)
    assert ended_by.value.exit_code == code


def test_no_help_states_a_code_otherwise():
    """Help says of a code what the table says, or which caution 1 is."""
    for words, command in COMMANDS.items():
        stated = set(
            map(
                int,
                re.findall(r"(?<![\w.])([0-5]) (?=[a-z])", (command.help or "").partition("Exit code")[2]),
            )
        )
        assert stated <= {0, PARTLY}, words


def test_a_day_far_from_ours_is_a_wrong_call(capsys):
    with pytest.raises(typer.Exit) as ended_:
        moments.day("0001-01-01", "--on")
    assert (ended_.value.exit_code, "1800 to 2999" in " ".join(capsys.readouterr().err.split())) == (
        USAGE,
        True,
    )
