import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from tests.casework.world import KEY, UNITS, Log, at, order
from tests.refusals import because
from tests.thorough import draws

from watchfloor.casework.tasking import tasks
from watchfloor.casework.tasking.tasks import AFTER, Change
from watchfloor.cell.acts import Refusal, render
from watchfloor.core.messages import Reason


def issued(log, **changes):
    row = log.add(tasks.issue(UNITS, order(**changes), "anna", at(0), KEY))
    return tasks.Task.fold(log.rows)[row["task"]]


def _after(log, row):
    log.add(row)
    return tasks.Task.fold(log.rows)[row["task"]]


def test_a_life_from_issue_to_hit_to_done():
    log = Log()
    one = issued(log)
    one = _after(log, tasks.accept(one, 1, "ben", at(1)))
    one = _after(log, tasks.hit(one, 2, "ben", at(2), "at the line"))
    one = _after(log, tasks.hit(one, 3, "ben", at(3), "again"))
    one = _after(log, tasks.finish(one, 4, "ben", at(4)))
    assert (one.state, one.edition) == ("done", 5)
    assert [row["state"] for row in one.history] == ["issued", "accepted", "hit", "hit", "done"]
    assert {row["marking"] for row in one.history} == {"PB//TLP:AMBER"}


def test_the_second_of_two_who_act_at_once_is_told_who_did_what():
    log = Log()
    seen = issued(log)
    _after(log, tasks.decline(seen, 1, "ben", at(1), "no vessel"))
    present = tasks.Task.fold(log.rows)[seen.id]
    with pytest.raises(
        Refusal,
        check=because(
            "cell.task-stale",
            edition=2,
            by="ben",
            at="2026-11-24 03:01Z",
            made_on=1,
            state_words="refused",
            why=" (no vessel)",
        ),
    ) as no:
        tasks.accept(present, 1, "carla", at(2))
    assert "refusée (no vessel)" in render(no.value.reason, "fr")


def test_what_may_not_follow_is_refused_with_what_may():
    log = Log()
    one = issued(log)
    with pytest.raises(
        Refusal,
        check=because(
            "cell.task-illegal",
            by="anna",
            at="2026-11-24 03:00Z",
            state_words="issued",
            wanted_words="done",
            may_words="accepted, refused, amended, hit",
        ),
    ):
        tasks.finish(one, 1, "ben", at(1))
    one = _after(log, tasks.accept(one, 1, "ben", at(1)))
    one = _after(log, tasks.finish(one, 2, "ben", at(2)))
    with pytest.raises(Refusal, check=because("cell.task-illegal", may_words="nothing")):
        tasks.amend(UNITS, one, 3, Change("other"), "anna", at(3), "why")


def test_a_deadline_expires_by_the_clock_that_is_handed_in():
    one = issued(Log(), deadline=at(10))
    assert one.standing(at(9)) == "issued"
    assert one.standing(at(10)) == "expired"
    with pytest.raises(Refusal, check=because("cell.task-illegal", state_words="expired")):
        tasks.accept(one, 1, "ben", at(10))
    assert tasks.hit(one, 1, "ben", at(11), "at 03:09, typed late")["state"] == "hit"
    row = tasks.amend(UNITS, one, 1, Change(deadline=at(99)), "anna", at(12), "the boat is late")
    assert (row["state"], row["edition"]) == ("amended", 2)


def test_a_refusal_a_hit_and_an_amendment_say_why():
    one = issued(Log())
    for act in (tasks.decline, tasks.hit):
        with pytest.raises(Refusal, check=because("cell.empty-text", what_words="why")):
            act(one, 1, "ben", at(1), "  ")
    with pytest.raises(Refusal, check=because("cell.empty-text", what_words="why")):
        tasks.amend(UNITS, one, 1, Change("x"), "anna", at(1), None)


def test_an_amendment_is_checked_as_an_issue_and_takes_no_danger_away():
    one = issued(Log(), flags=("officer-safety",))
    with pytest.raises(Refusal, check=because("cell.not-covered")):
        tasks.amend(UNITS, one, 1, Change(authority="Criminal Code s. 487"), "anna", at(1), "w")
    with pytest.raises(Refusal, check=because("cell.task-past")):
        tasks.amend(UNITS, one, 1, Change(deadline=at(1)), "anna", at(1), "w")
    with pytest.raises(Refusal, check=because("cell.task-nothing")):
        tasks.amend(UNITS, one, 1, Change(flags=("officer-safety",)), "anna", at(1), "w")
    row = tasks.amend(UNITS, one, 1, Change(flags=("fentanyl-hazard",)), "anna", at(1), "w")
    assert row["flags"] == ["officer-safety", "fentanyl-hazard"]


def test_only_a_lookout_or_a_target_is_hit():
    with pytest.raises(Refusal, check=because("cell.task-no-hit")):
        tasks.hit(issued(Log(), form="task"), 1, "ben", at(1), "x")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"authority": "none stated"}, "cell.not-covered"),
        ({"subjects": ()}, "cell.task-no-subject"),
        ({"instruction": " "}, "cell.empty-text"),
        ({"deadline": at(0)}, "cell.task-past"),
    ],
)
def test_an_issue_that_lacks_something_is_refused(changes, says):
    with pytest.raises(Refusal, check=because(says)):
        tasks.issue(UNITS, order(**changes), "anna", at(0), KEY)


def test_a_unit_is_given_nothing_that_it_may_not_see():
    above = Reason("cell.release-level", {"level": "S//TLP:AMBER", "clearance": "PB//TLP:RED"})
    with pytest.raises(Refusal, check=because("cell.task-uncleared", why=str(above))):
        tasks.issue(UNITS, order(marking="S//TLP:AMBER"), "anna", at(0), KEY)
    limited = order(marking="PB//PURPOSE:border security")
    other = Reason("cell.release-purpose", {"purposes": "border security", "purpose": "statistics"})
    with pytest.raises(Refusal, check=because("cell.task-uncleared", why=str(other))):
        tasks.issue(UNITS, limited, "anna", at(0), KEY, purpose="statistics")
    assert tasks.issue(UNITS, limited, "anna", at(0), KEY, purpose="border security")["edition"] == 1


def test_a_task_is_still_read_where_an_earlier_act_was_erased():
    log = Log()
    one = _after(log, tasks.accept(issued(log), 1, "ben", at(1)))
    (left,) = tasks.Task.fold(log.rows[1:]).values()
    assert (left.state, left.edition, left.order) == (one.state, 2, one.order)


def test_life_at_risk_goes_first_then_the_deadline():
    log = Log()
    late = issued(log, deadline=at(500))
    soon = issued(log, deadline=at(50), subjects=("person:feed:2",))
    life = issued(log, deadline=None, flags=("life-at-risk",), subjects=("person:feed:3",))
    assert sorted([late, soon, life], key=tasks.urgent) == [life, soon, late]


OFFICERS = st.sampled_from(["anna", "ben", "carla"])


class Floor(RuleBasedStateMachine):
    """Officers act on tasks as they last saw them; a model of two lines says what must come of it."""

    seen = Bundle("seen")

    @initialize()
    def begin(self):
        self.log, self.minute, self.model = Log(), 0, {}

    def present(self):
        return tasks.Task.fold(self.log.rows)

    def tick(self):
        self.minute += 1
        return at(self.minute)

    @rule(target=seen, by=OFFICERS, form=st.sampled_from(["task", "lookout"]), wait=st.integers(2, 30))
    def issue(self, by, form, wait):
        now = self.tick()
        deadline = at(self.minute + wait)
        row = self.log.add(tasks.issue(UNITS, order(form=form, deadline=deadline), by, now, KEY))
        self.model[row["task"]] = ("issued", 1)
        return row["task"], 1

    @rule(target=seen, one=consumes(seen))
    def look_again(self, one):
        task = self.present()[one[0]]
        return task.id, task.edition

    @rule(
        target=seen,
        one=consumes(seen),
        by=OFFICERS,
        wanted=st.sampled_from(["accepted", "refused", "done", "hit", "amended"]),
        late=st.integers(0, 20),
    )
    def act(self, one, by, wanted, late):
        id_, edition = one
        self.minute += late
        now = self.tick()
        task = self.present()[id_]
        state, last = self.model[id_]
        standing = "expired" if task.order.deadline <= now and state not in ("refused", "done") else state
        lawful = (
            edition == last
            and wanted in AFTER[standing]
            and not (wanted == "hit" and task.order.form == "task")
        )
        make = {
            "accepted": lambda: tasks.accept(task, edition, by, now),
            "refused": lambda: tasks.decline(task, edition, by, now, "because"),
            "done": lambda: tasks.finish(task, edition, by, now),
            "hit": lambda: tasks.hit(task, edition, by, now, "met"),
            "amended": lambda: tasks.amend(
                UNITS, task, edition, Change(f"other {self.minute}", at(self.minute + 9)), by, now, "late"
            ),
        }[wanted]
        if lawful:
            self.log.add(make())
            self.model[id_] = (wanted, last + 1)
        else:
            with pytest.raises(Refusal):
                make()
        return id_, edition

    @rule(at_=st.integers(0, 60))
    def as_of_a_position_is_the_state_of_a_prefix(self, at_):
        prefix = [row for row in self.log.rows if row["position"] <= at_]
        whole = {}
        for row in prefix:  # an oracle: the last row of each
            whole[row["task"]] = (row["state"], row["edition"])
        assert {i: (t.state, t.edition) for i, t in tasks.Task.fold(prefix).items()} == whole

    @invariant()
    def the_history_says_what_the_model_says(self):
        found = self.present()
        assert {i: (t.state, t.edition) for i, t in found.items()} == self.model
        for task in found.values():
            assert [row["edition"] for row in task.history] == list(range(1, task.edition + 1))
            for earlier, later in zip(task.history, task.history[1:], strict=False):
                reached = AFTER[earlier["state"]] + AFTER["expired"] * bool(earlier["deadline"])
                assert later["state"] in reached


TestFloor = Floor.TestCase
TestFloor.settings = settings(max_examples=draws(40), stateful_step_count=25, deadline=None)
