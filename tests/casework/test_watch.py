import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.casework.world import KEY, WATCH, Log, at
from tests.refusals import because
from tests.thorough import draws

from watchfloor.casework.watch import repository, watch
from watchfloor.cell.acts import Refusal
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor

MARKED = "PB//TLP:AMBER"


def raised(log, text="a boat", minute=0, **how):
    row = watch.alert(WATCH, log.rows, text, "anna", at(minute), KEY, MARKED, **how)
    log.add(row)
    return row["entry"]


def the(log, entry):
    return watch.alerts(WATCH, log.rows)[entry]


def on_call(log, role, person, minute=0, until=None):
    log.add(watch.on_call(WATCH, role, person, until, "anna", at(minute), KEY, MARKED))


def test_what_an_act_writes_twice_stands_in_one_commit(tmp_path):
    floor = Floor.create(tmp_path / "floor", Actor("anna", "testing", "none"), ceiling="PB//TLP:RED")

    def acting(name, act, *args):
        with floor.writer(Actor(name, "testing", "none")) as writer:
            return act(repository.Post(floor, Reader(name, purpose="testing"), writer), *args)

    called = acting("anna", repository.on_call, "watch officer", "ben", None)
    offer = acting("anna", repository.hand_over, "ben", "", "en")
    signed = acting("ben", repository.sign, offer.row["entry"], "", "en")
    rows = repository.entries(floor, Reader("anna", purpose="testing"))
    assert [(row["position"], row["what"]) for row in rows] == [
        (called.position, "on-call"),
        (called.position, watch.ROLE_HELD),
        (offer.position, "handover-offered"),
        (signed.position, "handover-taken"),
        (signed.position, watch.ON_WATCH),
    ]


def test_an_alert_goes_to_who_is_on_call_and_up_the_chain_as_time_passes():
    log = Log()
    on_call(log, "watch officer", "ben")
    on_call(log, "duty inspector", "okafor")
    raised(log, minute=1, flags=["life-at-risk"])
    told = [watch.due(WATCH, log.rows, at(minute))[0] for minute in (1, 2, 3, 4, 5, 99)]
    assert [(one.to, one.next, one.late) for one in told] == [
        ("ben", "okafor", False),
        ("ben", "okafor", False),
        ("okafor", "officer in charge", True),
        ("okafor", "officer in charge", True),
        ("officer in charge", None, True),
        ("officer in charge", None, True),
    ]
    assert [one.by for one in told[:5]] == [at(3), at(3), at(5), at(5), at(7)]


@given(st.integers(0, 400), st.sampled_from([(), ("life-at-risk",), ("officer-safety",)]))
def test_how_far_it_has_risen_is_the_periods_that_have_passed(minute, flags):
    log = Log()
    raised(log, flags=flags)
    (one,) = watch.due(WATCH, log.rows, at(minute))
    period = WATCH.period(flags).total_seconds() / 60
    level = min(int(minute // period), len(WATCH.roles) - 1)
    assert one.to == WATCH.roles[level]
    assert one.next == (WATCH.roles[level + 1] if level + 1 < len(WATCH.roles) else None)
    assert one.late == (minute >= period)


def test_who_is_on_call_no_longer_is_not_called():
    log = Log()
    on_call(log, "watch officer", "ben", until=at(10))
    assert watch.roster(WATCH, log.rows, at(9))["watch officer"] == "ben"
    assert watch.roster(WATCH, log.rows, at(10))["watch officer"] is None
    on_call(log, "watch officer", "carla", 11)
    assert watch.roster(WATCH, log.rows, at(11))["watch officer"] == "carla"


def test_a_role_whose_holder_one_may_not_see_is_held():
    log = Log()
    on_call(log, "watch officer", "ben", until=at(10))
    log.add(watch.role_held(log.rows[-1]))
    low = [row for row in log.rows if row["what"] != "on-call"]
    assert "ben" not in str(low)
    assert watch.held_unseen(low, at(9)) == {"watch officer"}
    assert watch.held_unseen(low, at(10)) == set()
    assert watch.held_unseen(log.rows, at(9)) == set(), "who sees the name is told it"
    assert watch.lines(low) == []


def test_whoever_is_put_on_call_last_ends_those_before_though_one_may_not_see_them():
    log = Log()
    for person, minute, until in (("ben", 0, None), ("carla", 1, at(10))):
        on_call(log, "watch officer", person, minute, until)
        log.add(watch.role_held(log.rows[-1]))
    low = [row for row in log.rows if row["to"] != "carla"]
    for minute, person, unseen in ((9, "carla", {"watch officer"}), (10, None, set())):
        assert watch.roster(WATCH, log.rows, at(minute))["watch officer"] == person
        assert watch.roster(WATCH, low, at(minute))["watch officer"] is None, "ben went off call"
        assert watch.held_unseen(low, at(minute)) == unseen


def test_an_alert_is_acknowledged_once_and_the_second_is_told_by_whom():
    log = Log()
    entry = raised(log)
    log.add(watch.acknowledge(the(log, entry), "ben", at(1)))
    assert watch.due(WATCH, log.rows, at(99)) == []
    for act in (
        lambda: watch.acknowledge(the(log, entry), "carla", at(2)),
        lambda: watch.escalate(WATCH, log.rows, the(log, entry), "carla", at(2), "why"),
    ):
        with pytest.raises(Refusal, check=because("cell.alert-answered", by="ben")):
            act()


def test_an_escalation_by_hand_starts_the_next_ones_time_and_ends_at_the_top():
    log = Log()
    on_call(log, "watch officer", "ben")
    on_call(log, "duty inspector", "okafor")
    entry = raised(log)
    log.add(watch.escalate(WATCH, log.rows, the(log, entry), "anna", at(3), "no answer"))
    assert (the(log, entry).to, the(log, entry).due, the(log, entry).level) == ("okafor", at(33), 1)
    log.add(watch.escalate(WATCH, log.rows, the(log, entry), "anna", at(4), "no answer"))
    with pytest.raises(Refusal, check=because("cell.alert-at-the-top")):
        watch.escalate(WATCH, log.rows, the(log, entry), "anna", at(5), "no answer")
    (one,) = watch.due(WATCH, log.rows, at(500))
    assert (one.to, one.next) == ("officer in charge", None)


def test_life_at_risk_goes_first():
    log = Log()
    first = raised(log, minute=0)
    safety = raised(log, minute=100, flags=["officer-safety"])
    life = raised(log, minute=200, flags=["life-at-risk"])
    assert [one.alert.entry for one in watch.due(WATCH, log.rows, at(201))] == [life, safety, first]


def offered(log, by="anna", to="ben", minute=0):
    row = log.add(watch.offer("all quiet", to, by, at(minute), KEY, MARKED))
    return row["entry"]


def handover(log, entry):
    return watch.handovers(log.rows)[entry]


def test_a_handover_is_complete_when_two_have_signed():
    log = Log()
    entry = offered(log)
    assert handover(log, entry).taken is None
    assert watch.keeper(log.rows) is None
    log.add(watch.sign(handover(log, entry), "taken", "Ben ", at(1), MARKED))
    assert handover(log, entry).taken["by"] == "Ben "
    assert watch.keeper(log.rows)["by"] == "Ben "
    with pytest.raises(Refusal, check=because("cell.handover-taken")):
        watch.sign(handover(log, entry), "again", "ben", at(2), MARKED)


@pytest.mark.parametrize("name", ["anna", " Anna", "ANNA"])
def test_the_same_person_cannot_sign_twice(name):
    log = Log()
    entry = offered(log)
    with pytest.raises(Refusal, check=because("cell.handover-same-person")):
        watch.sign(handover(log, entry), "taken", name, at(1), MARKED)
    with pytest.raises(Refusal, check=because("cell.handover-to-oneself")):
        watch.offer("x", name, "anna", at(1), KEY, MARKED)


def test_another_than_the_one_it_was_offered_to_cannot_sign():
    log = Log()
    entry = offered(log)
    with pytest.raises(Refusal, check=because("cell.handover-to-another", to="ben", by="carla")):
        watch.sign(handover(log, entry), "taken", "carla", at(1), MARKED)


def test_an_offer_that_nobody_signed_is_replaced_by_the_next():
    log = Log()
    old = offered(log)
    new = offered(log, to="carla", minute=1)
    with pytest.raises(Refusal, check=because("cell.handover-replaced", other=new)):
        watch.sign(handover(log, old), "taken", "ben", at(2), MARKED)
    log.add(watch.sign(handover(log, new), "taken", "carla", at(2), MARKED))
    assert watch.keeper(log.rows)["by"] == "carla"


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: watch.note(" ", "anna", at(0), KEY, MARKED), "cell.empty-text"),
        (lambda: watch.note("x", "anna", at(0), KEY, MARKED, flags=["fire"]), "cell.unknown-flag"),
        (lambda: watch.on_call(WATCH, "cook", "ben", None, "anna", at(0), KEY, MARKED), "cell.no-such-role"),
        (
            lambda: watch.on_call(WATCH, "watch officer", " ", None, "anna", at(0), KEY, MARKED),
            "cell.empty-text",
        ),
        (
            lambda: watch.on_call(WATCH, "watch officer", "b", at(0), "a", at(0), KEY, MARKED),
            "cell.on-call-over",
        ),
    ],
)
def test_what_is_wrong_is_said(act, message):
    with pytest.raises(Refusal, check=because(message)):
        act()


OFFICERS = st.sampled_from(["anna", "ben", "carla"])


class Desk(RuleBasedStateMachine):
    """Officers hand over, sign, raise and answer at random; two names on every complete handover."""

    @initialize()
    def begin(self):
        self.log, self.minute, self.answered = Log(), 0, {}

    def tick(self):
        self.minute += 1
        return at(self.minute)

    @rule(by=OFFICERS, to=OFFICERS)
    def offer(self, by, to):
        if by == to:
            with pytest.raises(Refusal):
                watch.offer("x", to, by, self.tick(), KEY, MARKED)
        else:
            self.log.add(watch.offer("x", to, by, self.tick(), KEY, MARKED))

    @rule(by=OFFICERS, which=st.integers(0, 9))
    def sign(self, by, which):
        found = list(watch.handovers(self.log.rows).values())
        if not found:
            return
        one = found[which % len(found)]
        open_ = one is found[-1] and one.taken is None
        if open_ and by == one.offered["to"]:
            self.log.add(watch.sign(one, "x", by, self.tick(), MARKED))
        else:
            with pytest.raises(Refusal):
                watch.sign(one, "x", by, self.tick(), MARKED)

    @rule(flags=st.sampled_from([[], ["life-at-risk"]]), wait=st.integers(0, 50))
    def alert(self, flags, wait):
        self.minute += wait
        row = watch.alert(WATCH, self.log.rows, "x", "anna", self.tick(), KEY, MARKED, flags=flags)
        self.answered[self.log.add(row)["entry"]] = None

    @rule(by=OFFICERS, which=st.integers(0, 9))
    def acknowledge(self, by, which):
        if not self.answered:
            return
        entry = list(self.answered)[which % len(self.answered)]
        if self.answered[entry]:
            with pytest.raises(Refusal, check=because("cell.alert-answered", by=self.answered[entry])):
                watch.acknowledge(the(self.log, entry), by, self.tick())
        else:
            self.log.add(watch.acknowledge(the(self.log, entry), by, self.tick()))
            self.answered[entry] = by

    @invariant()
    def two_signed_whatever_is_complete(self):
        for one in watch.handovers(self.log.rows).values():
            assert one.taken is None or one.taken["by"] == one.offered["to"] != one.offered["by"]

    @invariant()
    def what_is_due_is_what_nobody_answered(self):
        due = {one.alert.entry for one in watch.due(WATCH, self.log.rows, at(self.minute))}
        assert due == {entry for entry, by in self.answered.items() if by is None}


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=draws(30), stateful_step_count=25, deadline=None)
