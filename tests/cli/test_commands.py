"""Every registered command: an example in its help, its act in the log, JSON under --json even of nothing."""

import pytest
from rich.console import Console
from tests import snapshots
from tests.cli.commanded import COMMANDS, EMPTY, FULL, call, lines
from tests.cli.leaves import LEAVES, whole

from watchfloor.cli import common
from watchfloor.exchange.taxii import client as taxii
from watchfloor.feeds import fetch
from watchfloor.store import Floor
from watchfloor.store.files import FOLDERS

pytestmark = pytest.mark.group("commands")  # their floor is made once

OBJECT = b'{"objects":[{"type":"note","id":"note--8f0c36ab-5d7b-4a35-9c0a-0e6c2a4b1f11","content":"seen"}]}'
THOROUGH_ONLY = {("demo",)}
"""A whole exercise, which `test_floor` plays in every run."""
ALL = [
    pytest.param(words, marks=pytest.mark.thorough) if words in THOROUGH_ONLY else words for words in COMMANDS
]


def test_help_has_an_example_of_each_command():
    for words in COMMANDS:
        told = " ".join(call([*words, "--help"]).stdout.split())
        assert "Example" in told, words
        assert f"watchfloor {' '.join(words)} " in told.split("Example", 1)[1], words


def test_every_command_says_which_acts_it_leaves():
    assert {" ".join(words) for words in COMMANDS} == set(LEAVES)


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_json_is_an_object_a_line_and_the_act_says_who_why_and_by_what_right(words, places, monkeypatch):
    monkeypatch.setenv("WATCHFLOOR_PURPOSE", "a purpose")
    monkeypatch.setenv("WATCHFLOOR_AUTHORITY", "an Act")
    monkeypatch.setattr(
        fetch, "fetch", lambda source, folder, *_: fetch.Fetched(source, "new", folder / source.file, 3)
    )
    monkeypatch.setattr(taxii.Remote, "_get", lambda *_: (OBJECT, {}))
    before = Floor.open(places["floor"]).position
    arguments = [argument.format_map(places) for argument in FULL[words]]
    found = lines([*words, *arguments], code=(0, 1))
    assert found
    assert all(isinstance(one, dict) for one in found)
    expected = LEAVES[" ".join(words)]
    if isinstance(expected, set):
        acts = Floor.open(places["floor"]).acts(before + 1)
        assert {act.act for act in acts} == expected
        assert all(whole(act) for act in acts)
    snapshots.check("json.txt", {" ".join(words): snapshots.shape(found)}, f"{' '.join(words)}: ")


def test_folders_beside_the_store_are_as_recorded(restored):
    found = snapshots.folders(path.parent for path in restored[0].glob("*/floor.toml"))
    beside = [folder for folder in found if folder.split("/")[0] not in ("", *FOLDERS)]
    snapshots.check("layout.txt", {f"beside {folder}": found[folder] for folder in beside}, "beside ")


@pytest.mark.parametrize("words", EMPTY, ids=" ".join)
def test_json_of_nothing_says_so(words, places):
    arguments, field, value = EMPTY[words]
    found = lines([*words, *(argument.format_map(places) for argument in arguments)])
    assert found[-1][field] == value


def test_a_diff_without_a_change_says_so(places):
    assert lines(["listed", "diff", places["list"], places["list"]]) == [{"changes": 0}]


def test_lists_that_could_not_be_fetched_are_none(places, monkeypatch):
    def refused(*_):
        raise fetch.FetchError("un: gone")

    monkeypatch.setattr(fetch, "fetch", refused)
    assert lines(["lists", "fetch", "--only", "un"], code=(5,)) == [{"lists": 0}]


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
