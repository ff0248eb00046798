"""The log's duties: who sees which acts, checkpoints between two nodes."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from tests.cli import commanded as commands
from tests.cli.commanded import RUNNER, call

from watchfloor.cli import app
from watchfloor.exchange.log import handover
from watchfloor.exchange.log import requirements as log_requirements
from watchfloor.store import Actor, Floor
from watchfloor.store.errors import StoreError
from watchfloor.store.log import Act
from watchfloor.store.log.notes import NoteError

pytestmark = pytest.mark.group("commands")  # their floor is made once


@pytest.fixture(scope="module")
def base(made, tmp_path_factory):
    """The floor as it is before a command."""
    floor = tmp_path_factory.mktemp("base") / "floor"
    call(["floor", "restore", made / "backup.tar", "--floor", floor])
    return floor


# --- who sees which acts


def stated(user):
    return {"WATCHFLOOR_USER": user, "WATCHFLOOR_PURPOSE": "a purpose", "WATCHFLOOR_AUTHORITY": "an Act"}


def told(*words, user="roy", code=(0,)):
    environment = {
        "WATCHFLOOR_USER": user,
        "WATCHFLOOR_PURPOSE": "a purpose",
        "WATCHFLOOR_AUTHORITY": "an Act",
    }
    result = RUNNER.invoke(app, [str(word) for word in words], env=environment, catch_exceptions=False)
    assert result.exit_code in code, result.output
    return result


def sentence(*words):
    """What a command that is refused says, on one line."""
    environment = {
        "WATCHFLOOR_USER": "roy",
        "WATCHFLOOR_PURPOSE": "a purpose",
        "WATCHFLOOR_AUTHORITY": "an Act",
    }
    result = RUNNER.invoke(app, [str(word) for word in words], env=environment)
    assert isinstance(result.exception, SystemExit | NoteError | StoreError), result.exception
    assert result.exit_code
    said = result.stderr if isinstance(result.exception, SystemExit) else str(result.exception)
    return " ".join(said.split())


def seen(*words, user="roy"):
    return [json.loads(line) for line in told(*words, "--json", user=user).stdout.splitlines()]


@pytest.fixture(scope="module")
def acted(tmp_path_factory):
    """A floor with acts of two people."""
    place = tmp_path_factory.mktemp("acted")
    home = place / "floor"
    told("init", "--floor", home, "--name", "cell")
    (place / "p.csv").write_text(commands.PARTIES, encoding="utf-8")
    told("ingest", place / "p.csv", "--source", "transfers", "--floor", home, code=(0, 1))
    told("leads", "--floor", home, user="singh")
    record = (
        Floor.open(home).read("party", Floor.open(home).reader("roy", "a purpose"))["record_id"][0].as_py()
    )
    told("record", record.hex(), "--floor", home, user="singh")
    told("record", record.hex(), "--floor", home)
    return place, record.hex()


@pytest.fixture
def floor(acted, tmp_path):
    place, record = acted
    shutil.copytree(place, tmp_path, dirs_exist_ok=True)
    return tmp_path / "floor", record


def test_everybody_sees_their_own_acts_and_no_others(floor):
    assert {one["by"] for one in seen("floor", "log", "show", "--floor", floor[0])} == {"roy"}
    assert {one["by"] for one in seen("floor", "log", "show", "--floor", floor[0], user="singh")} == {"singh"}
    nobody = seen("floor", "log", "show", "--by", "singh", "--floor", floor[0])
    assert nobody == [{"acts": 0}]
    assert (
        "No act that you may read"
        in told("floor", "log", "show", "--by", "singh", "--floor", floor[0]).stdout
    )


POLICY = (
    '[readers.roy]\nprotected = "PB"\n[readers.singh]\nprotected = "PB"\n[readers.{name}]\nprotected = "PB"\n'
)


@pytest.mark.parametrize(("role", "all_"), [("reviewer", True), ("counsel", True), ("supervisor", False)])
def test_reviewers_and_counsel_see_everybody_s(floor, role, all_):
    policy = POLICY.format(name="kim") + f'role = "{role}"\n'
    (floor[0] / "policy.toml").write_text(policy, encoding="utf-8")
    by = {one.get("by") for one in seen("floor", "log", "show", "--floor", floor[0], user="kim")}
    assert (by >= {"roy", "singh"}) is all_
    told("floor", "log", "export", floor[0].parent / "out", "--floor", floor[0], user="kim")
    assert (
        '"actor":"singh"' in (floor[0].parent / "out/log.jsonl").read_text("utf-8").replace("\\", "")
    ) is all_


def test_an_analyst_s_acts_are_numbered_among_his_own_and_a_keeper_s_are_positions(floor):
    home, _ = floor
    (home / "policy.toml").write_text(POLICY.format(name="kim") + 'role = "supervisor"\n', encoding="utf-8")
    told("floor", "log", "show", "--floor", home, user="kim")
    rows = seen("floor", "log", "show", "--floor", home, user="singh")
    assert [one["number"] for one in rows] == [1, 2]
    assert all("position" not in one for one in rows)
    (last,) = seen("floor", "log", "show", "--top", "1", "--floor", home, user="singh")
    assert last["number"] == 3
    assert "position" not in told("floor", "log", "show", "--floor", home, user="singh").stdout
    (own,) = seen("floor", "log", "show", "--top", "1", "--floor", home, user="kim")
    assert Floor.open(home).acts(own["position"], own["position"])[0].actor.name == "kim"


def test_an_analyst_is_shown_no_number_of_the_whole_floor_in_his_own_acts(floor):
    home, _ = floor
    told("feeds", "quarantine", "list", "--floor", home)
    told("run", "--floor", home)
    told("floor", "log", "checkpoint", "--floor", home)
    kept = {name for one in seen("floor", "log", "show", "--floor", home) for name in one["detail"]}
    assert kept >= {"at_position", "size", "root", "segments", "shown"}
    (home / "policy.toml").write_text(POLICY.format(name="kim"), encoding="utf-8")
    rows = seen("floor", "log", "show", "--floor", home)
    assert {one["act"] for one in rows} >= {"run", "checkpoint", "ingest", "query"}
    names = {name for one in rows if one["detail"].get("what") != "leads" for name in one["detail"]}
    assert not names & {"at_position", "size", "root", "segments", "shown"}


FOR_KEEPERS = (
    *(("checkpoint",), ("consistency", "1"), ("inclusion", "1"), ("proof", "{record}"), ("duties",)),
    *(("export", "{new}"), ("witness", "{file}"), ("cosigned", "{file}")),
)


@pytest.mark.parametrize("words", FOR_KEEPERS, ids=" ".join)
def test_how_long_the_log_is_and_what_is_proved_from_it_is_not_for_an_analyst(floor, words):
    home, record = floor
    (home / "policy.toml").write_text(POLICY.format(name="kim") + 'role = "supervisor"\n', encoding="utf-8")
    places = {"record": record, "new": home.parent / "new", "file": home / "policy.toml"}
    before = Floor.open(home).position
    said = sentence("floor", "log", *(word.format(**places) for word in words), "--floor", str(home))
    assert said.startswith("roy does not keep this floor: how long its log is")
    assert "`watchfloor floor log show` lists your own acts" in said
    assert Floor.open(home).position == before
    assert not places["new"].exists()


@pytest.mark.parametrize("role", ["supervisor", "reviewer", "counsel"])
def test_who_keeps_the_floor_makes_checkpoints(floor, role):
    home, _ = floor
    (home / "policy.toml").write_text(POLICY.format(name="kim") + f'role = "{role}"\n', encoding="utf-8")
    (made,) = seen("floor", "log", "checkpoint", "--floor", home, user="kim")
    assert made["size"] == Floor.open(home).position - 1


def test_who_the_policy_does_not_name_is_refused_even_his_own_acts(floor):
    home, _ = floor
    (home / "policy.toml").write_text('[readers.kim]\nprotected = "PB"\n', encoding="utf-8")
    assert "names no reader 'roy'" in sentence("floor", "log", "show", "--floor", str(home))


def test_who_looked_at_a_record_is_found_by_its_id_and_by_its_subject(floor):
    home, record = floor
    policy = POLICY.format(name="kim") + 'role = "reviewer"\n'
    (home / "policy.toml").write_text(policy, encoding="utf-8")
    by_id = seen(
        "floor", "log", "show", "--about", record[:10], "--act", "query", "--floor", home, user="kim"
    )
    assert [one["by"] for one in by_id] == ["singh", "roy"]
    about = ("--about", "person:transfers:1")
    by_subject = seen("floor", "log", "show", *about, "--floor", home, user="kim")
    assert [(one["act"], one["by"]) for one in by_subject] == [
        ("ingest", "roy"),
        ("query", "singh"),
        ("query", "roy"),
    ]
    assert seen("floor", "log", "show", "--about", "person:transfers:99", "--floor", home, user="kim") == [
        {"acts": 0}
    ]


@pytest.mark.parametrize("about", ["x", "5f", "not-hex"])
def test_what_acts_are_to_be_about_is_checked(floor, about):
    result = told("floor", "log", "show", "--about", about, "--floor", floor[0], code=(2,))
    assert "give a subject key" in " ".join(result.stderr.split())


def test_acts_are_found_by_name_day_and_recipient(floor):
    home, _ = floor
    opened = Floor.open(home)
    opened.act(Actor("roy", "a purpose", "an Act"), "disclosed", {"to": "bank-a", "rows": 3})
    assert [one["to"] for one in seen("floor", "log", "show", "--to", "BANK", "--floor", home)] == ["bank-a"]
    names = {
        one["act"]
        for one in seen("floor", "log", "show", "--act", "ingest", "--act", "created", "--floor", home)
    }
    assert names == {"ingest", "created"}
    day = opened.acts(1, 1)[0].at.date().isoformat()
    assert len(seen("floor", "log", "show", "--since", day, "--floor", home)) > 3
    assert seen("floor", "log", "show", "--until", "2020-01-01", "--floor", home) == [{"acts": 0}]
    assert len(seen("floor", "log", "show", "--top", "2", "--floor", home)) == 2


NOW = datetime(2026, 11, 24, tzinfo=UTC)


def act(name, detail, actor=("roy", "a purpose", "an Act"), position=1):
    return Act(position, NOW, name, Actor(*actor), detail, b"")


DISCLOSED = {
    "to": "bank-a",
    "recipient": {"name": "bank-a"},
    "law": "SCIDA",
    "section": "5(1)",
    "stated_by": "roy",
    "accuracy": "reliable",
    "description": "3 signals",
    "test": "contributes",
}


def lacking(*acts):
    return {(one.duty.law, one.duty.part) for one in log_requirements.standing(acts) if one.lacking}


def test_a_whole_disclosure_lacks_nothing():
    assert lacking(act("disclosed", DISCLOSED)) == set()


@pytest.mark.parametrize(
    ("gone", "law"),
    [
        ("stated_by", "SCIDA, s. 9(1)(b)"),
        ("accuracy", "SCIDA, s. 5(2)"),
        ("description", "SCIDA, s. 9(1)(a)"),
        ("test", "SCIDA, s. 9(1)(e)"),
    ],
)
def test_what_a_disclosure_under_scida_lacks_is_named(gone, law):
    whole = act("disclosed", {name: value for name, value in DISCLOSED.items() if name != gone})
    assert {found for found, _ in lacking(whole)} == {law}
    under = act("disclosed", {**whole.detail, "law": "PA", "section": "8(2)(e)"})
    assert lacking(under) == set()


def test_a_disclosure_to_nobody_and_a_query_under_no_law_are_named():
    nobody = act("disclosed", {**DISCLOSED, "to": "", "recipient": {}})
    assert {law for law, _ in lacking(nobody)} == {
        "Privacy Act, s. 9(1)",
        "SCIDA, s. 9(1)(c)",
        "Directive (EU) 2016/680, art. 25(1)",
    }
    query = act("query", {"what": "leads", "shown": []}, ("roy", "a purpose", "none stated"))
    assert lacking(query) == {("Directive (EU) 2016/680, art. 25(1)", "purpose, authority, at, actor")}
    blind = act("query", {"what": "leads", "leads": 3})
    assert lacking(blind) == {("Directive (EU) 2016/680, art. 25(1)", "shown, record, words")}


def test_erased_acts_are_counted_apart():
    gone = Act(1, NOW, "query", None, None, b"")
    standing = next(one for one in log_requirements.standing([gone]) if "query" in one.duty.where)
    assert (standing.acts, standing.lacking, standing.erased) == (1, (), 1)


def test_duties_are_printed_with_what_lacks(floor):
    out = told("floor", "log", "duties", "--floor", floor[0]).stdout
    assert "No act that you may read lacks any of this." in out
    Floor.open(floor[0]).act(Actor("roy", "a purpose", "none stated"), "disclosed", {"rows": 3})
    out = told("floor", "log", "duties", "--floor", floor[0]).stdout
    assert "gaps in the acts that you may read" in out


# --- two nodes


@pytest.fixture
def nodes(tmp_path):
    """A bank and a cell that have checked each other's keys."""
    floors = {name: tmp_path / name for name in ("bank", "cell")}
    for name, floor in floors.items():
        told("init", "--floor", floor, "--name", name)
    for one, other in (("bank", "cell"), ("cell", "bank")):
        key = Floor.open(floors[other]).signer.verifier.text
        checked = ("--institution", "joint-cell", "--checked", "by phone")
        told("share", "node", "trust", key, "--name", other, *checked, "--floor", floors[one])
    return floors


def test_a_partner_witnesses_and_the_owner_keeps_it(nodes, tmp_path):
    first, signed = tmp_path / "first", tmp_path / "signed"
    told("floor", "log", "checkpoint", "-o", first, "--floor", nodes["bank"])
    result = told("floor", "log", "witness", first, "-o", signed, "--floor", nodes["cell"])
    assert "this is the first seen of it" in " ".join(result.stderr.split())
    assert (
        "cell has witnessed the first"
        in told("floor", "log", "cosigned", signed, "--floor", nodes["bank"]).stdout
    )
    size = Floor.open(nodes["bank"]).acts_of("checkpoint")[-1].detail["size"]
    told("floor", "log", "consistency", size, "-o", tmp_path / "growth", "--floor", nodes["bank"])
    (row,) = seen("floor", "log", "witness", tmp_path / "growth", "--floor", nodes["cell"])
    assert (row["first"], row["log"]) == (False, "bank")
    assert "whole" in told("floor", "verify", "--witness", signed, "--floor", nodes["bank"]).stdout


def test_a_log_that_was_rewritten_is_not_cosigned_and_both_checkpoints_are_kept(nodes, tmp_path):
    """The bank's folder is put back to what it was, and other acts follow."""
    bank, old = nodes["bank"], tmp_path / "old"
    shutil.copytree(bank, old)
    told("leads", "--floor", bank)
    told("floor", "log", "checkpoint", "-o", tmp_path / "first", "--floor", bank)
    told("floor", "log", "witness", tmp_path / "first", "--floor", nodes["cell"])
    told("cases", "watch", "log", "--floor", old)
    told("floor", "log", "checkpoint", "-o", tmp_path / "fork", "--floor", old)
    refused = told("floor", "log", "witness", tmp_path / "fork", "--floor", nodes["cell"], code=(3,))
    assert "has been rewritten" in " ".join(refused.stderr.split())
    (kept,) = Floor.open(nodes["cell"]).acts_of("cosign-refused")
    assert kept.detail["note"] == (tmp_path / "fork").read_text("utf-8")
    told("leads", "--floor", old)
    size = Floor.open(nodes["cell"]).acts_of("cosigned")[-1].detail["size"]
    told("floor", "log", "consistency", size, "-o", tmp_path / "growth", "--floor", old)
    refused = told(
        "floor", "log", "witness", tmp_path / "growth", "--floor", nodes["cell"], "--lang", "fr", code=(3,)
    )
    assert "la preuve ne tient pas" in " ".join(refused.stderr.split())
    found = told("floor", "verify", "--witness", tmp_path / "first", "--floor", old, code=(5,))
    assert "are not the ones that were witnessed" in " ".join(found.stdout.split())


def test_who_is_no_peer_is_not_witnessed(nodes, tmp_path):
    told("init", "--floor", tmp_path / "third", "--name", "third")
    told("floor", "log", "checkpoint", "-o", tmp_path / "note", "--floor", tmp_path / "third")
    said = sentence("floor", "log", "witness", tmp_path / "note", "--floor", nodes["cell"])
    assert said == "no known key has signed this; it says it is signed by third"
    assert "no known key" in sentence("floor", "log", "cosigned", tmp_path / "note", "--floor", nodes["cell"])


def test_a_proof_of_another_checkpoint_is_told(nodes, tmp_path):
    bank = nodes["bank"]
    for name in ("first", "second"):
        told("floor", "log", "checkpoint", "-o", tmp_path / name, "--floor", bank)
    told("floor", "log", "consistency", "1", "-o", tmp_path / "growth", "--floor", bank)
    asked = (
        "floor",
        "log",
        "witness",
        tmp_path / "second",
        "--proof",
        tmp_path / "growth",
        "--floor",
        nodes["cell"],
    )
    assert "is the proof of another checkpoint" in sentence(*asked)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"text\n", b"old 1\n\n\n", b"x" * ((1 << 20) + 1)])
def test_what_is_no_checkpoint_is_told(nodes, tmp_path, content):
    (tmp_path / "junk").write_bytes(content)
    for command in ("witness", "cosigned"):
        assert sentence("floor", "log", command, tmp_path / "junk", "--floor", nodes["cell"])


# --- the whole log, handed over


def alone(folder, *more):
    command = [sys.executable, "-S", "-I", str(folder / "verify.py"), str(folder), *more]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture
def exported(floor, tmp_path):
    told("floor", "log", "export", tmp_path / "out", "--floor", floor[0])
    return tmp_path / "out"


def test_an_exported_log_is_checked_without_us(floor, exported):
    key = Floor.open(floor[0]).signer.verifier.text
    done = alone(exported, "--key", key)
    assert done.returncode == 0, done.stdout
    assert "acts of cell hash to the root of its checkpoint; 2 of them without content" in done.stdout
    data = (exported / "log.jsonl").read_text("utf-8")
    assert "singh" not in data


@pytest.mark.parametrize(("form", "start"), [("syslog", "<109>1 2"), ("cef", "CEF:0|Watchfloor|")])
def test_acts_are_written_for_a_security_centre_from_a_position_on(floor, tmp_path, form, start):
    told("floor", "log", "export", tmp_path / "all", "--as", form, "--floor", floor[0])
    whole = (tmp_path / "all").read_text("utf-8").splitlines()
    assert all(line.startswith(start) for line in whole)
    since = Floor.open(floor[0]).position - 1
    told("floor", "log", "export", tmp_path / "new", "--as", form, "--since", str(since), "--floor", floor[0])
    (line,) = (tmp_path / "new").read_text("utf-8").splitlines()
    assert "exported" in line
    assert "is there already" in sentence(
        "floor", "log", "export", tmp_path / "new", "--as", form, "--floor", floor[0]
    )


def test_an_erased_act_keeps_its_leaf_in_the_export(floor, tmp_path):
    told("floor", "erase", floor[1], "--why", "asked", "--floor", floor[0])
    told("floor", "log", "export", tmp_path / "out", "--floor", floor[0])
    assert alone(tmp_path / "out").returncode == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("an Act", "no Act", "does not hash to its leaf"),
        ('"position": 2', '"position": 3', "position 2 of the log is missing"),
        ('"leaf": "', '"leaf": "zz', "damaged"),
    ],
)
def test_a_changed_export_is_found_out(exported, old, new, said):
    log = exported / "log.jsonl"
    text = log.read_text("utf-8")
    assert old in text
    log.write_text(text.replace(old, new, 1), encoding="utf-8")
    done = alone(exported)
    assert done.returncode == 1
    assert said in done.stdout


def test_a_log_cut_short_or_with_an_act_taken_out_is_found_out(exported):
    log = exported / "log.jsonl"
    lines_ = log.read_text("utf-8").splitlines()
    log.write_text("\n".join(lines_[:-1]) + "\n", encoding="utf-8")
    assert "the checkpoint is of" in alone(exported).stdout
    log.write_text("\n".join(lines_[:1] + lines_[2:]) + "\n", encoding="utf-8")
    assert "position 2 of the log is missing" in alone(exported).stdout


def test_an_export_goes_into_a_new_folder(floor, exported):
    assert "is not empty" in sentence("floor", "log", "export", exported, "--floor", floor[0])


def test_a_proof_of_one_s_own_act_shows_it_and_of_another_s_the_leaf(floor, tmp_path):
    home, _ = floor
    key = Floor.open(home).signer.verifier.text
    theirs = next(one.position for one in Floor.open(home).acts() if one.actor.name == "singh")
    verifier = tmp_path / "verify.py"
    handover.put_verifier(tmp_path)
    for position, words in ((1, '"act":"created"'), (theirs, "its content was erased or kept back")):
        told(
            "floor", "log", "inclusion", position, "-o", tmp_path / f"{position}.tlog-proof", "--floor", home
        )
        command = [sys.executable, "-S", "-I", verifier, tmp_path / f"{position}.tlog-proof", "--key", key]
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
        assert words in done.stdout


def test_positions_that_are_not_there_are_told(floor):
    assert "the log has no act at position 999" in sentence(
        "floor", "log", "inclusion", "999", "--floor", floor[0]
    )
    assert "give OLD, from 1" in sentence("floor", "log", "consistency", "5", "3", "--floor", floor[0])


def test_a_record_s_proof_is_read_and_checked_alone(floor, tmp_path):
    home, record = floor
    key = Floor.open(home).signer.verifier.text
    told("floor", "log", "proof", record[:10], "-o", tmp_path / "record.proof", "--floor", home)
    verifier = tmp_path / "verify.py"
    handover.put_verifier(tmp_path)
    command = [sys.executable, "-S", "-I", verifier, tmp_path / "record.proof", "--key", key]
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout
    row = json.loads(done.stdout.partition("the row stands in the log: ")[2])
    assert (row["record_id"], row["name"]) == (record, "Ann Roy")
    proof = json.loads((tmp_path / "record.proof").read_text("utf-8"))
    proof["leaf"] += 1
    (tmp_path / "record.proof").write_text(json.dumps(proof), encoding="utf-8")
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stdout) == (1, "FAILED  the row is not in its segment\n")
    assert "no record that you may see" in sentence("floor", "log", "proof", "ffff", "--floor", home)


def test_to_whom_a_subject_was_disclosed_is_found(nodes, tmp_path):
    """The act names the bundle; which rows it carried is kept beside it."""
    (tmp_path / "p.csv").write_text(commands.PARTIES, encoding="utf-8")
    bank = nodes["bank"]
    told("ingest", tmp_path / "p.csv", "--source", "transfers", "--floor", bank, code=(0, 1))
    through = ("--gateway", "customs-107-4-c", "--test", "the parcel is under examination")
    sent = ("--to", "cell", *through, "--pointers", "person:transfers:1", "-o", tmp_path / "bundle")
    told("share", "bundle", "send", *sent, "--floor", bank)
    about = ("floor", "log", "show", "--act", "disclosed", "--floor", bank, "--about")
    assert [one["to"] for one in seen(*about, "person:transfers:1")] == ["cell"]
    record = (
        Floor.open(bank).read("party", Floor.open(bank).reader("roy", "a purpose"))["record_id"][0].as_py()
    )
    assert [one["to"] for one in seen(*about, record.hex()[:12])] == ["cell"]
    assert seen(*about, "person:transfers:2") == [{"acts": 0}]


def test_what_is_named_as_a_word_is_found_too(floor):
    """As in the name under which a lead is kept as somebody was shown it."""
    home, _ = floor
    Floor.open(home).act(Actor("roy", "a purpose", "an Act"), "shown", {"what": "acted on 0123456789ab"})
    assert [one["act"] for one in seen("floor", "log", "show", "--about", "01234567", "--floor", home)] == [
        "shown"
    ]
