"""Referrals at the command line: what each command leaves and says in both languages, and what it refuses."""

import shutil
from datetime import UTC, datetime, timedelta

import pytest
from tests.cli import referrers
from tests.cli.commanded import RUNNER, call, lines

from watchfloor.cli import app
from watchfloor.store import Floor


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    home = tmp_path_factory.mktemp("harbour")
    return home, referrers.harboured(home, call)


@pytest.fixture
def places(made, tmp_path):
    home, known = made
    shutil.copytree(home / "harbour", tmp_path / "harbour")
    return known | {"harbour": tmp_path / "harbour"}


def floor(places):
    return ["--floor", places["harbour"]]


def refused(words):
    result = RUNNER.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 3, result.output
    return " ".join(result.output.split())


@pytest.mark.parametrize("command", sorted(referrers.LEAVES))
def test_each_command_leaves_its_act(command, places, monkeypatch):
    monkeypatch.setenv("WATCHFLOOR_PURPOSE", "a purpose")
    monkeypatch.setenv("WATCHFLOOR_AUTHORITY", "an Act")
    before = Floor.open(places["harbour"]).position
    words = command.split()
    call([*words, *(argument.format(**places) for argument in referrers.FULL[tuple(words)])])
    acts = Floor.open(places["harbour"]).acts(before + 1)
    assert {act.act for act in acts} == referrers.LEAVES[command]
    assert all((act.actor.purpose, act.actor.authority) == ("a purpose", "an Act") for act in acts)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_release_and_a_draft_say_that_they_are_no_clearance(places, lang):
    said = {"en": "A release is not a clearance", "fr": "n’est pas une attestation de conformité"}[lang]
    drafted = call(["cases", "referral", "draft", "parcel:upu:1", "--lang", lang, *floor(places)])
    assert "die parts" in drafted.stdout
    assert said in drafted.output
    ended = ["cases", "referral", "examined", places["referral"], "--result", "nothing", "--lang", lang]
    assert said in call([*ended, *floor(places)]).output
    assert said in call(["cases", "referral", "audit", "--lang", lang, *floor(places)]).output


def test_opening_mail_asks_for_grounds_and_a_badge_and_takes_no_draft(places):
    opened = [
        "cases",
        "referral",
        "refer",
        "parcel:upu:3",
        "--means",
        "open",
        *referrers.SOON,
        *floor(places),
    ]
    assert "99(1)(c.1) asks for reasonable grounds" in refused(opened)
    draft = call(["cases", "referral", "draft", "parcel:upu:3", *floor(places)]).stdout
    assert "badge number" in refused([*opened, "--grounds", draft])
    assert "the draft, unedited" in refused([*opened, "--grounds", draft, "--badge", "77"])
    own = "I suspect a precursor, since the drum smells of acetone"
    (told,) = lines([*opened, "--grounds", own, "--badge", "77"])
    assert (told["grounds"], told["badge"]) == (own, "77")


def test_what_is_late_is_told_first_and_ends_on_record(places):
    soon = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
    late = [
        "cases",
        "referral",
        "refer",
        "parcel:upu:3",
        "--means",
        "dog",
        "--deadline",
        soon,
        *floor(places),
    ]
    (one,) = lines(late)
    then = [*floor(places), "--as-of", "2199-06-01"]
    listed = call(["cases", "referral", "list", *then])
    assert "OVERDUE: 2" in listed.output
    assert [row["state"] for row in lines(["cases", "referral", "list", *then])] == ["expired", "expired"]
    assert lines(["cases", "referral", "list", "--open", *then]) == [{"referrals": 0}]
    counted = {row["direction"]: row["overdue"] for row in lines(["cases", "referral", "audit", *then])}
    assert counted == {"inbound": 1, "outbound": 1}
    assert "en retard" in call(["cases", "referral", "audit", "--lang", "fr", *then]).output
    assert one["state"] == "referred"


def test_who_examines_is_not_told_by_which_draw_an_item_was_chosen_until_the_end(places):
    from watchfloor.casework.referrals.life import Pick
    from watchfloor.casework.referrals.repository import Post, refer_one
    from watchfloor.cli import common

    opened = Floor.open(places["harbour"])
    asked = Pick("parcel:upu:3", "dog", datetime(2199, 1, 1, tzinfo=UTC), "random", 0.01, "scheme 1")
    with opened.writer(common.acting("a purpose", "an Act")) as writer:
        id_ = refer_one(Post(opened, common.reader(opened), writer), asked).item.id
    (shown,) = lines(["cases", "referral", "show", id_, *floor(places)])
    assert (shown["chosen_by"], shown["chance"], shown["scheme"]) == ("plan", None, None)
    assert "random" not in call(["cases", "referral", "show", id_, *floor(places)]).output
    (ended,) = lines(["cases", "referral", "examined", id_, "--result", "nothing", *floor(places)])
    assert (ended["chosen_by"], ended["chance"], ended["scheme"]) == ("random", 0.01, "scheme 1")


def test_a_hit_is_offered_recorded_once_and_then_known(places):
    (offer,) = lines(["cases", "referral", "hits", *floor(places)])
    assert (offer["subject"], offer["names"]) == ("parcel:upu:2", {"phone:phone:16135550113": "phone"})
    words = [argument.format(**places) for argument in referrers.FULL["cases", "referral", "hit"]]
    (done,) = lines(["cases", "referral", "hit", *words])
    assert (done["chosen_by"], done["task"]) == ("lookout", places["lookout"])
    assert lines(["cases", "referral", "hits", *floor(places)]) == [{"hits": 0}]
    (known,) = lines(["cases", "referral", "hits", "--all", *floor(places)])
    assert known["referral"] == done["referral"]
    (task,) = lines(["cases", "task", "show", places["lookout"], *floor(places)])
    assert task["state"] == "hit"
