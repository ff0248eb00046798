"""Who leaves a list without dates leaves the queue, and the lead keeps the reason."""

import json

import pytest
from typer.testing import CliRunner

from watchfloor.cli import app
from watchfloor.desks.registry import declare_messages

RUNNER = CliRunner()
FEEDS = """
[feeds.parcels]
paths = ["parcels*.csv"]
format = "party-csv"

[feeds.parcels.screen]
necessity = "exercise"
authority = "exercise"
"""
NOTHING = ",-0- " * 7
PEOPLE = {
    101: "OKONEDO-MARR, Tavish",
    102: "BALDWIN QUISPE, Lucero",
    103: "PEMBERLEY-STRAND, Ada",
    104: "VALDOVIN HRASTNIK, Oren",
    105: "SALTMARSH-TOLLIVER, Wilhelmina",
}
PARTIES = """report_key,role,name,schema,birth_date,country,observed_at
1,consignee,Tavish Okonedo-Marr,Person,,,2026-03-01
2,consignee,Lucero Baldwin Quispe,Person,,,2026-03-02
"""


def sdn(*numbers):
    rows = [f'{n},"{PEOPLE[n]}","individual","TEST"{NOTHING},"DOB 1971."\n' for n in numbers]
    return "".join(rows) + "\x1a"


def call(*arguments, code=0):
    result = RUNNER.invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def lines(*arguments, code=0):
    return [json.loads(line) for line in call(*arguments, "--json", code=code).stdout.splitlines()]


@pytest.fixture
def floor(tmp_path):
    path = tmp_path / "floor"
    call("init", "--floor", path)
    (path / "feeds.toml").write_text(FEEDS, encoding="utf-8")
    (tmp_path / "parcels.csv").write_text(PARTIES, encoding="utf-8")
    call("ingest", tmp_path / "parcels.csv", "--floor", path)
    declare_messages()
    return path


def deliver(floor, text, *options, name="sdn.csv", code=0):
    """What taking a file in says, and a run after it."""
    path = floor.parent / name
    path.write_bytes(text.encode())
    result = call("ingest", path, "--floor", floor, *options, code=code)
    call("run", "--floor", floor)
    return " ".join(result.stderr.split())


def subjects(floor, *options):
    return {
        one["subject"]: one["lead_id"]
        for one in lines("leads", "--floor", floor, *options)
        if "subject" in one
    }


def test_who_leaves_an_undated_list_leaves_the_queue_and_the_lead_says_why(floor):
    deliver(floor, sdn(*PEOPLE))
    before = subjects(floor)
    assert set(before) == {"person:parcels:1", "person:parcels:2"}
    position = lines("floor", "verify", "--floor", floor)[-1]["position"]
    assert "1 item has left OFAC-SDN: OFAC-SDN#101" in deliver(floor, sdn(102, 103, 104, 105))
    assert set(subjects(floor)) == {"person:parcels:2"}
    gone = before["person:parcels:1"]
    (closed,) = lines("lead", gone, "--floor", floor)
    (back,) = closed["taken_back"]
    assert closed["closed"]
    assert "OKONEDO-MARR" in back["reason"]
    assert "has left the list" in back["reason"]
    edition = json.loads(call("record", back["coverage"][0], "--floor", floor, "--json").stdout)
    assert edition["kind"] == "consolidation"
    assert "OFAC-SDN#101" not in edition["entities"]
    assert "Ce n’est plus un signalement" in call("lead", gone, "--floor", floor, "--lang", "fr").stdout
    (french,) = lines("lead", gone, "--floor", floor, "--lang", "fr")
    assert "a quitté la liste" in french["taken_back"][0]["reason"]
    assert subjects(floor, "--as-of", position) == before
    assert {one["same"] for one in lines("floor", "replay", "--floor", floor)} == {True}


def test_who_comes_back_on_the_list_comes_back_into_the_queue(floor):
    deliver(floor, sdn(*PEOPLE))
    before = subjects(floor)
    deliver(floor, sdn(102, 103, 104, 105))
    said = deliver(floor, sdn(*PEOPLE))
    assert "a list without a date counts as of its delivery" in said
    assert subjects(floor) == before


def test_an_alias_that_left_the_file_of_aliases_is_forgotten_and_comes_back(floor):
    aliases = ['103,7,"aka","BALDWIN QUISPE, Lucero",-0- \n', '104,8,"aka","HERON, Maximilian",-0- \n']
    deliver(floor, sdn(101, 103, 104, 105))
    assert set(subjects(floor)) == {"person:parcels:1"}
    deliver(floor, "".join(aliases) + "\x1a", name="alt.csv")
    before = subjects(floor)
    assert set(before) == {"person:parcels:1", "person:parcels:2"}
    said = deliver(floor, aliases[1] + "\x1a", name="alt.csv")
    assert "OFAC-SDN#103/alt/7" in said
    assert set(subjects(floor)) == {"person:parcels:1"}
    (closed,) = lines("lead", before["person:parcels:2"], "--floor", floor)
    assert "alt.csv" in closed["taken_back"][0]["reason"]
    deliver(floor, "".join(aliases) + "\x1a", name="alt.csv")
    assert subjects(floor) == before


def test_a_few_names_under_the_id_of_a_list_take_nobody_away_until_somebody_says_so(floor):
    deliver(floor, sdn(*PEOPLE))
    before = subjects(floor)
    deliver(floor, sdn(103, 104), code=1)
    assert subjects(floor) == before
    (piece,) = lines("feeds", "quarantine", "list", "--floor", floor)
    assert "3 of 5 items of OFAC-SDN would leave the list" in piece["why"]
    assert "watchfloor feeds quarantine retry --whole" in piece["why"]
    call("feeds", "quarantine", "retry", "--floor", floor, code=1)
    call("feeds", "quarantine", "retry", "--whole", "--floor", floor)
    call("run", "--floor", floor)
    assert subjects(floor) == {}


def test_a_file_that_breaks_off_takes_nobody_away(floor):
    deliver(floor, sdn(*PEOPLE))
    before = subjects(floor)
    deliver(floor, sdn(102, 103, 104, 105)[:-40], code=1)
    assert subjects(floor) == before


def test_the_same_list_again_writes_nothing(floor):
    deliver(floor, sdn(*PEOPLE))
    deliver(floor, sdn(102, 103, 104, 105))
    found = lines("ingest", floor.parent / "sdn.csv", "--floor", floor)
    assert found[-1]["total"] == {
        "received": 5,
        "accepted": 0,
        "duplicate": 5,
        "quarantined": 0,
        "withheld": 0,
    }


def test_a_feed_that_states_no_necessity_is_named_by_run(floor):
    assert "not screened" not in call("run", "--floor", floor).stderr
    (floor / "feeds.toml").write_text("", encoding="utf-8")
    told = " ".join(call("run", "--floor", floor).stderr.split())
    assert "not screened: parcels, 2 records of parties" in told
    assert "[feeds.parcels.screen]" in told


def test_a_decision_holds_where_an_item_is_put_together_from_files(floor, tmp_path):
    """OFAC gives aliases in a file of their own: what is judged is the whole."""
    (tmp_path / "sdn.csv").write_text(sdn(103, 104, 105), encoding="latin-1")
    alias = '103,9,"aka","OKONEDO-MARR, Tavish","-0- "\n'
    (tmp_path / "alt.csv").write_text(alias + "\x1a", encoding="latin-1")
    call("ingest", tmp_path / "sdn.csv", tmp_path / "alt.csv", "--floor", floor)
    call("run", "--floor", floor)
    (lead,) = lines("leads", "--floor", floor)
    call("leads", "decide", lead["lead_id"], "different", "--why", "passport seen", "--floor", floor)
    (after,) = lines("leads", "--floor", floor)
    assert after["strength"] == "cleared"
    (tmp_path / "alt.csv").write_text(
        alias + alias.replace(",9,", ",10,").replace("Tavish", "Tobias") + "\x1a", "latin-1"
    )
    call("ingest", tmp_path / "alt.csv", "--floor", floor)
    call("run", "--floor", floor)
    (again,) = lines("leads", "--floor", floor)
    assert again["strength"] == lead["strength"]  # the item says something else: it is to be looked at again


def test_a_wrong_line_of_rates_is_named_by_run_which_goes_on(floor):
    (floor / "exchange-rates.csv").write_text("date,from,to,rate\n2026-03-02,USD,CAD,1,4\nx,USD,CAD,1.4\n")
    told = call("run", "--floor", floor, code=1)
    said = " ".join(told.stderr.split())
    assert [f"exchange-rates.csv, line {line}" in said for line in (2, 3)] == [True, True]
    assert "listings" in told.stdout
    assert lines("floor", "replay", "--floor", floor)
