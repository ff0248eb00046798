"""Notices: what is new about what one follows, once, and of nothing that one may not see."""

from contextlib import closing
from datetime import timedelta

import pytest
from tests.cell import toy
from tests.console.test_news import AtOnce

import watchfloor
from watchfloor.casework import policies
from watchfloor.casework.notices import subscriptions
from watchfloor.casework.personal import connect
from watchfloor.console.live.notices import Notices
from watchfloor.console.pictures.picture_cache import Pictures

MET, SEEN, LATE = ((rule, "certain") for rule in ("rendezvous", "drop-and-pick-up", "loitering"))
PURPOSE, LAW = "test", "an Act, s. 1"


@pytest.fixture
def floor(tmp_path):
    return toy.make(tmp_path / "floor", {"a": [MET], "b": [MET]})


class Watch:
    """A floor, and what makes its notices."""

    def __init__(self, floor, people=("ann", "ben"), channels=tuple):
        self.floor, self.people, self.channels = floor, people, channels
        self.begin()

    def begin(self):
        """Begin as a console does that was just started."""
        pictures = Pictures(self.floor, AtOnce())
        self.making = Notices(self.floor, pictures, lambda: self.people, self.channels)
        self.look()

    def look(self):
        self.making.look(toy.now())

    def by(self, name):
        return watchfloor.open(self.floor.root, user=name, purpose=PURPOSE, authority=LAW)

    def lead(self, name="a"):
        leads = self.by("ann").leads.leads().leads
        return next(one.lead_id for one in leads if one.subject == f"person:scans:{name}")

    def told(self, name="ann"):
        """What a person is told after another look, oldest first: kind and why."""
        self.look()
        found = self.by(name).notices.list().notices
        return [(one.kind, one.said) for one in reversed(found)]


@pytest.fixture
def watch(floor):
    return Watch(floor)


def test_a_new_signal_is_told_once_to_who_follows_its_lead(watch):
    watch.by("ann").notices.follow(watch.lead())
    assert watch.told() == []
    toy.run(watch.floor, {"a": [MET, SEEN], "b": [MET]})
    assert [kind for kind, _ in watch.told()] == ["signal"]
    assert watch.told("ben") == []
    assert len(watch.told()) == 1


def test_it_is_not_told_again_after_a_start_nor_when_it_was_taken_back_and_came_again(watch):
    watch.by("ann").notices.follow(watch.lead())
    watch.look()
    toy.run(watch.floor, {"a": [MET, SEEN], "b": [MET]})
    assert len(watch.told()) == 1
    watch.begin()
    assert len(watch.told()) == 1
    toy.run(watch.floor, {"a": [MET], "b": [MET]})
    watch.told()
    toy.run(watch.floor, {"a": [MET, SEEN], "b": [MET]})
    assert len(watch.told()) == 1
    with closing(connect(watch.floor.root)) as file:
        assert file.execute("SELECT count(*) FROM notices").fetchone() == (1,)


def test_what_came_while_no_console_ran_is_told_when_one_runs_and_what_was_in_before_is_not(watch):
    toy.run(watch.floor, {"a": [MET, SEEN], "b": [MET]})
    watch.by("ann").notices.follow(watch.lead())  # no look since what came before, nor before what comes
    toy.run(watch.floor, {"a": [MET, SEEN, LATE], "b": [MET]})
    watch.begin()
    assert len(watch.told()) == 1


def test_what_others_do_is_told_and_what_one_does_oneself_is_not(watch):
    watch.by("ann").notices.follow(watch.lead())
    watch.look()
    watch.by("ann").triage.take(watch.lead())
    assert watch.told() == []
    watch.by("ben").triage.comment(watch.lead(), "look at the second boat")
    watch.by("ben").triage.close(watch.lead(), "unfounded", why="a deer")
    assert [kind for kind, _ in watch.told()] == ["triage", "triage"]
    assert "second boat" in watch.told()[0][1]
    assert "a deer" in watch.told()[1][1]


def test_a_comment_is_told_to_whom_it_names_and_to_whose_lead_it_is(watch):
    watch.by("ann").triage.take(watch.lead())
    watch.look()
    watch.by("ben").triage.comment(watch.lead(), "@Ben and @nobody look at this")
    assert [kind for kind, _ in watch.told()] == ["triage"]
    assert watch.told("ben") == []
    watch.by("ann").triage.comment(watch.lead("b"), "@ben yours?")
    assert len(watch.told("ben")) == 1
    assert len(watch.told()) == 1
    why = watch.by("ben").notices.list().notices[0].why
    assert why == ["a comment names you"]


def test_one_new_thing_is_one_notice_however_many_ways_it_is_followed(watch):
    ann = watch.by("ann")
    ann.views.save("All", query="state=new")
    ann.notices.follow(watch.lead())
    ann.notices.follow(subject="person:scans:a")
    ann.notices.follow(view="All")
    watch.look()
    toy.run(watch.floor, {"a": [MET, SEEN], "b": [MET]})
    watch.look()
    (one,) = ann.notices.list().notices
    assert len(one.subscriptions) == 3
    assert ann.notices.unfollow(one.subscriptions[0]).kind in ("lead", "subject", "view")
    assert len(ann.notices.list().notices[0].subscriptions) == 2
    assert ann.notices.list().unread == 1
    ann.notices.read([one.notice])
    assert ann.notices.list().unread == 0


def test_a_view_of_ones_own_leads_is_of_who_follows_it(watch):
    for name in ("ann", "ben"):
        watch.by(name).views.save("Mine", query="state=mine")
        watch.by(name).notices.follow(view="Mine")
    watch.by("ann").triage.take(watch.lead())
    watch.look()
    watch.by("ben").triage.comment(watch.lead(), "well?")
    watch.by("cid").triage.comment(watch.lead(), "well?")
    assert len(watch.told("ann")) == 2
    assert watch.told("ben") == []


def test_who_follows_something_twice_has_one_subscription(watch):
    ann = watch.by("ann")
    one, other = (ann.notices.follow(place=text) for text in ("45,-75,5000", "45.0,-75.0,5e3"))
    assert one.subscription == other.subscription
    assert [each.kind for each in ann.notices.followed().followed] == ["place"]


def test_following_is_a_query_that_the_log_has_with_its_purpose(watch):
    before = watch.floor.position
    watch.by("ann").notices.follow(subject="person:scans:a")
    acts = [act for act in watch.floor.acts(before + 1) if act.act == "query"]
    assert [(act.actor.name, act.actor.purpose, act.detail["about"]) for act in acts] == [
        ("ann", PURPOSE, "person:scans:a")
    ]


def test_a_subject_that_was_erased_is_followed_no_more_and_its_key_is_gone(watch):
    for name in ("a", "b"):
        watch.by("ann").notices.follow(subject=f"person:scans:{name}")
    watch.look()
    rows = watch.floor.read("party", toy.READER, columns=["record_id", "subject"]).to_pylist()
    ids = [row["record_id"] for row in rows if row["subject"] == "person:scans:a"]
    with watch.floor.writer(toy.OFFICER) as writer:
        writer.erase(ids, "the law says so", subjects=["person:scans:a"])
    with closing(connect(watch.floor.root)) as other:  # as a page has it open meanwhile
        other.execute("SELECT count(*) FROM notices").fetchone()
        watch.look()
        kept = b"".join(one.read_bytes() for one in watch.floor.root.glob("personal.sqlite*"))
    assert (b"person:scans:a" in kept, b"person:scans:b" in kept) == (False, True)
    assert [one.target for one in subscriptions.subscriptions(watch.floor.root)] == ["person:scans:b"]
    watch.by("ann").notices.follow(subject="person:scans:a")  # what is followed after it stays
    watch.begin()
    assert len(subscriptions.subscriptions(watch.floor.root)) == 2


POLICY = """
[readers.officer]
protected = "PB"
tlp = "AMBER"
role = "supervisor"
[readers.low]
protected = "PA"
tlp = "GREEN"
"""


def test_what_is_followed_after_an_erasure_says_nothing_of_what_is_hidden(floor):
    """Else who follows a guess would know, since it stayed, that a hidden record names it."""
    policies.install(floor, toy.OFFICER, POLICY)
    watch = Watch(floor, ("officer", "low"))
    for user in watch.people:
        for name in ("b", "nobody"):
            watch.by(user).notices.follow(subject=f"person:scans:{name}")
    watch.look()
    rows = floor.read("party", toy.READER, columns=["record_id", "subject"]).to_pylist()
    ids = [row["record_id"] for row in rows if row["subject"] == "person:scans:a"]
    with floor.writer(toy.OFFICER) as writer:
        writer.erase(ids, "the law says so", subjects=["person:scans:a"])
    watch.look()
    left = [(one.person, one.target) for one in subscriptions.subscriptions(floor.root)]
    assert left == [("officer", "person:scans:b")]


def test_old_notices_go_and_those_of_others_stay(floor, monkeypatch):
    monkeypatch.setattr(subscriptions, "KEPT", 3)
    news = [
        subscriptions.New(who, "named", n, "", "triage", f"{n:x}", toy.now() + timedelta(seconds=n))
        for n in range(6)
        for who in ("ann", "ben")[: 1 + (n < 2)]
    ]
    assert subscriptions.add(floor.root, news, (), 0) == 8
    assert subscriptions.add(floor.root, news[-1:], (), 0) == 0
    assert [one.new.fact for one in subscriptions.notices(floor.root, "ann")] == [5, 4, 3]
    assert [one.new.fact for one in subscriptions.notices(floor.root, "ben")] == [1, 0]
