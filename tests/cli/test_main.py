"""What the program does around its commands: errors of the system, names of users, code pages."""

import getpass
import io
import subprocess
import sys

import pytest
import typer

from watchfloor.cli import app, common, main
from watchfloor.store import Actor, Floor


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["watchfloor", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_what_the_system_refuses_is_told_in_a_sentence(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert run(monkeypatch, "init", "--floor", tmp_path / "file" / "floor") == 4
    assert "watchfloor:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("call", "code", "says"),
    [
        ("leads --as-of 99999", 4, "there is no position 99999"),
        ("record zz", 4, "'zz' is no record id"),
        ("record ffff", 4, "no record ffff"),
        ("feeds quarantine show 99", 4, "nothing of number 99 is in quarantine"),
        ("init", 3, "is not empty"),
        ("floor erase ffff --why test --authority none", 4, "starts with 'ffff'"),
    ],
)
def test_a_wrong_call_ends_with_its_code_and_a_sentence(monkeypatch, tmp_path, capsys, call, code, says):
    Floor.create(tmp_path / "floor", Actor("clerk", "test", "none needed"))
    assert run(monkeypatch, *call.split(), "--floor", tmp_path / "floor") == code
    assert says in capsys.readouterr().err


def test_a_floor_that_cannot_be_used_is_not_found_or_broken(monkeypatch, tmp_path, capsys):
    assert run(monkeypatch, "leads", "--floor", tmp_path / "none") == 4
    Floor.create(tmp_path / "floor", Actor("clerk", "test", "none needed"))
    (tmp_path / "floor" / "catalogue.sqlite").write_bytes(b"no database")
    assert run(monkeypatch, "leads", "--floor", tmp_path / "floor") == 5
    assert "watchfloor:" in capsys.readouterr().err


def test_a_sentence_that_a_library_ends_with_is_told_and_is_no_success(capsys):
    with pytest.raises(SystemExit) as ended:
        main(lambda: sys.exit("no such thing"))
    assert (ended.value.code, capsys.readouterr().err) == (1, "no such thing\n")


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found"), OSError("No username set")])
def test_a_user_without_a_name_still_acts(monkeypatch, error):
    def nobody():
        raise error

    monkeypatch.delenv("WATCHFLOOR_USER", raising=False)
    monkeypatch.setattr(getpass, "getuser", nobody)
    assert common.who().startswith(("user ", "unknown user"))


def test_names_of_every_script_are_printed_whatever_the_code_page(monkeypatch, tmp_path):
    (tmp_path / "list.csv").write_text("id,name,aliases\nA1,Северный Фонарь,فجر\n", encoding="utf-8")
    printed = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(printed, encoding="cp1252", write_through=True))
    run(monkeypatch, "listed", tmp_path / "list.csv", "--json")
    assert "Северный Фонарь" in printed.getvalue().decode("utf-8")


def test_help_waits_for_nothing_that_only_commands_need():
    """A second of imports before `--help`, and before the shell completes a word, is what people notice."""
    made = (
        "import sys, watchfloor.cli as cli; print(sorted({'msgspec', 'numpy', 'pyarrow'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", made], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_help_lists_every_command_once_below_a_heading(capsys):
    root = typer.main.get_command(app)
    below = [name for names in root.sections.values() for name in names]
    assert below == list(root.commands)
    assert len({*below}) == len(below)
    with pytest.raises(SystemExit):
        app(["--help"])
    told = capsys.readouterr().out
    assert all(f"\n{title}:\n" in told for title in root.sections)
    assert all(f"\n  {name} " in told for name in root.commands)
