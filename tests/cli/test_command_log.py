"""What commands write for operators: when they began and ended, whose they are, what came of them."""

import io
import json
import os
import re
import sys
from subprocess import run as process

import pytest

from watchfloor.cli import command_log, main
from watchfloor.store import Actor, Floor

SUBJECT = "person:parcels:SECRETSUBJECT"
SAYS = {"purpose": "tests", "authority": "an Act"}


@pytest.fixture
def floor(tmp_path, monkeypatch):
    """A floor of an exercise, which this process' commands are about."""
    monkeypatch.setenv("WATCHFLOOR_USER", "roy")
    made = Floor.create(tmp_path / "floor", Actor("roy", "tests", "an Act"), exercise=True)
    monkeypatch.setenv("WATCHFLOOR_FLOOR", str(made.root))
    return made


@pytest.fixture
def command(monkeypatch):
    """Give a command as the command line does; returns its exit code."""

    def give(*words):
        monkeypatch.setattr(sys, "argv", ["watchfloor", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code

    return give


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def logged(floor):
    return lines(floor.root / command_log.NAME)


def test_a_command_writes_when_it_began_and_how_it_ended(floor, command):
    assert command("leads", "--purpose", "tests", "--authority", "an Act", "--json") == 0
    begun, ended = logged(floor)
    assert (begun["event"], ended["event"]) == ("begin", "end")
    same = {"id": begun["id"], "command": "leads", "floor": str(floor.root.resolve()), **SAYS}
    assert same.items() <= begun.items()
    assert {**same, "who": "roy", "exit": 0}.items() <= ended.items()
    assert ended["seconds"] > 0
    assert (floor.root / command_log.NAME).stat().st_mode & 0o777 == 0o600


def test_counts_of_deliveries_are_in_the_line(floor, command, tmp_path):
    rows = [
        "report_key,role,name,birth_date,observed_at",
        "1,payee,A,1971,2026-11-24",
        "2,payee,B,1971-02-30,",
    ]
    (tmp_path / "p.csv").write_text("\n".join(rows) + "\n", "utf-8")
    assert command("ingest", tmp_path / "p.csv") == 1
    ended = logged(floor)[-1]
    assert ended["exit"] == 1
    assert ended["counts"] == {
        "received": 2,
        "accepted": 1,
        "duplicate": 0,
        "quarantined": 1,
        "withheld": 0,
    }
    assert all(re.fullmatch(r"cli/ingest\.py:\d+", one) for one in ended["messages"])


def test_a_refusal_is_named_by_its_message_and_its_values_are_not(floor, command, capsys):
    assert command("cases", "task", "show", "SECRETSUBJECT") == 4
    assert "SECRETSUBJECT" in capsys.readouterr().err
    ended = logged(floor)[-1]
    assert (ended["exit"], ended["messages"]) == (4, {"cell.no-such-id": 1})
    assert "SECRETSUBJECT" not in json.dumps(logged(floor))


def test_a_command_that_is_refused_before_it_begins_has_an_end_alone(command, tmp_path, monkeypatch):
    monkeypatch.setenv("WATCHFLOOR_USER", "roy")
    for stated in ("PURPOSE", "AUTHORITY"):
        monkeypatch.delenv(f"WATCHFLOOR_{stated}", raising=False)
    real = Floor.create(tmp_path / "real", Actor("roy", "tests", "an Act"))
    assert command("leads", "--floor", real.root) == 2
    (ended,) = logged(real)
    assert (ended["event"], ended["exit"]) == ("end", 2)
    (place,) = ended["messages"]
    assert re.fullmatch(r"cli/common\.py:\d+", place), "where the sentence is worded"


def test_a_mistake_of_ours_has_an_incident_and_its_values_stand_nowhere(floor, command, capsys, monkeypatch):
    def breaks(*_, **__):
        raise KeyError(SUBJECT)

    monkeypatch.setattr("watchfloor.cell.queue.queue", breaks)
    assert command("leads") == 5
    said = capsys.readouterr().err
    failure = next(one for one in logged(floor) if one["event"] == "failure")
    assert re.search(r"incident ([0-9a-f]{8})", said)[1] == failure["incident"]
    assert (failure["error"], failure["command"]) == (["KeyError"], "leads")
    assert "breaks" in failure["at"][-1]
    assert logged(floor)[-1]["exit"] == 5
    assert "SECRETSUBJECT" not in said + json.dumps(logged(floor))
    assert "Traceback" not in said


def test_a_mistake_of_ours_without_a_floor_is_told_on_standard_error(command, capsys, monkeypatch):
    def breaks(*_, **__):
        raise KeyError(SUBJECT)

    monkeypatch.setattr("watchfloor.desks.lab.negatives.curve", breaks)
    assert command(*"lab reading negative --method ftir --matrix powder --prior 0.3".split()) == 5
    told, said = capsys.readouterr().err.splitlines()
    assert json.loads(told)["incident"] in said
    assert "SECRETSUBJECT" not in told + said


def test_an_error_of_the_floor_has_what_it_says_for_operators(floor, command):
    (floor.root / "catalogue.sqlite").write_bytes(b"no database")
    assert command("leads") == 5
    failure = next(one for one in logged(floor) if one["event"] == "failure")
    assert failure["detail"]


@pytest.mark.parametrize("where", ["off", "-", "elsewhere"])
def test_the_log_lies_where_the_variable_says(floor, command, capsys, monkeypatch, tmp_path, where):
    monkeypatch.setenv(command_log.VARIABLE, where if where != "elsewhere" else str(tmp_path / "log"))
    assert command("leads", "--json") == 0
    assert not (floor.root / command_log.NAME).exists()
    printed = capsys.readouterr()
    assert printed.out == '{"leads": 0}\n'
    told = {"off": [], "-": printed.err.splitlines()}.get(where)
    told = lines(tmp_path / "log") if told is None else [json.loads(one) for one in told]
    assert [one["event"] for one in told] == ([] if where == "off" else ["begin", "end"])


def test_a_log_that_cannot_be_written_stops_no_command(floor, command, capsys, monkeypatch, tmp_path):
    (floor.root / command_log.NAME).mkdir()
    assert command("leads", "--json") == 0
    monkeypatch.setenv(command_log.VARIABLE, str(tmp_path / "no" / "log"))
    capsys.readouterr()
    assert command("leads", "--json") == 0
    assert str(tmp_path / "no" / "log") in capsys.readouterr().err, "a file that was named is missed"


def test_a_full_log_is_put_aside_and_the_oldest_go(floor, command, monkeypatch):
    monkeypatch.setattr(command_log, "MOST", 1)
    for _ in range(command_log.OLD + 3):
        assert command("leads", "--json") == 0
    kept = [path for path in floor.root.iterdir() if path.name.startswith(command_log.NAME[:8])]
    assert len(kept) == command_log.OLD + 1
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in kept)
    events = [line["event"] for path in sorted(kept) for line in lines(path)]
    assert len(events) == 2 * (command_log.OLD + 1), "a line that was written is whole"


def test_no_line_is_written_where_there_is_no_floor(command, tmp_path, monkeypatch):
    monkeypatch.setenv("WATCHFLOOR_USER", "roy")
    assert command("leads", "--floor", tmp_path / "none") == 4
    assert list(tmp_path.iterdir()) == []


def test_a_floor_that_is_made_has_the_line_of_its_making(command, tmp_path):
    assert command("init", "--floor", tmp_path / "floor") == 0
    assert [one["event"] for one in lines(tmp_path / "floor" / command_log.NAME)] == ["end"]


def test_no_command_waits_for_what_only_a_failure_needs(floor):
    """What every command on a floor has loaded anyway is all that a line needs."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom watchfloor.cli import command_log as log\n"
        "import watchfloor.store.database\nbefore = {*sys.modules}\n"
        "log.start()\nlog.name('leads', Path(sys.argv[1]))\nlog.begin(str, {})\nlog.end(0)\n"
        "print({*sys.modules} - before)"
    )
    done = process([sys.executable, "-c", code, str(floor.root)], capture_output=True, text=True, check=True)
    assert (done.stdout, len(logged(floor))) == ("set()\n", 2)


@pytest.mark.skipif(sys.platform == "win32", reason="a link needs a right there")
def test_no_link_is_followed_and_no_pipe_is_waited_for(floor, command, tmp_path, capsys):
    """A floor that somebody else made may have either where its log would be."""
    other, log = tmp_path / "other", floor.root / command_log.NAME
    other.write_text("theirs", "utf-8")
    log.symlink_to(other)
    assert command("leads", "--json") == 0
    assert other.read_text("utf-8") == "theirs"
    log.unlink()
    os.mkfifo(log)
    capsys.readouterr()
    assert command("leads", "--json") == 0
    said = capsys.readouterr().err
    assert said.count("no log is written") == 1, "nor where a command of root has made it theirs"
    assert str(log) in said


def test_an_argument_that_is_no_utf_8_is_written_as_json_has_it(floor, command, capsys):
    assert command("leads", "--purpose", "caf\udce9", "--json") == 2
    begun, ended = logged(floor)
    assert (begun["purpose"], ended["exit"]) == ("caf\udce9", 2)
    assert "set the terminal to UTF-8" in capsys.readouterr().err


@pytest.mark.parametrize("errors", [None, "closed"])
def test_no_command_ends_because_nobody_reads_standard_error(floor, command, monkeypatch, errors):
    class Closed(io.StringIO):
        def write(self, _):
            raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setenv(command_log.VARIABLE, "-")
    monkeypatch.setattr(sys, "stderr", Closed() if errors else None)
    assert command("leads", "--json") == 0
