"""Orders of acts: what may follow what, that nothing refused leaves a trace, that no gram is lost."""

from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.casework.custody.world import MARKED, START, Vault
from tests.refusals import because
from tests.thorough import draws

from watchfloor.casework.custody import exhibits, rules, signing
from watchfloor.casework.custody.balance import balance
from watchfloor.casework.custody.clocks import clocks
from watchfloor.casework.custody.masses import COVERAGE
from watchfloor.casework.custody.paper_words import GAPS
from watchfloor.casework.custody.papers import gaps
from watchfloor.cell.acts import Refusal
from watchfloor.messages.catalogue import texts

WEIGHED = {"mass": 10.0, "mass_error": 0.01}


@pytest.fixture
def vault():
    made = Vault()
    made.seize(seal="A1", **WEIGHED)
    return made


def refuses(vault, check, /, *given, **more):
    before = dict(vault.found), list(vault.rows)
    with pytest.raises(Refusal, check=check):
        vault.act("1", *given, **more)
    assert (vault.found, vault.rows) == before


def test_the_head_of_a_signed_statement_is_stored_and_names_no_command():
    assert signing.HEAD.split() == ["watchfloor", "custody", "transfer/v1"]


def test_what_does_not_hold_it_does_nothing_to_it(vault):
    for act, given in (
        ("weighed", WEIGHED),
        ("resealed", {"seal": "A2", "old_seal": "A1", "why": "x"}),
        ("submitted", {"analyst": "x"}),
        ("consumed", {**WEIGHED, "why": "x", "seal": "A2"}),
        ("destroyed", {"law": "CDSA s. 26", "witness": "w", "place": "p", "why": "x"}),
    ):
        refuses(vault, because("custody.not-holder", holder="anna", by="ben"), act, by="ben", **given)


def test_a_certificate_is_of_what_was_submitted_by_that_day(vault):
    said = {"document": "D", "analyst": "A", "why": "none"}
    refuses(vault, because("custody.not-submitted"), "certified", **said)
    vault.act("1", "submitted", analyst="DAS")
    assert vault.act("1", "certified", **said).certified[0]["document"] == "D"


def test_what_is_destroyed_is_closed_but_for_paper(vault):
    vault.act("1", "submitted", analyst="DAS")
    end = {"law": "CDSA s. 26", "place": "plant", "why": "burnt"}
    refuses(vault, because("custody.one-witness"), "destroyed", witness=" ANNA", **end)
    vault.act("1", "destroyed", witness="ben", **end)
    refuses(vault, because("custody.closed", state_words="destroyed"), "weighed", **WEIGHED)
    refuses(vault, because("custody.closed", state_words="destroyed"), "applied", to="somebody")
    assert vault.act("1", "certified", document="D", analyst="A", why="none").state == "destroyed"
    assert vault.act("1", "reported", law="CDSA s. 29").reported


def test_what_a_proceeding_requires_is_not_destroyed(vault):
    end = {"law": "CDSA s. 26", "place": "plant", "why": "burnt", "witness": "ben"}
    vault.act("1", "required", document="R. v. Doe")
    refuses(vault, because("custody.required", document="R. v. Doe"), "destroyed", **end)
    vault.act("1", "released", document="R. v. Doe")
    assert vault.act("1", "destroyed", **end).state == "destroyed"


def test_forfeiture_by_time_waits_for_the_sixty_days_and_yields_to_an_application(vault):
    last = START.date() + timedelta(days=60)
    refuses(vault, because("custody.too-soon"), "forfeited", day=last, law="CDSA s. 25")
    vault.act("1", "applied", to="somebody", day=last)
    refuses(vault, because("custody.applied"), "forfeited", day=last + timedelta(days=1), law="CDSA s. 25")


def test_an_application_after_the_sixty_days_is_kept_flagged_and_stops_no_forfeiture(vault):
    late = START.date() + timedelta(days=61)
    one = vault.act("1", "applied", to="somebody", day=late)
    assert one.last["doubts"] == [rules.LATE]
    assert vault.act("1", "forfeited", day=late, law="CDSA s. 25").forfeited


def test_an_application_for_the_whole_is_one_for_its_parts(vault):
    vault.split("1", [(1.0, 0.01, "B1")], seal="A2")
    vault.act("1", "applied", to="somebody")
    with pytest.raises(Refusal, check=because("custody.applied")):
        vault.act("1.1", "forfeited", day=START.date() + timedelta(days=99), law="CDSA s. 25")


def test_a_return_needs_what_its_section_says(vault):
    back = {"to": "owner", "document": "order 7"}
    refuses(vault, because("custody.not-applied", section="24(2)"), "returned", law="CDSA s. 24(2)", **back)
    refuses(vault, because("custody.section", law="CDSA s. 26"), "returned", law="CDSA s. 26", **back)
    vault.act("1", "applied", to="owner")
    vault.act("1", "returned", law="CDSA s. 24(2)", **back)
    assert balance(vault.found, vault.one("1")).returned.grams == 10.0


def test_a_part_weighs_within_what_the_whole_does(vault):
    with pytest.raises(Refusal, check=because("custody.too-much")):
        vault.split("1", [(10.5, 0.01)], seal="A2")
    with pytest.raises(Refusal, check=because("custody.gained")):
        vault.split("1", [(5.0, 0.01)], seal="A2", mass=5.5, mass_error=0.01)
    with pytest.raises(Refusal, check=because("custody.seal-used")):
        vault.split("1", [(1.0, 0.01, "a1")], seal="A2")
    assert len(vault.rows) == 1
    vault.split("1", [(5.0, 0.01)], seal="A2")
    vault.act("1", "weighed", mass=5.5, mass_error=0.01, why="the vial was weighed with it")
    assert vault.one("1").last["doubts"] == [rules.HEAVIER]
    assert not balance(vault.found, vault.one("1")).unexplained
    assert vault.one("1.1").parent == vault.one("1").id


def test_what_a_split_or_a_destruction_is_for_explains_no_mass(vault):
    with pytest.raises(Refusal, check=because("custody.gained")):
        vault.split("1", [(5.0, 0.01)], seal="A2", mass=5.5, mass_error=0.01, why="a sample")
    vault.split("1", [(5.0, 0.01)], seal="A2", mass=4.0, mass_error=0.01, why="a sample")
    end = {"law": "CDSA s. 26", "place": "plant", "why": "incineration", "witness": "ben"}
    refuses(vault, because("custody.gained"), "destroyed", mass=5.0, mass_error=0.01, **end)
    one = vault.act("1", "destroyed", mass=3.0, mass_error=0.01, **end)
    assert one.last["doubts"] == [rules.LIGHTER]
    assert [each.mass.grams for _, each in balance(vault.found, one).unexplained] == pytest.approx([-1, -1])


def test_each_proceeding_that_requires_it_releases_it_by_itself(vault):
    end = {"law": "CDSA s. 26", "place": "plant", "why": "burnt", "witness": "ben"}
    vault.split("1", [(1.0, 0.01)], seal="A2")
    vault.act("1", "required", document="R. v. Doe")
    vault.act("1", "required", document="R. v. Roe")
    vault.act("1", "released", document="r. v.  doe")
    refuses(vault, because("custody.not-required", documents="R. v. Roe"), "released", document="R. v. Doe")
    refuses(vault, because("custody.required", document="R. v. Roe"), "destroyed", **end)
    with pytest.raises(Refusal, check=because("custody.required")):
        vault.act("1.1", "destroyed", **end)  # what was split off before is of the same seizure
    vault.act("1", "released", document="R. v. Roe")
    assert vault.act("1.1", "destroyed", **end).state == "destroyed"


def test_the_report_of_a_seizure_is_recorded_on_what_was_seized(vault):
    vault.split("1", [(1.0, 0.01)], seal="A2")
    with pytest.raises(Refusal, check=because("custody.of-root", root="1")):
        vault.act("1.1", "reported", law="CDSA s. 12.1")


def test_a_part_of_what_was_submitted_was_submitted_too(vault):
    vault.split("1", [(1.0, 0.01)], seal="A2")
    vault.act("1", "submitted", analyst="DAS")
    vault.split("1", [(2.0, 0.01)], seal="A3")
    said = {"document": "D", "analyst": "A", "why": "none"}
    assert vault.act("1.2", "certified", **said).certified
    with pytest.raises(Refusal, check=because("custody.not-submitted")):
        vault.act("1.1", "certified", **said)


@pytest.mark.parametrize("mass", [-1.0, float("nan"), float("inf"), 1.1e9])
def test_no_exhibit_has_such_a_mass(vault, mass):
    refuses(vault, because("custody.bad-mass"), "weighed", mass=mass, mass_error=0.01, why="x")
    refuses(vault, because("custody.bad-mass"), "weighed", mass=1.0, mass_error=mass, why="x")


def test_blanks_are_no_reason_and_part_of_no_number(vault):
    refuses(vault, because("custody.no-reason", act_words="noted"), "noted", why=" \n")
    one = vault.act("1", "resealed", seal=" A 2 ", old_seal=" A1", why=" torn ")
    assert (one.seal, one.last["why"]) == ("A 2", "torn")


def test_what_was_split_into_nothing_left_is_closed(vault):
    done = vault.split("1", [(10.0, 0.01)], seal=None, mass=0.0, mass_error=0.0)
    assert (done.state, done.mass.grams) == ("exhausted", 0.0)
    assert done.last["doubts"] == []
    with pytest.raises(Refusal, check=because("custody.closed", state_words="exhausted")):
        vault.split("1", [(1.0, 0.01)])
    assert balance(vault.found, done).remaining.grams == 10.0


def test_what_is_split_into_nothing_left_is_all_in_its_parts(vault):
    with pytest.raises(Refusal, check=because("custody.left-over", lost="9.000 g ± 0.028 g")):
        vault.split("1", [(1.0, 0.01)], seal=None, mass=0.0, mass_error=0.0)


def test_what_is_lost_is_kept_flagged_and_unexplained(vault):
    one = vault.act("1", "weighed", mass=9.5, mass_error=0.01)
    assert one.last["doubts"] == [rules.LIGHTER]
    assert len(balance(vault.found, one).unexplained) == 1
    assert balance(vault.found, one).difference.grams == pytest.approx(-0.5)


def test_two_that_are_split_from_one_know_it_and_take_its_law_with_them(vault):
    vault.act("1", "required", document="R. v. Doe")
    vault.split("1", [(1.0, 0.01), (2.0, 0.01)], seal="A2")
    vault.split("1.1", [(0.5, 0.01)])
    assert exhibits.root(vault.found, vault.one("1.1.1")) == vault.one("1")
    assert all(vault.one(number).required for number in ("1.1", "1.2", "1.1.1"))


def test_a_second_who_acts_on_the_same_edition_is_told_who_was_first(vault):
    vault.act("1", "noted", why="first")
    refuses(vault, because("custody.stale", by="anna"), "noted", by="ben", why="second", edition=2)


def test_a_forgotten_moment_is_corrected_by_an_act_of_its_own(vault):
    """Recorded as done now, done ten days before: nothing could follow, and nothing corrected it."""
    vault.act("1", "noted", why="opened the parcel")
    said = vault.one("1").last
    day = START.date() + timedelta(10)
    vault.act("1", "weighed", day=day, mass=10.0, mass_error=0.01)
    wrong = vault.one("1").last
    refuses(vault, because("custody.earlier"), "applied", day=START.date() + timedelta(6), to="owner")
    refuses(vault, because("custody.not-recorder", by="ben"), "redated", by="ben", day=day, why="x")
    refuses(vault, because("custody.no-reason"), "redated", day=START.date() + timedelta(4))
    one = vault.act("1", "redated", day=START.date() + timedelta(4), why="--at was forgotten")
    assert [row["act"] for row in one.history[-2:]] == ["weighed", "redated"]
    assert one.history[-2]["day"] == START.date() + timedelta(4)
    assert (one.history[-2]["record_id"], one.last["previous"]) == (wrong["record_id"],) * 2
    assert one.at == one.history[-2]["observed_at"] < wrong["observed_at"]
    one = vault.act("1", "applied", day=START.date() + timedelta(6), to="owner")
    assert one.applied["doubts"] == []
    assert said["record_id"] in {row["record_id"] for row in one.history}
    assert exhibits.Exhibit.fold(vault.rows) == vault.found


def test_a_corrected_moment_moves_what_the_law_counts_from_it(vault):
    late = START.date() + timedelta(70)
    vault.act("1", "applied", day=late, to="owner", document="M-1")
    assert vault.one("1").applied["doubts"] == ["late-application"]
    one = vault.act("1", "redated", day=START.date() + timedelta(20), why="the day of filing")
    assert one.applied["day"] == START.date() + timedelta(20)
    assert {clock.started for clock in clocks(vault.found, late) if clock.section == "24(3)(a)"} == {
        START.date() + timedelta(20)
    }
    given = {"law": "CDSA s. 25", "day": START.date() + timedelta(80)}
    refuses(vault, because("custody.applied"), "forfeited", **given)
    one = vault.act("1", "redated", day=START.date() + timedelta(66), why="the stamp says so")
    assert one.applied["day"] == START.date() + timedelta(66)
    assert vault.act("1", "forfeited", **given).forfeited


def test_a_corrected_moment_decides_whether_an_application_was_late(vault):
    """The continuity report told a court that an application was late by the moment that was wrong."""
    vault.act("1", "applied", day=START.date() + timedelta(70), to="owner", document="M-1")
    for days, late in ((20, []), (66, ["late-application"]), (21, [])):
        one = vault.act("1", "redated", day=START.date() + timedelta(days), why="the day of filing")
        assert (one.applied["doubts"], one.history[1]["doubts"]) == (late, late)
        said = GAPS["en"]["late-application"].format(n=2)
        assert [said in gaps(one), sum("24(1)" in each for each in gaps(one))] == [bool(late), len(late)]


def test_a_correction_is_no_late_entry_of_its_own(vault):
    """It has the moment that it corrects; of the act that it is about it is said that it was written late."""
    vault.act("1", "noted", day=START.date() + timedelta(9), why="opened the parcel")
    one = vault.act("1", "redated", day=START.date() + timedelta(4), why="--at was forgotten")
    late = [each[:6] for each in gaps(one, logged=lambda _: START + timedelta(9)) if "hours after" in each]
    assert late == ["act 1:", "act 2:"]


def test_a_forfeiture_by_time_is_not_redated_into_that_time(vault):
    given = {"law": "CDSA s. 25", "day": START.date() + timedelta(10)}
    refuses(vault, because("custody.too-soon"), "forfeited", **given)
    vault.act("1", "forfeited", **given | {"day": START.date() + timedelta(80)})
    refuses(vault, because("custody.too-soon"), "redated", day=given["day"], why="x")
    day = START.date() + timedelta(70)
    assert vault.act("1", "redated", day=day, why="x").forfeited["day"] == day


def test_a_part_was_not_made_before_what_its_whole_went_through(vault):
    vault.act("1", "noted", why="x")
    vault.split("1", [(0.5, 0.01)], seal="A2")
    part = vault.one("1").children[0]
    with pytest.raises(Refusal, check=because("custody.redated-before")):
        vault.act(vault.found[part].number, "redated", day=START.date() - timedelta(1), why="x")


def test_a_split_was_not_done_after_what_was_done_to_its_parts(vault):
    vault.split("1", [(0.5, 0.01)], seal="A2")
    number = vault.found[vault.one("1").children[0]].number
    late = START.date() + timedelta(3)
    assert vault.act("1", "redated", day=late, why="x").history[1]["day"] == late
    vault.act(number, "noted", day=START.date() + timedelta(4), why="x")
    refuses(vault, because("custody.redated-after", part=number), "redated", day=late + timedelta(2), why="x")


def test_what_was_signed_is_not_redated(vault):
    vault.act("1", "offered", to="ben", statement="s", signature="s")
    refuses(vault, because("custody.signed-moment"), "redated", day=START.date(), why="x")
    vault.seize("2")
    before = (START - timedelta(400)).date()
    one = vault.act("2", "redated", day=before, why="seized last year")
    assert (one.day, one.first["day"]) == (before, before)


def test_a_moment_stays_after_the_act_before(vault):
    vault.act("1", "noted", why="x")
    refuses(vault, because("custody.redated-before"), "redated", day=date(2026, 9, 30), why="x")


def test_who_enters_another_s_signature_is_flagged(vault):
    vault.act("1", "offered", to="ben", statement="s", signature="s")
    one = vault.act("1", "received", "anna", to="ben", statement="s", signature="t")
    assert one.last["doubts"] == ["entered-for-receiver"]
    vault.act("1", "offered", "ben", to="anna", statement="s", signature="s")
    assert vault.act("1", "received", "anna", to="anna", statement="s", signature="t").last["doubts"] == []


def test_every_word_of_an_act_has_a_french_one():
    acts = {*rules.NEEDED, *rules.RULES, "split", "held", "exhausted", "returned", "destroyed", "used"}
    needed = {name for names in rules.NEEDED.values() for name in names}
    assert acts | needed <= {key.removeprefix("word.") for key in texts("word")} | {"why"}


MASS = st.floats(0, 12).map(lambda grams: round(grams, 3))
LITTLE = st.floats(0, 4).map(lambda grams: round(grams, 3))
ERROR = st.sampled_from([0.001, 0.01, 0.1])
WHO = st.sampled_from(["anna", "ben"])
WHY = st.none() | st.just("a reason")
NUMBER = st.integers(0, 5)


class Acts(RuleBasedStateMachine):
    """Acts in any order, by anybody, on any exhibit, most of them refused."""

    def __init__(self):
        super().__init__()
        self.vault, self.seals = Vault(), 0

    @initialize()
    def begin(self):
        self.vault.seize(seal=self.seal(), **WEIGHED)

    def seal(self):
        self.seals += 1
        return f"A{self.seals}"

    def attempt(self, number, do):
        """Do it or be refused; what is refused leaves everything as it was."""
        names = sorted(self.vault.found)
        one = self.vault.found[names[number % len(names)]]
        before = dict(self.vault.found), list(self.vault.rows)
        try:
            do(one.number)
        except Refusal:
            assert (self.vault.found, self.vault.rows) == before

    @rule(number=NUMBER, mass=MASS, error=ERROR, by=WHO, why=WHY)
    def weigh(self, number, mass, error, by, why):
        self.attempt(number, lambda n: self.vault.act(n, "weighed", by, mass=mass, mass_error=error, why=why))

    @rule(number=NUMBER, mass=LITTLE, error=ERROR, why=WHY)
    def consume(self, number, mass, error, why):
        given = {"mass": mass, "mass_error": error, "why": why, "seal": self.seal()}
        self.attempt(number, lambda n: self.vault.act(n, "consumed", **given))

    @rule(number=NUMBER, parts=st.lists(st.tuples(LITTLE, ERROR), max_size=2), rest=st.none() | MASS, why=WHY)
    def split(self, number, parts, rest, why):
        given = {} if rest is None else {"mass": rest, "mass_error": 0.01 if rest else 0.0}
        given |= {"seal": self.seal(), "why": why}
        self.attempt(number, lambda n: self.vault.split(n, parts, **given))

    @rule(number=NUMBER, act=st.sampled_from(["sealed", "resealed"]))
    def reseal(self, number, act):
        def do(n):
            self.vault.act(n, act, seal=self.seal(), old_seal=self.vault.one(n).seal, why="x")

        self.attempt(number, do)

    @rule(number=NUMBER, by=WHO, to=WHO)
    def offer(self, number, by, to):
        signed = {"to": to, "statement": "s", "signature": "s"}
        self.attempt(number, lambda n: self.vault.act(n, "offered", by, **signed))

    @rule(number=NUMBER, act=st.sampled_from(["received", "withdrawn"]), to=WHO)
    def answer(self, number, act, to):
        signed = {"to": to, "statement": "s", "signature": "s", "why": "x"}
        self.attempt(number, lambda n: self.vault.act(n, act, to, **signed))

    @rule(number=NUMBER, act=st.sampled_from(["applied", "required", "released", "forfeited"]))
    def court(self, number, act):
        said = {"to": "x", "document": "x", "law": "CDSA s. 28"}
        self.attempt(number, lambda n: self.vault.act(n, act, **said))

    @rule(
        number=NUMBER, act=st.sampled_from(["destroyed", "returned", "used"]), mass=st.none() | MASS, by=WHO
    )
    def end(self, number, act, mass, by):
        law = {"destroyed": "CDSA s. 26", "returned": "CDSA s. 27(a)", "used": "CDSA s. 29(2)"}[act]
        said = {"law": law, "witness": "w", "place": "p", "why": None, "to": "x", "document": "x"}
        said |= {} if mass is None else {"mass": mass, "mass_error": 0.01}
        self.attempt(number, lambda n: self.vault.act(n, act, by, **(said | {"why": "burnt"})))

    @rule(number=NUMBER, by=WHO, days=st.integers(-3, 3))
    def redate(self, number, by, days):
        day = START.date() + timedelta(days)
        self.attempt(number, lambda n: self.vault.act(n, "redated", by, day=day, why="x"))

    @rule(number=NUMBER)
    def paper(self, number):
        self.attempt(number, lambda n: self.vault.act(n, "submitted", analyst="x"))
        said = {"document": "x", "analyst": "x", "why": "x"}
        self.attempt(number, lambda n: self.vault.act(n, "certified", "ben", **said))

    @invariant()
    def no_gram_is_lost(self):
        for one in self.vault.found.values():
            made = balance(self.vault.found, one)
            assert abs(made.residual) < 1e-6
            if made.entered is not None:
                left = made.entered + made.difference - made.accounted
                assert left.error < 1e-6  # both sides rest on the same measurements
            assert one.mass is None or one.mass.sigmas >= -COVERAGE

    @invariant()
    def the_history_read_again_gives_the_same(self):
        assert exhibits.Exhibit.fold(self.vault.rows) == self.vault.found

    @invariant()
    def nothing_is_in_two_places(self):
        seals = [one.seal for one in self.vault.found.values() if one.seal]
        assert len(seals) == len(set(seals))
        for one in self.vault.found.values():
            assert [row["edition"] for row in one.history] == list(range(1, one.edition + 1))
            assert one.marking == MARKED
            assert one.state == "held" or one.offer is None


TestActs = Acts.TestCase
TestActs.settings = settings(max_examples=draws(400, quick=25), stateful_step_count=25, deadline=None)


def test_the_day_is_that_of_the_place(vault):
    assert vault.one("1").day == date(2026, 10, 1)
