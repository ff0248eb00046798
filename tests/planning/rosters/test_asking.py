"""Overtime and the order of asking, against their words, one person and day at a time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.rosters.small import RULES, folder
from tests.thorough import draws

from watchfloor.planning.rosters import asking, fairness, own
from watchfloor.planning.rosters.calls import Question
from watchfloor.planning.rosters.check import check

OVERTIME = """
[[shift]]
name = "X"
start = "08:00"
end = "12:00"
kind = "overtime"

[overtime]
hours = 20
window = 7
clause = "27"

[asking]
order = ["volunteer", "overtime", "seniority"]
clause = "28"
"""
STAFF = (
    "name,qualifications,overtime,seniority,volunteer\nAnn,primary,4,2001,\nBob,primary,4,1999,\n"
    "Cy,primary,0,2010,\nDi,,0,1990,yes\n"
)
DEMAND = "date,shift,post,qualification,least\nevery,D,primary,primary,1\nevery,X,primary,primary,0\n"


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    rules = RULES.replace("[[rule]]", OVERTIME + "[[rule]]", 1)
    return own.read(folder(tmp_path_factory.mktemp("f") / "f", rules, STAFF, DEMAND))


def post(found, label):
    return next(at for at in range(1, len(found.problem.posts) + 1) if found.problem.called(at) == label)


def test_hours_beyond_those_of_the_agreement_are_overtime_in_each_window(found):
    grid = np.zeros((4, 14), np.int16)
    day, extra = post(found, "D/primary"), post(found, "X/primary")
    grid[0, :3] = day  # 33 hours in the first week
    grid[0, 7] = day  # 11 in the second
    grid[1, 5] = extra
    minutes = asking.overtime(found, grid)
    assert minutes[0].tolist() == [0, 2 * 60, 11 * 60, *[0] * 11]
    assert minutes[1].tolist() == [0] * 5 + [240] + [0] * 8
    assert [one.overtime for one in fairness.shares(found, grid)] == [17, 8, 0, 0]


@settings(max_examples=draws(150, quick=25), deadline=None)
@given(st.data())
def test_who_was_passed_over_is_who_came_first_could_work_and_was_not_asked(found, data):
    codes = st.sampled_from([0, 0, 0, post(found, "D/primary"), post(found, "X/primary")])
    grid = np.zeros((4, 14), np.int16)
    for person in range(3):
        grid[person, :5] = data.draw(st.lists(codes, min_size=5, max_size=5))
    names = [one.name for one in found.staff]
    dates = [str(found.dates(day, day)[0]) for day in range(5)]
    said = data.draw(st.sets(st.tuples(st.sampled_from(names), st.sampled_from(dates)), max_size=4))
    log = [Question(name, on, "", "", "", agreed=False) for name, on in said]

    expected = {}
    hours = [one.overtime for one in found.staff]
    for day in range(5):
        before = list(hours)
        for person in range(4):
            week = sum(11 for on in range(day) if grid[person, on] == post(found, "D/primary"))
            if grid[person, day] == post(found, "X/primary"):
                hours[person] += 4
            elif grid[person, day]:
                hours[person] += max(min(week + 11 - 20, 11), 0)
        rank = [(not one.volunteer, before[at], one.seniority) for at, one in enumerate(found.staff)]
        for person in range(4):
            if hours[person] == before[person]:
                continue
            for other in range(4):
                if grid[other, day] or rank[other] >= rank[person] or (names[other], dates[day]) in said:
                    continue
                tried = grid.copy()
                tried[other, day] = grid[person, day]
                must = [
                    sum(
                        one.amount
                        for one in check(found.problem, each).breaches
                        if one.cost is None and one.person == names[other]
                    )
                    for each in (grid, tried)
                ]
                if must[1] <= must[0]:
                    expected.setdefault((names[person], day), []).append((rank[other], names[other]))
    told = {
        (one.what.split(",")[0], one.first): (one.amount, one.person)
        for one in asking.passed_over(found, grid, log)
    }
    assert told == {key: (len(over), min(over)[1]) for key, over in expected.items()}
