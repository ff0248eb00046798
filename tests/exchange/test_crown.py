"""Disclosure to the Crown: complete by brute force, without a byte of what is kept back, checked alone."""

import json
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.refusals import because
from tests.thorough import draws
from typer.testing import CliRunner

from watchfloor.cell.acts import Unusable
from watchfloor.cell.leads import lead_id_of
from watchfloor.cell.weighing.weights import load
from watchfloor.cli import app
from watchfloor.core.kinds import KINDS
from watchfloor.exchange.crown import grounds, items, pack, relevance, withholding
from watchfloor.exchange.log.access import Access
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.log import standalone

RUNNER = CliRunner()
READER = Reader("tester", purpose="evaluation on one machine")
PARTIES = (
    "report_key,role,name,birth_date,context,observed_at\n"
    "1,payee,Zarbek Tolunay,1971-05-02,transfer of a quiet afternoon,2026-11-24\n"
    "2,consignee,Zarbek Tolunay,,parcel of heavy brass candlesticks,2026-11-24\n"
    "3,payee,Ann Roy,1971-01-01,unrelated,2026-11-24\n"
)
FEEDS = '[feeds.transfers.screen]\nnecessity = "exercise"\nauthority = "exercise"\n'
LIST = "id,name,aliases,birth_date\n1,Zarbek Tolunay,Zed Tolunay,1971-05-02\n"
REPORT = (
    "Number: N-17\nTitle: Quay\nDate: 2026-11-24\nSubjects: person:transfers:1\n\n"
    "The walker with the green umbrella says that he hides it under the ninth plank.\n"
)
QUOTE = "watch the ninth plank: says that he hides it under the ninth plank"
SUBJECT = "person:transfers:1"


def call(*words, code=0, user="tester"):
    environment = {"WATCHFLOOR_USER": user}
    result = RUNNER.invoke(app, [str(word) for word in words], env=environment, catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def lines(*words):
    return [json.loads(line) for line in call(*words, "--json").stdout.splitlines()]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A floor with a case: signals for, one taken back, decisions, a refused task, an outcome, a report."""
    home = tmp_path_factory.mktemp("world")
    texts = {"parties.csv": PARTIES, "list.csv": LIST, "n17.txt": REPORT, "feeds.toml": FEEDS}
    for name, text in texts.items():
        (home / name).write_text(text, encoding="utf-8")
    floor = home / "floor"
    call("init", "--floor", floor, "--name", "cell", "--exercise", "--feeds", home / "feeds.toml")
    at = ("--floor", floor)
    call("ingest", home / "parties.csv", "--source", "transfers", *at)
    call("ingest", home / "list.csv", home / "n17.txt", *at)
    call("run", *at)
    found = {one["subject"]: one["lead_id"] for one in lines("leads", *at)}
    lead = found[SUBJECT]
    call("leads", "decide", found["person:transfers:2"], "different", "--why", "another man", *at)
    asked = ("--unit", "border-operations", "--authority", "Customs Act s. 99", *at)
    (task,) = lines("cases", "task", "issue", lead, "--instruction", "look", *asked)
    call("cases", "task", "refuse", task["task"], "--why", "no boat", *at)
    call("leads", "outcome", lead, "unfounded", "--why", "nothing there", *at)
    call("cases", "watch", "note", QUOTE, "--about", lead, *at)
    call("cases", "watch", "note", "the ferry is late", *at)
    corrected = PARTIES.splitlines()[0] + "\n2,consignee,Olga Petrova,,parcel of candlesticks,2026-11-25\n"
    (home / "corrected.csv").write_text(corrected, encoding="utf-8")
    call("ingest", home / "corrected.csv", "--source", "transfers", *at)
    call("run", *at)
    call("record", ids(floor, "report")[0], *at)
    return floor, lead


def ids(floor, kind, **wanted):
    rows = Floor.open(floor).read(kind, READER).to_pylist()
    return [row["record_id"].hex() for row in rows if all(row[k] == v for k, v in wanted.items())]


def packed(world, out, *more):
    floor, lead = world
    law = ("--prosecutor", "A. Roy, PPSC", "--authority", "Stinchcombe")
    call("cases", "crown", "pack", lead, "-o", out, *law, *more, "--floor", floor)
    return out


@pytest.fixture(scope="module")
def bundle(world, tmp_path_factory):
    return packed(world, tmp_path_factory.mktemp("bundle") / "case")


def listed(folder):
    text, _ = standalone.open_note(
        (folder / "case.note").read_text("utf-8"), (folder / "key.txt").read_text()
    )
    return json.loads(text.split("\n", 1)[1])


def disclosed(folder):
    return [json.loads((folder / item["file"]).read_text("utf-8")) for item in listed(folder)["items"]]


def every_byte(folder):
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*.*")) if path.suffix != ".py")


# --- complete


def leaves(value):
    if isinstance(value, dict):
        return set().union(*map(leaves, value.values()))
    if isinstance(value, list | tuple):
        return set().union(*map(leaves, value))
    return {value} if isinstance(value, str | bytes) else set()


def brute_force(floor, subject):
    """Ids of all that belongs to a case, by reading every row of every kind again until nothing is new."""
    opened = Floor.open(floor)
    signals = opened.signals(READER).to_pylist() + opened.taken_back(READER).to_pylist()
    mine = [row for row in signals if subject in row["subjects"]]
    known = {subject, *(lead_id_of(opened.key, name, subject) for name in load().hypotheses)}
    for row in mine:
        known |= {row["row_id"], *row["evidence"], *row["coverage"], *row["origins"]}
    rows = [(kind, row) for kind in KINDS for row in opened.read(kind, READER).to_pylist()]
    found = {}
    while True:
        before = len(found), len(known)
        for kind, row in rows:
            edition = (row["source"], row["report_key"])
            if known.isdisjoint(leaves(row)) and (edition not in known or not row["report_key"]):
                continue
            found[row["record_id"].hex()] = kind
            known.add(edition)
            for column in relevance.NAMES.get(kind, ()):
                known.add(row[column])
        known.discard(None)
        if (len(found), len(known)) == before:
            return found, {row["row_id"].hex() for row in mine}


def test_everything_that_a_search_of_every_row_finds_is_in_it(world, bundle):
    records, signals = brute_force(world[0], SUBJECT)
    shown = disclosed(bundle)
    assert {one["content"]["record_id"] for one in shown if one["what"] == "record"} == set(records)
    assert {one["content"]["row_id"] for one in shown if one["what"] == "signal"} == signals
    assert set(records.values()) >= {"party", "listing", "report", "outcome", "task", "watch-entry"}
    assert len(records) < sum(Floor.open(world[0]).read(kind, READER).num_rows for kind in KINDS)


def test_what_speaks_against_is_in_it_and_is_told(world, tmp_path):
    """A lead that is gone: the decision that it is another, the row that was corrected, both its editions."""
    floor, _ = world
    gone = lead_id_of(Floor.open(floor).key, "listed-entity-financing", "person:transfers:2")
    for about in ("person:transfers:2", gone):
        law = ("--prosecutor", "A. Roy", "--authority", "Stinchcombe", "--floor", floor)
        call("cases", "crown", "pack", about, "-o", tmp_path / about.replace(":", "-"), *law)
        shown = disclosed(tmp_path / about.replace(":", "-"))
        assert {one["speaks"] for one in shown if one["kind"] == "judgement"} == {"against"}
        assert {one["speaks"] for one in shown if one["what"] == "signal"} == {"taken back"}
        names = {one["content"]["name"] for one in shown if one["kind"] == "party"}
        assert names == {"Zarbek Tolunay", "Olga Petrova"}


def test_outcomes_refusals_and_other_hypotheses_are_in_it(bundle):
    shown = disclosed(bundle)
    outcome = next(one for one in shown if one["kind"] == "outcome")
    assert (outcome["speaks"], outcome["content"]["result"]) == ("against", "unfounded")
    states = {one["content"]["state"] for one in shown if one["kind"] == "task"}
    assert states >= {"issued", "refused"}
    assert any(one["what"] == "shown" for one in shown)
    assert {one["speaks"] for one in shown if one["what"] == "lead"} == {"", "alternative"}
    acts = {one["kind"] for one in shown if one["what"] == "act"}
    assert "query" in acts  # who opened the report


def test_leads_are_those_of_the_queue_with_what_was_found(world, bundle):
    floor, lead = world
    shown = [one for one in disclosed(bundle) if one["what"] == "lead"]
    queued = {one["lead_id"]: one for one in lines("leads", "--floor", floor)}
    mine = {one["content"]["lead_id"]: one["content"] for one in shown}
    assert lead in mine.keys() & queued.keys()
    for id_ in mine.keys() & queued.keys():
        assert mine[id_]["probability"] == pytest.approx(queued[id_]["probability"], abs=1e-6), id_
        assert mine[id_]["bits"] == pytest.approx(queued[id_]["bits"])
    found = [one for one in mine[lead]["contributions"] if one["rule"] == "finding"]
    assert [(one["strength"], one["bits"] < 0) for one in found] == [("unfounded", True)]


def test_what_is_of_another_case_is_not_in_it(bundle):
    data = every_byte(bundle)
    assert b"Ann Roy" not in data
    assert b"the ferry is late" not in data


# --- checked


def alone(folder, *more):
    command = [sys.executable, "-S", "-I", str(folder / "verify.py"), str(folder), *more]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def test_it_is_checked_alone_and_by_us(world, bundle):
    key = Floor.open(world[0]).signer.verifier.text
    done = alone(bundle, "--key", key)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith(
        f"ok      {len(listed(bundle)['items'])} items, each as signed and in the log"
    )
    assert call("cases", "crown", "check", bundle, "--key", key).stdout.splitlines() == [
        line.removeprefix("ok      ") for line in done.stdout.splitlines()
    ]


def test_a_zip_is_checked_too(world, tmp_path):
    out = packed(world, tmp_path / "case.zip")
    with zipfile.ZipFile(out) as file:
        file.extractall(tmp_path / "open")
    assert alone(tmp_path / "open").returncode == 0
    assert "items, each as signed" in call("cases", "crown", "check", out).stdout


def test_every_row_has_its_proof_and_leads_do_not(bundle):
    for one in disclosed(bundle):
        assert (one["proof"] is None) is (one["what"] == "lead")


@pytest.fixture
def copy(bundle, tmp_path):
    return shutil.copytree(bundle, tmp_path / "copy")


def change(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_changed_item_is_named(copy):
    first = min((copy / "items").iterdir())
    change(first, "Zarbek", "Ann")
    assert alone(copy).stdout == f"FAILED  items/{first.name} is not the file that was signed\n"


def test_an_item_that_is_gone_or_added_is_named(copy):
    (copy / "items" / "00001.json").rename(copy / "items" / "x.json")
    assert alone(copy).stdout == "FAILED  missing or added: items/00001.json, items/x.json\n"


def test_a_changed_list_is_told(copy):
    change(copy / "case.note", '"withheld": []', '"withheld": [1]')
    assert "does not fit the text" in alone(copy).stdout


def test_another_node_s_key_is_told(copy):
    other = standalone_key()
    done = alone(copy, "--key", other)
    assert done.returncode == 1
    assert "has not signed this note" in done.stdout


def standalone_key():
    from watchfloor.store.log.notes import Signer

    return Signer("cell", b"o" * 32).verifier.text


def test_what_is_signed_and_not_in_the_log_is_told(world, copy):
    """The node itself cannot sign a row that its log does not commit to."""
    from hashlib import sha256

    from watchfloor.store.log import notes

    text, _ = notes.split((copy / "case.note").read_text("utf-8"))
    case = json.loads(text.split("\n", 1)[1])
    item = next(one for one in case["items"] if one["kind"] == "party")
    change(copy / item["file"], "quiet afternoon", "loud afternoon")
    item["sha256"] = sha256((copy / item["file"]).read_bytes()).hexdigest()
    again = f"{pack.HEAD}\n{json.dumps(case)}\n"
    (copy / "case.note").write_text(notes.note(again, Floor.open(world[0]).signer), encoding="utf-8")
    assert alone(copy).stdout == f"FAILED  {item['file']}: what is shown is not what the log commits to\n"


@settings(max_examples=draws(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_flipped_bit_goes_unnoticed(bundle, tmp_path, data):
    copy = tmp_path / "flipped"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(bundle, copy)
    files = [copy / "case.note", *sorted((copy / "items").iterdir())]
    path = data.draw(st.sampled_from(files))
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(bytes(content))
    try:
        pack.check(copy, [])
    except (standalone.Failed, ValueError, LookupError):
        return
    assert path.name == "case.note"  # the unused bits of a signature's base64
    assert listed(copy) == listed(bundle)


# --- kept back


def stated(tmp_path, *rows):
    path = tmp_path / "grounds.csv"
    path.write_text("\n".join(["item,ground,by,note", *(",".join(row) for row in rows)]), encoding="utf-8")
    return path


SECRET = (b"green umbrella", b"ninth plank", b"N-17")


def test_a_withheld_item_is_listed_with_its_ground_and_no_byte_of_it_is_there(world, bundle, tmp_path):
    """Nor is what rests on it (its signal) or quotes it (an officer's note)."""
    floor, _ = world
    (report,) = ids(floor, "report")
    assert all(secret in every_byte(bundle) for secret in SECRET)
    path = stated(tmp_path, (report[:12], "informer", "S/Sgt Roy", "would tell who said it"))
    case = packed(world, tmp_path / "case", "--grounds", path)
    data = every_byte(case)
    assert not [secret for secret in (*SECRET, report.encode()) if secret in data]
    withheld = listed(case)["withheld"]
    assert {(one["what"], one["ground"], one["by"]) for one in withheld} >= {
        ("record", "informer", "S/Sgt Roy")
    }
    assert {one["because"] for one in withheld} == {"", "rests", "quotes"}
    assert alone(case).returncode == 0


def test_a_privileged_item_leaves_no_trace_but_in_the_holder_s_index(world, tmp_path):
    floor, _ = world
    (report,) = ids(floor, "report")
    path = stated(tmp_path, (report, "solicitor-client", "counsel", "advice"))
    index = tmp_path / "index.json"
    kept = ("--grounds", path, "--privileged", index, "--holder", "Attorney General")
    case = packed(world, tmp_path / "case", *kept)
    data = every_byte(case)
    traces = (*SECRET, report.encode(), b"solicitor", b"privilege", b"advice", b"Attorney General")
    assert not [trace for trace in traces if trace in data.replace(pack.README.encode(), b"")]
    assert listed(case)["withheld"] == []
    told = json.loads(index.read_text("utf-8"))
    assert told["holder"] == "Attorney General"
    assert report in {one["item"] for one in told["privileged"]}
    assert index.stat().st_mode & 0o077 == 0 or sys.platform == "win32"
    (act,) = list(Floor.open(floor).acts_of("privilege-index"))[-1:]
    assert set(act.detail) == {"holder", "salt", "commitment"}
    assert (
        pack.sha256(bytes.fromhex(act.detail["salt"]) + index.read_bytes()).hexdigest()
        == act.detail["commitment"]
    )


def test_a_world_without_the_privileged_item_gives_the_same_list(world, tmp_path):
    """As many items, of the same kinds, as if neither it nor what rests on it had been there."""
    floor, _ = world
    opened, weights = Floor.open(floor), load()
    gathered = items.gather(opened, READER, Access("tester"), weights, frozenset({SUBJECT}))
    (report,) = ids(floor, "report")
    one = grounds.Stated(report, "solicitor-client", "counsel", "", 2)
    case = withholding.sort(opened, gathered, {report: one}, weights, datetime.now(UTC))
    gone = {kept.item.id for kept in case.privileged}
    assert report in gone
    assert len(gone) > 1
    assert {item.id for item in case.items if item.what != "lead"} == {i.id for i in gathered.items} - gone
    assert case.withheld == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("{report}", "informant", "x", ""), "'informant' is no ground; did you mean 'informer'?"),
        (("{report}", "informer", "", ""), "`by` is empty; name the person who states the ground"),
        (("5f0c", "informer", "x", ""), "'5f0c' is no item: give 8 or more digits"),
        (("00000000", "informer", "x", ""), "no item '00000000' in this case"),
        (("act 1", "informer", "x", ""), "no item 'act 1' in this case"),
        (("{report}", "informer"), "it has 2 cells"),
    ],
)
def test_a_bad_row_of_grounds_is_named(world, tmp_path, row, said):
    (report,) = ids(world[0], "report")
    path = stated(tmp_path, [cell.format(report=report) for cell in row])
    law = ("--prosecutor", "x", "--authority", "x", "--floor", world[0])
    result = call("cases", "crown", "pack", world[1], "-o", tmp_path / "c", "--grounds", path, *law, code=2)
    assert f"grounds.csv, line 2: {said}" in " ".join(result.stderr.split())
    assert not (tmp_path / "c").exists()


def test_refusals_are_told_in_french_too(world, tmp_path):
    (report,) = ids(world[0], "report")
    path = stated(tmp_path, (report, "informer", "", ""))
    law = ("--prosecutor", "x", "--authority", "x", "--floor", world[0], "--lang", "fr")
    result = call("cases", "crown", "pack", world[1], "-o", tmp_path / "c", "--grounds", path, *law, code=2)
    assert "grounds.csv, ligne 2 : `by` est vide" in " ".join(result.stderr.split())


def test_what_another_owner_controls_needs_its_consent(world):
    floor, day = Floor.open(world[0]), datetime.now(UTC).date()
    item = items.Item("0" * 32, "record", "party", "", "", "PB//ORCON:bank-a,cell", {}, None)
    (one,) = withholding.third_parties(floor, READER, [item], "A. Roy", day, frozenset()).values()
    assert (one.item, one.ground, one.by) == ("0" * 32, "originator", "bank-a")
    assert withholding.third_parties(floor, READER, [item], "A. Roy", day, frozenset({"bank-a"})) == {}


def test_other_columns_are_told(world, tmp_path):
    path = tmp_path / "grounds.csv"
    path.write_text("item;ground\n", encoding="utf-8")
    with pytest.raises(Unusable, check=because("crown.bad-head", columns="item,ground,by,note")):
        grounds.read(path)


def test_privilege_needs_a_holder_and_a_file(world, tmp_path):
    (report,) = ids(world[0], "report")
    path = stated(tmp_path, (report, "litigation", "counsel", ""))
    law = ("--prosecutor", "x", "--authority", "x", "--floor", world[0])
    result = call("cases", "crown", "pack", world[1], "-o", tmp_path / "c", "--grounds", path, *law, code=2)
    assert "--privileged FILE and --holder NAME" in " ".join(result.stderr.split())


def test_the_disclosure_is_an_act_with_recipient_and_authority(world, tmp_path):
    packed(world, tmp_path / "case")
    act = Floor.open(world[0]).acts_of("disclosed")[-1]
    assert act.actor.authority == "Stinchcombe"
    assert act.detail["to"] == "A. Roy, PPSC"
    assert act.detail["rows"] == len(listed(tmp_path / "case")["items"])
    assert SUBJECT in act.detail["subjects"]


def test_a_case_goes_under_a_law_on_an_exercise_too(world, tmp_path, monkeypatch):
    monkeypatch.delenv("WATCHFLOOR_AUTHORITY")
    words = ("--prosecutor", "x", "--floor", world[0])
    result = call("cases", "crown", "pack", "person:nobody:1", "-o", tmp_path / "c", *words, code=2)
    assert "a disclosure needs --authority" in result.stderr
    assert not (tmp_path / "c").exists()


def test_nothing_to_disclose_writes_nothing(world, tmp_path):
    law = ("--prosecutor", "x", "--authority", "x", "--floor", world[0])
    result = call("cases", "crown", "pack", "person:nobody:1", "-o", tmp_path / "c", *law)
    assert "nothing was written" in result.stderr
    assert not (tmp_path / "c").exists()


def test_an_unknown_lead_and_a_place_that_is_taken_are_told(world, tmp_path):
    law = ("--prosecutor", "x", "--authority", "x", "--floor", world[0])
    assert (
        "no lead 'ffff'" in call("cases", "crown", "pack", "ffff", "-o", tmp_path / "c", *law, code=2).stderr
    )
    result = call("cases", "crown", "pack", world[1], "-o", tmp_path, *law, code=3)
    assert "is there already" in " ".join(result.stderr.split())


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04junk", b"\xff\xfe"])
def test_what_is_no_bundle_is_told(tmp_path, content):
    for name in ("case.zip", "case"):
        (tmp_path / name).write_bytes(content)
        result = call("cases", "crown", "check", tmp_path / name, "--key", standalone_key(), code=2)
        assert "case" in result.stderr
