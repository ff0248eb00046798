"""Who may deliver to a feed, replace a record and say how a feed is read: what an attacker tried."""

import json
import shutil
from pathlib import Path

import httpx
import pytest
from tests.cli.worlds import FEEDS, in_, run
from tests.console.named import HEAD, listed, party
from tests.console.served import served

from watchfloor.feeds import config
from watchfloor.feeds.deliverers import deliverer
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor
from watchfloor.store.readers import NotPermitted

SECRET, LOW, OPEN = "PC//TLP:RED//COMP:GAMMA", "PA//TLP:GREEN", "U//TLP:CLEAR"
POLICY = """
[compartments]
GAMMA = { en = "g", fr = "g" }
[readers.sup]
protected = "PC"
compartments = ["GAMMA"]
role = "supervisor"
[readers.ana]
protected = "PB"
[readers.low]
protected = "PA"
tlp = "GREEN"
[readers."Low Two"]
protected = "PA"
tlp = "GREEN"
[readers.lowsup]
protected = "PA"
tlp = "GREEN"
role = "supervisor"
"""
DESCRIBED = f"""
{FEEDS}
[feeds.secrets]
format = "party-csv"
marking = "{SECRET}"
[feeds.secrets.screen]
necessity = "exercise"
authority = "exercise"
[feeds.shared]
format = "party-csv"
marking = "{LOW}"
deliverers = ["low", "counsel"]
owner = "ana"
[feeds.gamma]
mapping = "gamma.toml"
marking = "{SECRET}"
"""
MAPPING = """kind = "party"
[fields]
name = "name"
observed_at = "day"
[constants]
role = "consignee"
schema = "Person"
"""
OTHER = MAPPING.replace('"name"', '"label"')
ANYBODY = "Tavish Okonedo-Marr"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a floor of one hidden record, and a list of eight that the supervisor keeps."""
    place = tmp_path_factory.mktemp("made")
    (place / "gamma.toml").write_text(MAPPING, "utf-8")
    (place / "feeds.toml").write_text(DESCRIBED, "utf-8")
    (place / "policy.toml").write_text(POLICY, "utf-8")
    with in_(place, "sup"):
        run("init", "--name", "cell", "--ceiling", "PC//TLP:RED//COMP:GAMMA", "--feeds", "feeds.toml")
        run("floor", "marking", "set", "policy.toml")
        deliver("sup", "hidden.csv", party("S-1", 0, ANYBODY, "16135550112"), "--source", "secrets")
        Path("watched.csv").write_text(listed(*((n, f"Wren Halloway {n}") for n in range(8))), "utf-8")
        run("ingest", "watched.csv", "--format", "listing-csv", "--marking", OPEN)
        run("run")
    return place


@pytest.fixture
def home(made, tmp_path):
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


def deliver(user, name, rows, *options, code=(0,)):
    """A file of parties that somebody takes in; gives what the command said of it."""
    with in_(Path.cwd(), user):
        Path(name).write_text(HEAD + rows, "utf-8")
        said = run("ingest", name, "--format", "party-csv", *options, "--json", code=code).stdout
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def found(floor, user, *words):
    with in_(floor.parent, user):
        return [json.loads(line) for line in run(*words, "--json").stdout.splitlines()]


def test_a_row_of_lower_marking_takes_no_hidden_row_of_another_feed_away(home):
    before = found(home / "floor", "sup", "search", ANYBODY)
    with in_(home, "low"):
        forged = party("S-1", 0, "Harmless Replacement", "16135550112")
        (said, _) = deliver("low", "forged.csv", forged, "--source", "secrets", "--marking", LOW)
    assert said["source"] == "by-low"
    assert found(home / "floor", "sup", "search", ANYBODY) == before != [{"found": 0}]


def test_not_even_a_deliverer_replaces_what_is_marked_above_the_delivery(home):
    with in_(home, "sup"):
        lower = party("S-1", 0, "Harmless Replacement", "16135550112")
        (said, _) = deliver("sup", "lower.csv", lower, "--source", "secrets", "--marking", LOW)
        assert said["source"] == "secrets"
    floor = Floor.open(home / "floor")
    names = {row["name"] for row in floor.read("party", floor.reader("sup", "x"), latest=True).to_pylist()}
    assert names == {ANYBODY, "Harmless Replacement"}
    assert len(found(home / "floor", "sup", "search", ANYBODY)) == 1
    of_low = floor.read("party", floor.reader("low", "x"), latest=True)["name"].to_pylist()
    assert of_low == ["Harmless Replacement"]


def test_a_downgraded_record_is_replaced_by_what_it_was_downgraded_to(home):
    with in_(home, "sup"):
        (record,) = Floor.open(home / "floor").read("party", sup(home))["record_id"].to_pylist()
        run("floor", "marking", "downgrade", record.hex(), "--to", LOW, "--why", "published", code=(0,))
    kept = Floor.open(home / "floor").read("party", sup(home), latest=True)
    assert kept["marking"].to_pylist() == [LOW]
    assert len(found(home / "floor", "sup", "search", ANYBODY)) == 1


def sup(home):
    return Floor.open(home / "floor").reader("sup", "x")


def test_a_list_that_others_keep_is_neither_cut_nor_reworded_by_who_does_not_deliver_it(home):
    floor = Floor.open(home / "floor")
    before = floor.read("consolidation", sup(home)), floor.read("listing", sup(home))
    with in_(home, "low"):
        Path("watched.csv").write_text(listed((0, "Harmless Replacement")), "utf-8")
        words = ("ingest", "watched.csv", "--format", "listing-csv", "--marking", OPEN)
        with pytest.raises(NotPermitted):
            run(*words, "--whole")
        run(*words, code=(1,))
    assert (floor.read("consolidation", sup(home)), floor.read("listing", sup(home))) == before
    (piece,) = floor.quarantine()
    assert (piece.source, piece.rest) == ("by-low", True)
    with in_(home, "low"):
        run("feeds", "quarantine", "retry", code=(1,))
    assert floor.read("listing", sup(home)) == before[1]
    with in_(home, "sup"):
        run("feeds", "quarantine", "retry", "--whole", code=(0,))
    assert floor.read("listing", sup(home)).num_rows == before[1].num_rows + 1


@pytest.mark.parametrize("name", ["live", "decisions", "policy", "console", "by-sup", "node:rcmp", "tasks"])
def test_names_that_the_floor_writes_under_are_no_feeds(home, name):
    with in_(home, "sup"):
        deliver("sup", "one.csv", party("a", 0, ANYBODY, "16135550112"), "--source", name, code=(2,))
    with pytest.raises(ValueError, match="feed"):
        config.check_source(name)


def test_a_file_whose_name_is_of_the_floor_is_kept_as_the_persons(home):
    with in_(home, "sup"):
        (said, _) = deliver("sup", "decisions.csv", party("a", 0, ANYBODY, "16135550112"))
    assert said["source"] == "by-sup"


def test_deliverers_are_named_by_feed_and_everybody_else_has_a_source_of_their_own(home):
    feeds = config.load(home / "floor")

    def of(name):
        return deliverer(home / "floor", Actor(name, "x", "y"), feeds)

    may = {
        (n, f): of(n).may(f)
        for n in ("sup", "ana", "low", "lowsup")
        for f in ("parcels", "shared", "secrets", "new")
    }
    assert {pair for pair, yes in may.items() if yes} == {
        *(("sup", "parcels"), ("sup", "secrets"), ("sup", "new"), ("lowsup", "new")),
        *(("ana", "shared"), ("low", "shared")),
    }
    assert of("low").may("by-low")
    assert not of("low").may("by-ana")
    assert of("low").known.by_name.keys() == {"shared"}
    assert of("ana").known.by_name.keys() == feeds.by_name.keys() - {"secrets", "gamma"}
    assert of("low").own == "by-low"
    assert len({of(n).own for n in ("low", "Low Two", "sup")}) == 3
    assert config.SOURCE.fullmatch(of("Low Two").own)


def test_without_a_policy_everybody_delivers_everything(tmp_path):
    with in_(tmp_path, "anybody"):
        run("init", "--name", "cell", "--ceiling", "PB//TLP:RED")
        (said, _) = deliver("anybody", "one.csv", party("a", 0, ANYBODY, "16135550112"), "--source", "x")
    assert said["source"] == "x"


def test_how_a_feed_is_read_is_saved_by_a_supervisor_who_may_see_it(home):
    saved = (home / "floor" / "gamma.toml").read_text()
    with served(Floor.open(home / "floor")) as console:
        codes = {}
        for user in ("low", "ana", "lowsup", "sup"):
            head = {"Authorization": f"Bearer {console.token(user, 'border')}"}
            with httpx.Client(base_url=console.home, headers=head, timeout=60) as client:
                body = "label,day\nAnn Roy,2026-03-04\n"
                opened = client.post("/api/v1/mapping?name=t.csv", content=body.encode())
                table = opened.json()["table"]
                client.post(f"/api/v1/mapping/{table}/text", json={"text": OTHER})
                ask = {"feed": "gamma", "anyway": True}
                codes[user] = client.post(f"/api/v1/mapping/{table}/save", json=ask).status_code
                if user != "sup":
                    assert (home / "floor" / "gamma.toml").read_text() == saved
                if user == "low":
                    started = client.post("/api/v1/uploads?name=a.csv&feed=gamma&whole=true", content=b"x")
                    assert started.status_code == 403
    assert codes == {"low": 403, "ana": 403, "lowsup": 422, "sup": 200}
    assert (home / "floor" / "gamma.toml").read_text() != saved
