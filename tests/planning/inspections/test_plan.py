"""A plan keeps to the budget, to what the means can do, and to the law on opening mail."""

from collections import Counter
from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.planning.inspections.stream import declared, rows

from watchfloor.casework.referrals import powers
from watchfloor.planning.inspections import messages
from watchfloor.planning.inspections.candidates import Candidates
from watchfloor.planning.inspections.choose import Settings
from watchfloor.planning.inspections.evidence import Evidence
from watchfloor.planning.inspections.items import items
from watchfloor.planning.inspections.means import LEARNING, Means, Table
from watchfloor.planning.inspections.plan import First, may_open, plan

DAY = date(2026, 11, 20)


def candidates(count: int, seed: int = 0, evident: bool = True, **more: object) -> Candidates:
    found = items(rows("declaration", declared(count, **more)))
    bits = np.random.default_rng(seed).normal(-6, 2, count)
    known = Evidence(-12.0, bits, np.ones(count), {})
    said = np.full(count, evident)
    return Candidates(found, -12.0, bits, np.ones(count), said, known, found.first, np.ones((count, 2)), None)


def told(made: object) -> set[str]:
    return {note.message for note in made.notes}  # type: ignore[attr-defined]


@given(
    budget=st.integers(0, 50),
    rooms=st.dictionaries(
        st.sampled_from(["open", "x-ray", "dog", "weighing"]), st.integers(0, 20), min_size=1
    ),
    seed=st.integers(0, 2**32),
    evident=st.booleans(),
)
def test_nothing_does_more_than_it_can_and_mail_stays_closed(
    budget: int, rooms: dict[str, int], seed: int, evident: bool
) -> None:
    found = candidates(40, seed, evident)
    opens = np.random.default_rng(seed).random(40) < 0.4
    table = Table({name: Means(capacity=room) for name, room in rooms.items()})
    made = plan(found, Settings(budget, 0.2, 0.2, seed=seed), table, DAY, opens=opens)
    used = Counter(made.means)
    assert all(used[name] <= room for name, room in rooms.items())
    assert len(made.picks.rows) == len(made.means) <= budget
    for row, word, means in zip(made.picks.rows.tolist(), made.picks.chosen_by, made.means, strict=True):
        assert means in rooms
        assert means != "open" or (opens[row] and word not in ("random", "uncertainty"))
        assert word not in ("random", "uncertainty") or means in LEARNING
    assert messages.UNMET.id not in told(made)


def test_the_means_bound_the_budget_and_it_is_said() -> None:
    table = Table({"x-ray": Means(capacity=6), "dog": Means(capacity=3, days=("mon",))})
    made = plan(candidates(40), Settings(20), table, DAY, opens=np.zeros(40, np.bool_), used={"x-ray": 2})
    assert len(made.picks.rows) == 4
    assert messages.CAPACITY.id in told(made)
    assert made.settings.budget == 4


def test_a_means_that_does_not_reach_a_mode_leaves_it_unmet_and_it_is_said() -> None:
    table = Table({"x-ray": Means(capacity=5, modes=("rail",))})
    made = plan(candidates(10), Settings(3), table, DAY, opens=np.ones(10, np.bool_))
    assert not len(made.picks.rows)
    assert messages.UNMET.id in told(made)


def test_a_budget_of_nothing_and_one_above_the_stream_say_so() -> None:
    nothing = plan(candidates(5), Settings(0), Table(), DAY, opens=np.ones(5, np.bool_))
    assert not len(nothing.picks.rows)
    assert told(nothing) == {messages.NO_BUDGET.id, messages.NO_MEANS.id}
    every = plan(candidates(5), Settings(9), Table(), DAY, opens=np.ones(5, np.bool_))
    assert len(every.picks.rows) == 5
    assert messages.ALL.id in told(every)
    assert np.all(every.picks.propensity == 1)


def test_those_named_first_lead_and_those_without_room_are_told() -> None:
    first = First(np.array([7, 3, 5]), ["lookout", "lead", "lead"], {}, {})
    made = plan(candidates(10), Settings(2, 0, 0.5), Table(), DAY, opens=np.ones(10, np.bool_), first=first)
    assert made.picks.rows.tolist()[0] == 7
    assert made.picks.chosen_by == ["lookout", "random"]
    assert messages.LEFT.id in told(made)


def test_mail_is_opened_on_recorded_grounds_alone() -> None:
    some = [
        {"subject": "parcel:s10:RB982860873CN", "direction": "inbound"},
        {"subject": "parcel:s10:LX167692836CN", "direction": "outbound", "mode": "post"},
        {"subject": "parcel:hawb:1", "direction": "inbound", "mode": "courier"},
        {"subject": "parcel:hawb:2", "direction": "outbound", "mode": "air-cargo"},
        {"subject": "parcel:hawb:3", "direction": "domestic", "mode": "courier"},
        {"subject": "parcel:hawb:4"},
        {"subject": "parcel:s10:CP231827707CA", "direction": "outbound", "mode": "air-cargo"},
    ]
    found = items(rows("declaration", [{"goods": "tea"} | one for one in some]))
    assert may_open(found, DAY, powers.load(), frozenset()).tolist() == [
        False,
        False,
        True,
        True,
        False,
        False,
        False,
    ]
    grounds = frozenset({"parcel:s10:LX167692836CN"})
    assert may_open(found, DAY, powers.load(), grounds).tolist() == [False, True, True, True, *[False] * 3]
