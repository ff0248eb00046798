"""Sending notices: once each, what the channel may say, again where it failed, and no other waits for it."""

import threading
from types import SimpleNamespace

import pytest
from tests.cell import toy
from tests.console.test_notices import MET, SEEN, Watch

import watchfloor
from watchfloor.api import PythonContext
from watchfloor.casework import saved_views
from watchfloor.casework.notices import subscriptions
from watchfloor.casework.notices.channels import Channel, NotSent
from watchfloor.console.live import sending
from watchfloor.console.live.sending import FIRST, LONGEST, MOST_TRIES, Sender
from watchfloor.messages.catalogue import Catalogue


class Stub(Channel, frozen=True, kw_only=True):
    """A channel that keeps what it is given, or fails while it is told to."""

    got: list
    broken: list

    def reaches(self, person):
        return person != "nobody"

    def send(self, person, said):
        if self.broken and isinstance(self.broken[0], SimpleNamespace):
            self.broken.pop().wait()
        if self.broken:
            raise self.broken[0] if isinstance(self.broken[0], Exception) else NotSent(self.broken[0])
        self.got.append((person, said))


class Sending(Watch):
    """A floor whose notices are sent by two channels, and a clock that is told the time."""

    def __init__(self, floor, monkeypatch):
        self.now = 1e9
        monkeypatch.setattr(sending, "time", SimpleNamespace(time=lambda: self.now))
        self.mail = Stub(ceiling="PB//TLP:AMBER", got=[], broken=[])
        self.hook = Stub(got=[], broken=[])
        channels = SimpleNamespace(all={"email": self.mail, "webhook": self.hook}, link="https://here")
        settings = SimpleNamespace(notices=channels, language="en")
        super().__init__(floor, channels=lambda: tuple(channels.all))
        self.sender = Sender(floor, settings, Catalogue(), self.addressee)

    def addressee(self, session):
        stated = {"purpose": session.purpose or "test", "authority": session.authority or "law"}
        return PythonContext(watchfloor.open(self.floor.root, user=session.account, **stated))

    def happens(self):
        """Something new, of what ann follows."""
        self.by("ann").notices.follow(self.lead())
        self.look()
        toy.run(self.floor, {"a": [MET, SEEN], "b": [MET]})
        self.look()


@pytest.fixture
def one(tmp_path, monkeypatch):
    return Sending(toy.make(tmp_path / "floor", {"a": [MET], "b": [MET]}), monkeypatch)


def test_each_channel_is_sent_it_once_and_says_no_more_than_it_may(one):
    one.happens()
    assert one.sender.look() == 2
    assert one.sender.look() == 0
    ((person, whole),), ((_, little),) = one.mail.got, one.hook.got
    assert (person, whole["marking"], whole["lead"]) == ("ann", "PB//TLP:AMBER", one.lead())
    assert whole["said"] == one.by("ann").notices.list().notices[0].said
    assert little == {
        "key": whole["key"],
        "link": "https://here/notices",
        "said": "There is something new. Sign in to read it.",
        "called": "",
        "marking": "",
    }


def test_what_goes_out_is_in_the_log_and_what_says_nothing_is_not(one):
    one.happens()
    before = one.floor.position
    one.sender.look()
    said = [act.detail for act in one.floor.acts(before + 1) if act.detail.get("what") == "notice sent"]
    assert said == [{"what": "notice sent", "channel": "email", "shown": [one.lead()]}]


def test_one_that_fails_waits_longer_each_time_is_told_and_keeps_no_other_waiting(one):
    one.happens()
    one.mail.broken.append("mail.example: refused")
    assert one.sender.look() == 1
    assert len(one.hook.got) == 1
    (problem,) = one.by("ann").notices.list().problems
    assert (problem.channel, problem.count, problem.over) == ("email", 1, False)
    assert problem.why == "mail.example: refused"
    assert one.by("ben").notices.list().problems == []
    for tries in range(1, 4):
        one.now += min(FIRST * 2 ** (tries - 1), LONGEST) - 1
        one.mail.broken[:] = [f"try {tries}"]
        one.sender.look()
        assert one.by("ann").notices.list().problems[0].why != f"try {tries}"
        one.now += 2
        one.sender.look()
        assert one.by("ann").notices.list().problems[0].why == f"try {tries}"
    one.mail.broken.clear()
    one.now += LONGEST
    assert one.sender.look() == 1
    assert one.by("ann").notices.list().problems == []


def test_one_that_no_channel_can_write_holds_no_other_up_and_tells_no_secret(one):
    """Such as a password that is not ASCII, which the library for mail refuses with it in the error."""
    one.happens()
    one.mail.broken.append(UnicodeEncodeError("ascii", "pässword", 1, 2, "ordinal not in range(128)"))
    assert one.sender.look() == 1
    assert len(one.hook.got) == 1
    (problem,) = one.by("ann").notices.list().problems
    assert (problem.channel, problem.why) == ("email", "UnicodeEncodeError")


def test_a_channel_says_no_name_that_a_person_gave_a_view(one):
    """It has no marking, so no ceiling holds for it."""
    saved_views.save(one.floor.root, "ann", "Operation Thunder", "", toy.now())
    one.by("ann").notices.follow(view="Operation Thunder")
    one.happens()
    one.sender.look()
    assert len(one.mail.got) == 1
    assert "Thunder" not in repr(one.mail.got)


def test_a_server_that_answers_a_byte_at_a_time_keeps_no_other_channel_waiting(one):
    one.happens()
    began, ends = threading.Event(), threading.Event()
    one.mail.broken.append(SimpleNamespace(wait=lambda: (began.set(), ends.wait(60))))
    slow = threading.Thread(target=one.sender.look, args=("email",))
    slow.start()
    assert began.wait(60)
    assert one.sender.look("webhook") == 1
    assert one.mail.got == []
    ends.set()
    slow.join()
    assert len(one.mail.got) == 1


def test_after_many_tries_it_is_over_and_said_so(one):
    one.happens()
    one.mail.broken.append("gone")
    for _ in range(MOST_TRIES):
        one.sender.look()
        one.now += LONGEST + 1
    one.mail.broken.clear()
    assert one.sender.look() == 0
    assert one.by("ann").notices.list().problems[0].over


def test_what_the_person_may_not_see_any_more_is_not_sent(one):
    one.happens()
    (one.floor.root / "policy.toml").write_text('[readers.ann]\nprotected = "PA"\n', encoding="utf-8")
    assert one.sender.look() == 0
    assert (one.mail.got, one.hook.got) == ([], [])


def test_a_notice_to_whom_a_channel_does_not_reach_is_not_sent(one):
    given = ("nobody", "named", 1, "", "triage", "00", toy.now())
    subscriptions.add(one.floor.root, [subscriptions.New(*given)], ("email",), 0.0)
    assert one.sender.look() == 0
    assert subscriptions.problems(one.floor.root, "nobody") == []
