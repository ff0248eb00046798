"""A reader's queue is that of a floor without what the reader may not see: leads, joins, bits and acts."""

import shutil
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from watchfloor.casework.decisions.case_history import case_history
from watchfloor.casework.watch.sitrep import records_of
from watchfloor.cell.identity.merges import judge_pair
from watchfloor.cell.judgements import Judgement
from watchfloor.cell.mentions import mentions
from watchfloor.cell.queue import queue
from watchfloor.cell.weighing.weights import load
from watchfloor.cli import app
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor

LOW, HIGH = Reader("low", protected=0), Reader("high")
NOW = datetime(2027, 1, 1, tzinfo=UTC)
PARTIES = "report_key,role,observed_at,subject,name,schema,birth_date,identifiers\n"
ONE, TWO, CROWD = "phone:phone:16135550112", "phone:phone:16135550113", "phone:phone:16135550114"
BOAT = "vessel:mmsi:316155408"
FEEDS = """[feeds.open]
paths = ["open.csv"]
marking = "U"
[feeds.hidden]
paths = ["hidden.csv"]
marking = "PB"
[feeds.reports]
paths = ["*.txt"]
format = "report-form"
marking = "U"
"""


def call(*words):
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output


def party(key, at, *numbers):
    given = ";".join(numbers)
    return f"{key},consignee,2026-11-20T{at}Z,person:feed:{key},Wren Halloway {key},Person,,{given}\n"


def report(place, number, subjects, marking, hour):
    (place / f"{number}-{marking}.txt").write_text(
        f"Title: {number}\nNumber: {number}\nDate: 2026-11-20 {hour}:00\nSubjects: {subjects}\n"
        f"Source reliability: B\nHypothesis: trafficking-by-post\n\n({marking}) Of {number} at {hour}.\n",
        "utf-8",
    )


@pytest.fixture(scope="module")
def floors(tmp_path_factory):
    """A floor with open records, and the same floor after hidden ones came: the key is one."""
    place = tmp_path_factory.mktemp("masks")
    call("init", "--floor", place / "open")
    (place / "open" / "feeds.toml").write_text(FEEDS, "utf-8")
    (place / "open.csv").write_text(PARTIES + party("L1", "10:00:00", f"phone:{ONE[-11:]}"), "utf-8")
    for number, subjects in (("R-1", ONE), ("R-2", TWO), ("R-3", f"{CROWD}; person:feed:L1"), ("R-4", BOAT)):
        report(place, number, subjects, "U", "03")
    call("ingest", place / "open.csv", *sorted(place.glob("*-U.txt")), "--floor", place / "open")
    call("run", "--floor", place / "open")
    shutil.copytree(place / "open", place / "both")
    crowd = "".join(party(f"H{n}", "11:00:00", f"phone:{CROWD[-11:]}") for n in range(60))
    joining = party("H99", "09:00:00", f"phone:{ONE[-11:]}", f"phone:{TWO[-11:]}")
    (place / "hidden.csv").write_text(PARTIES + joining + crowd, "utf-8")
    report(place, "R-5", f"{ONE}; {TWO}", "PB", "04")
    report(place, "R-2", TWO, "PB", "05")  # says the same again
    report(place, "R-4", ONE, "PB", "05")  # takes back what it said of the boat
    call("ingest", place / "hidden.csv", *sorted(place.glob("*-PB.txt")), "--floor", place / "both")
    call("run", "--floor", place / "both")
    both = Floor.open(place / "both")
    judge(both, (ONE, BOAT), "PB", "same")
    return Floor.open(place / "open"), both


def judge(floor, pair, marking, verdict):
    with floor.writer(Actor("officer", "test", "test")) as writer:
        judge_pair(writer, pair, [marking], Judgement(verdict, "hidden reason", "officer", writer.moment()))


def seen(floor, reader):
    leads = queue(floor, reader, load(), NOW)
    acts = records_of(floor, reader)
    return [(one, case_history(acts, [one, *one.also])) for one in leads], len(mentions(floor, reader))


def test_a_low_reader_sees_the_floor_without_what_is_hidden(floors):
    bare, both = floors
    leads, count = seen(bare, LOW)
    assert len(leads) == 4
    assert count == 5
    assert seen(both, LOW) == (leads, count)


def test_a_high_reader_sees_what_is_hidden_and_its_marking(floors):
    _, both = floors
    leads, _ = seen(both, HIGH)
    (joined,) = [one for one, _ in leads if ONE in one.subjects]
    assert {ONE, TWO} <= set(joined.subjects)
    assert joined.marking.startswith("PB")
    assert any("hidden reason" in act.text() for _, acts in leads for act in acts)
    assert not any(one.subject == BOAT for one, _ in leads)
