"""The policy, settings and rights of accounts against the log: changed by two people, or noticed."""

import json

import pytest
from tests.cli.worlds import in_, run

from watchfloor.casework import policies
from watchfloor.console.access.file import AccessFile
from watchfloor.console.upkeep import schedule
from watchfloor.store import governing
from watchfloor.store.backup import backup
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor
from watchfloor.store.readers import NotPermitted
from watchfloor.store.standby import shipping

POLICY = """
[readers.sup]
protected = "PB"
role = "supervisor"
[readers.low]
protected = "PA"
"""
BOTH = f'{POLICY}[readers.deputy]\nprotected = "PB"\nrole = "supervisor"\n'
RAISED = BOTH.replace('protected = "PA"', 'protected = "PC"\nrole = "supervisor"')
FEEDS = '[feeds.parcels]\nmarking = "PB"\n'
KEEPER = Actor("sup", "border", "an Act, s. 1")


@pytest.fixture
def floor(tmp_path):
    (tmp_path / "policy.toml").write_text(BOTH, "utf-8")
    (tmp_path / "feeds.toml").write_text(FEEDS, "utf-8")
    with in_(tmp_path, "sup"):
        words = ("--ceiling", "PC//TLP:RED", "--feeds", "feeds.toml", "--policy", "policy.toml")
        run("init", "--name", "cell", *words)
        (tmp_path / "raised.toml").write_text(RAISED, "utf-8")
    return Floor.open(tmp_path / "floor")


def findings(floor):
    return [one.file for one in floor.verify()]


def call(floor, user, *words, code=0):
    with in_(floor.root.parent, user):
        said = run(*words, "--json", code=(code,)).stdout
    return [json.loads(line) for line in said.splitlines()]


def test_an_edited_policy_opens_nothing_and_is_named_until_the_approved_one_is_back(floor):
    (floor.root / "policy.toml").write_text(RAISED, "utf-8")
    for name in ("sup", "low"):
        with pytest.raises(NotPermitted):
            floor.reader(name, "border")
        with pytest.raises(NotPermitted):
            floor.writer(Actor(name, "border", "an Act, s. 1"))
        with pytest.raises(NotPermitted):
            floor.act(Actor(name, "border", "an Act, s. 1"), "decision", {})
    (found,) = floor.verify()
    assert found.file == "policy.toml"
    assert "readers.low.protected; readers.low.role" in found.what
    call(floor, "low", "floor", "marking", "restore")
    assert (floor.root / "policy.toml").read_text("utf-8") == BOTH
    assert [act.actor.name for act in floor.acts_of("policy-restored")] == ["low"]
    assert findings(floor) == []
    assert floor.reader("low", "border").protected == 1


def test_who_takes_the_policy_away_gives_nobody_more(floor):
    (floor.root / "policy.toml").unlink()
    with pytest.raises(NotPermitted):
        floor.reader("low", "border")
    with in_(floor.root.parent, "low"), pytest.raises(NotPermitted):
        run("floor", "marking", "set", "raised.toml")
    assert findings(floor) == ["policy.toml"]


def test_a_policy_is_proposed_by_one_supervisor_and_approved_by_another(floor):
    (said,) = call(floor, "sup", "floor", "marking", "set", "raised.toml")
    assert said["proposed"]
    assert floor.reader("low", "border").protected == 1
    (listed,) = call(floor, "deputy", "floor", "marking", "approve")
    assert (listed["proposed by"], listed["differs"]) == ("sup", "readers.low.protected; readers.low.role")
    for user in ("sup", "low"):
        call(floor, user, "floor", "marking", "approve", listed["digest"], code=3)
    assert floor.reader("low", "border").protected == 1
    call(floor, "deputy", "floor", "marking", "approve", listed["digest"])
    assert floor.reader("low", "border").protected == 3
    (looked,) = floor.acts_of("query")
    assert (looked.actor.name, looked.detail["what"]) == ("deputy", "policies")
    assert floor.acts_of("policy")[-1].detail["proposed_by"] == "sup"
    assert findings(floor) == []
    call(floor, "deputy", "floor", "marking", "approve", listed["digest"], code=3)


def test_a_clearance_is_proposed_by_one_supervisor_and_given_by_another(floor):
    words = ("floor", "clearance")
    (said,) = call(floor, "sup", *words, "propose", "low", "--protected", "PC", "--why", "night desk")
    assert (said["state"], said["changes"]) == ("waiting", ["Protected: PA → PC"])
    (listed,) = call(floor, "deputy", *words, "approve")
    assert (listed["id"], listed["by"], listed["why"]) == (said["id"], "sup", "night desk")
    for user in ("sup", "low"):
        call(floor, user, *words, "approve", said["id"], code=3)
    assert floor.reader("low", "border").protected == 1
    call(floor, "deputy", *words, "approve", said["id"][:6])
    assert floor.reader("low", "border").protected == 3
    (other,) = call(
        floor, "deputy", *words, "propose", "low", "--protected", "none", "--why", "leaves the desk"
    )
    (refused,) = call(floor, "sup", *words, "refuse", other["id"], "--why", "stays")
    assert (refused["state"], refused["decided_by"], refused["answer"]) == ("refused", "sup", "stays")
    assert [one["state"] for one in call(floor, "sup", *words, "proposed")] == ["refused", "given"]
    assert findings(floor) == []


def test_one_supervisor_alone_sets_a_policy(tmp_path):
    with in_(tmp_path, "sup"):
        (tmp_path / "policy.toml").write_text(POLICY, "utf-8")
        (tmp_path / "both.toml").write_text(BOTH, "utf-8")
        run("init", "--name", "cell", "--policy", "policy.toml")
        run("floor", "marking", "set", "both.toml")
    assert Floor.open(tmp_path / "floor").approved_policy() == BOTH


def test_settings_that_were_edited_are_named_until_two_supervisors_confirm_them(floor):
    (floor.root / "feeds.toml").write_text(FEEDS.replace("PB", "PA"), "utf-8")
    (floor.root / "gateways.toml").write_text("", "utf-8")
    assert findings(floor) == ["feeds.toml", "gateways.toml"]
    assert floor.reader("low", "border").protected == 1
    call(floor, "low", "floor", "marking", "confirm", code=3)
    assert not call(floor, "sup", "floor", "marking", "confirm")[0]["confirmed"]
    assert not call(floor, "sup", "floor", "marking", "confirm")[0]["confirmed"]
    assert findings(floor) == ["feeds.toml", "gateways.toml"]
    assert call(floor, "deputy", "floor", "marking", "confirm")[0] == {
        "confirmed": True,
        "proposed_by": "sup",
        "position": floor.position,
        "marking": "",
    }
    assert findings(floor) == []
    (floor.root / "feeds.toml").write_text(FEEDS, "utf-8")
    assert findings(floor) == ["feeds.toml"]


@pytest.mark.parametrize(
    ("name", "load", "text"),
    [
        ("schedule.toml", schedule.load, '[expire]\nat = "02:00"\n'),
        ("standby.toml", shipping.load, 'to = "/tmp"\nrecipients = ["age1x"]\n'),
    ],
)
def test_nothing_is_erased_or_shipped_by_a_file_that_supervisors_have_not_confirmed(floor, name, load, text):
    (floor.root / name).write_text(text, "utf-8")
    assert findings(floor) == [name]
    with pytest.raises(NotPermitted):
        load(floor)
    for user in ("sup", "deputy"):
        call(floor, user, "floor", "marking", "confirm")
    assert load(floor) is not None
    (floor.root / name).write_text(f"{text}\n", "utf-8")
    with pytest.raises(NotPermitted):
        load(floor)


def test_a_policy_of_a_floor_that_knew_no_schedule_does_not_approve_one(floor, monkeypatch):
    monkeypatch.setattr(governing, "FILES", ("feeds.toml", "gateways.toml", "console.toml"))
    older = Floor.create(floor.root.parent / "older", KEEPER)
    policies.install(older, KEEPER, BOTH)
    monkeypatch.undo()
    (older.root / schedule.NAME).write_text('[expire]\nat = "02:00"\n', "utf-8")
    policies.install(older, KEEPER, RAISED)
    assert findings(older) == [schedule.NAME]
    with pytest.raises(NotPermitted):
        schedule.load(older)


def test_an_account_that_was_made_an_administrator_in_the_file_is_found(floor):
    with in_(floor.root.parent, "sup"):
        run("admin", "account", "add", "sup")
        run("admin", "account", "add", "low")
    assert findings(floor) == []
    file = AccessFile(floor.root)
    file.database.execute("UPDATE accounts SET administrator = 1 WHERE name = 'low'")
    file.close()
    assert findings(floor) == [governing.RIGHTS]


def test_no_later_act_but_two_supervisors_word_approves_what_was_changed_by_hand(floor):
    with in_(floor.root.parent, "sup"):
        run("admin", "account", "add", "sup")
        run("admin", "account", "add", "low")
    file = AccessFile(floor.root)
    file.database.execute("UPDATE accounts SET administrator = 1 WHERE name = 'low'")
    file.close()
    (floor.root / "feeds.toml").write_text(FEEDS.replace("PB", "PA"), "utf-8")
    changed = ["feeds.toml", governing.RIGHTS]
    assert findings(floor) == changed
    with in_(floor.root.parent, "sup"):
        run("admin", "account", "add", "deputy")
    assert findings(floor) == changed
    call(floor, "sup", "floor", "marking", "set", "raised.toml")
    (listed,) = call(floor, "deputy", "floor", "marking", "approve")
    call(floor, "deputy", "floor", "marking", "approve", listed["digest"])
    assert findings(floor) == changed
    for user in ("sup", "deputy"):
        call(floor, user, "floor", "marking", "confirm")
    assert findings(floor) == []
    with in_(floor.root.parent, "sup"):
        run("admin", "account", "disable", "deputy")
    assert findings(floor) == []


def test_no_backup_is_made_of_a_floor_with_another_policy(floor, tmp_path):
    (floor.root / "policy.toml").write_text(RAISED, "utf-8")
    with pytest.raises(NotPermitted):
        backup(floor, tmp_path / "b.tar", KEEPER, to=())
    assert not (tmp_path / "b.tar").exists()
