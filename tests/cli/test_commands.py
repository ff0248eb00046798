"""Every registered command: its help has an example, and --json prints JSON even of nothing."""

import pytest
from rich.console import Console
from tests.cli.commanded import COMMANDS, EMPTY, FULL, call, lines

from watchfloor.cli import common
from watchfloor.feeds import fetch

pytestmark = pytest.mark.xdist_group("commands")  # their floor is made once


def test_help_has_an_example_of_each_command():
    for words in COMMANDS:
        told = " ".join(call([*words, "--help"]).stdout.split())
        assert "Example" in told, words
        assert f"watchfloor {' '.join(words)} " in told.split("Example", 1)[1], words


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_json_is_an_object_a_line(words, places, monkeypatch):
    monkeypatch.setattr(
        fetch, "fetch", lambda source, folder, *_: fetch.Fetched(source, "new", folder / source.file, 3)
    )
    arguments = [argument.format(**places) for argument in FULL[words]]
    found = lines([*words, *arguments], code=(0, 1))
    assert found
    assert all(isinstance(one, dict) for one in found)


@pytest.mark.parametrize("words", EMPTY, ids=" ".join)
def test_json_of_nothing_says_so(words, places):
    arguments, field, value = EMPTY[words]
    found = lines([*words, *(argument.format(**places) for argument in arguments)])
    assert found[-1][field] == value


def test_a_diff_without_a_change_says_so(places):
    assert lines(["listed", "diff", places["list"], places["list"]]) == [{"changes": 0}]


def test_lists_that_could_not_be_fetched_are_none(places, monkeypatch):
    def refused(*_):
        raise fetch.FetchError("un: gone")

    monkeypatch.setattr(fetch, "fetch", refused)
    assert lines(["fetch", "listings", "--only", "un"], code=(2,)) == [{"lists": 0}]


def test_progress_keeps_out_of_redirected_output(places, monkeypatch, capsys):
    """On a terminal whose standard output goes to a file, the file gets the lines and no more."""
    monkeypatch.setenv("TERM", "xterm")  # a dumb terminal is shown no progress
    monkeypatch.setattr(common.err, "console", Console(stderr=True, force_terminal=True))
    with common.busy("counting") as say:
        say("still counting")
        common.print_json({"one": 1})
    out, err = capsys.readouterr()
    assert out == '{"one": 1}\n'
    assert "counting" in err
