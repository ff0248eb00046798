from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.planning.rosters import small
from tests.thorough import draws

from watchfloor.cell.acts import Unusable
from watchfloor.planning.rosters import curtois, inrc2, instances
from watchfloor.planning.rosters.check import check
from watchfloor.planning.rosters.problem import (
    OFF,
    Link,
    Person,
    Post,
    Problem,
    Run,
    Shift,
    Succession,
    Total,
    Weekends,
    WholeWeekend,
    Wish,
)

DATA = Path(__file__).parents[4] / "shared" / "data" / "planning" / "rosters"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the public rosters are not beside the project")


def amounts(rule, problem, person, row):
    """How much one row breaches one rule, by the words of the rule, a day at a time."""
    past, days = list(person.past), problem.days
    whole = past + row
    if isinstance(rule, Wish):
        does = row[rule.day] in rule.shifts if rule.shifts else row[rule.day] != OFF
        return int(does != rule.wanted)
    if isinstance(rule, Succession):
        pairs = list(pairwise(whole))[max(len(past) - 1, 0) :]
        return sum(a == rule.first and b in rule.following for a, b in pairs)
    ends = [
        [
            day
            for day in range(days)
            if (problem.weekday + day) // 7 == week and (problem.weekday + day) % 7 > 4
        ]
        for week in range(3)
    ]
    if isinstance(rule, Weekends):
        worked = sum(any(row[day] for day in each) for each in ends) + person.before.get(rule.clause, 0)
        return max(worked - rule.most, 0)
    if isinstance(rule, WholeWeekend):
        return sum(len(each) == 2 and bool(row[each[0]]) != bool(row[each[1]]) for each in ends)
    if isinstance(rule, Total):
        counts = [1 if s != OFF and (not rule.shifts or s in rule.shifts) else 0 for s in whole]
        if rule.window > len(whole):  # too many in some of its days are too many in all
            return max(sum(counts) - rule.most, 0) if rule.most is not None else 0
        if rule.window:
            sums = [
                sum(counts[end - rule.window : end])
                for end in range(max(rule.window, len(past) + 1), len(whole) + 1)
            ]
        else:
            sums = [sum(counts[len(past) :]) + person.before.get(rule.clause, 0)]
        low, high = rule.least or 0, rule.most if rule.most is not None else 99
        return sum(max(low - each, 0) + max(each - high, 0) for each in sums)
    assert isinstance(rule, Run)
    inside = [s in rule.shifts if rule.shifts else s != OFF for s in whole]
    total, at = 0, 0
    for value, group in groupby(inside):
        length = len(list(group))
        end = at + length
        if value and end >= len(past) and not (end == len(past) == len(whole)):
            before = max(len(past) - at, 0)
            if end > len(past) and rule.most is not None:
                total += max(length - rule.most, 0) - max(before - rule.most, 0)
            if rule.least is not None and end < len(whole) and (past or at > 0):
                total += max(rule.least - length, 0)
        at = end
    return total


@settings(max_examples=draws(400, quick=60), deadline=None)
@given(st.data())
def test_each_rule_is_breached_as_its_words_say(data):
    problem = small.problem(data.draw, st.integers, st.sampled_from)
    grid = np.array(
        [[data.draw(st.sampled_from([0, *sorted(each.posts)])) for _ in range(5)] for each in problem.people],
        np.int16,
    )
    verdict = check(problem, grid)
    expected = {}
    for person, row in zip(problem.people, grid.tolist(), strict=True):
        for rule in person.rules:
            if amount := amounts(rule, problem, person, row):
                key = person.name, rule.clause, rule.price is None
                expected[key] = expected.get(key, 0) + amount
        for clause, wrong in (
            ("skill", sum((day, post) in person.barred for day, post in enumerate(row))),
            (
                "days of the shift",
                sum(
                    post and day not in (problem.shifts[post - 1].days or range(5))
                    for day, post in enumerate(row)
                ),
            ),
        ):
            if wrong:
                expected[person.name, clause, True] = wrong
    found = {}
    for one in verdict.breaches:
        if one.person:
            key = one.person, one.clause, one.cost is None
            found[key] = found.get(key, 0) + one.amount
            assert 0 <= one.first <= one.last < problem.days
    assert found == expected
    short = 0
    for one in problem.demand:
        there = sum(int((grid[:, day] == post.shift).sum()) for day, post in one.cells())
        short += 5 * max(one.least - there, 0)
        short += 2 * max(there - one.most, 0) if one.most is not None else 0
    assert verdict.parts.get("cover", 0) == short
    assert verdict.cost == sum(verdict.parts.values())


@pytest.mark.parametrize(
    ("least", "most", "row", "days"),
    [
        (1, None, [[1, 1, 2, 0], [1, 2, 2, 1], [0, 1, 0, 0]], []),
        (1, None, [[1, 1, 2, 1], [1, 2, 1, 0], [2, 2, 0, 2]], [1, 2, 3]),
        (2, None, [[1, 1, 0, 0], [1, 1, 0, 0], [1, 0, 0, 0]], [1]),
        (None, 0, [[1, 1, 2, 0], [0, 2, 2, 0], [0, 1, 0, 1]], [1, 2]),
    ],
)
def test_who_works_beside_whom(least, most, row, days):
    people = tuple(Person(name, frozenset({1, 2}), ()) for name in ("Ann", "Bob", "Cy"))
    link = Link("8.2 coach", 4, 0, frozenset({1, 2}), frozenset(), least, most)
    made = (Shift("E", 480), Shift("N", 600))
    problem = Problem("links", 4, made, (Post(1), Post(2)), people, (), links=(link,))
    verdict = check(problem, np.array(row, np.int16))
    assert [(one.person, one.first, one.clause, one.cost) for one in verdict.breaches] == [
        ("Ann", day, "8.2 coach", 4) for day in days
    ]
    assert verdict.parts == {"8.2 coach": 4 * len(days)}


def test_who_is_not_qualified_is_told(tmp_path):
    (tmp_path / "small.txt").write_text(small.INSTANCE, "utf-8")
    problem = curtois.read(tmp_path / "small.txt")
    (tmp_path / "r.txt").write_text("Ann\tE\tE\nBob\tN\n", "utf-8")
    verdict = check(problem, curtois.read_roster(problem, tmp_path / "r.txt"))
    assert [one.person for one in verdict.breaches if one.clause == "skill"] == ["Bob"]
    assert not verdict.feasible


@real
@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (
            "n005w4/Solution_H_0-WD_1-2-3-3",
            {
                "Total assignment constraints": 320,
                "Consecutive constraints": 465,
                "Non working days constraints": 330,
                "Preferences": 70,
                "Max working weekend": 210,
                "Complete weekends": 60,
                "Optimal coverage constraints": 240,
            },
        )
    ],
)
def test_an_official_solution_costs_what_its_validator_printed_in_every_part(name, parts):
    """Figures of `validator.txt` beside it, by the organisers of INRC-II."""
    problem = inrc2.read(DATA / "inrc2" / name)
    verdict = check(problem, inrc2.read_roster(problem, DATA / "inrc2" / name))
    assert verdict.feasible
    assert (verdict.cost, verdict.parts) == (1695, parts)


@real
@pytest.mark.parametrize("scenario", ["n005w4", "n012w8", "n021w4"])
def test_every_official_solution_keeps_the_rules(scenario):
    found = sorted((DATA / "inrc2" / scenario).glob("Solution*"))
    assert found
    for path in found:
        problem = inrc2.read(path)
        assert check(problem, inrc2.read_roster(problem, path)).feasible


@pytest.mark.parametrize("suffix", [".txt", ".xml"])
def test_a_roster_is_read_back_as_it_was_written(tmp_path, suffix):
    (tmp_path / "small.txt").write_text(small.INSTANCE, "utf-8")
    problem = curtois.read(tmp_path / "small.txt")
    grid = np.array([[1, 0, 2, 0, 1, 1, 0], [0, 1, 0, 1, 1, 0, 1]], np.int16)
    name, data = next(iter(curtois.files(problem, grid, tmp_path, tmp_path / f"r{suffix}", 7).items()))
    (tmp_path / name).write_bytes(data)
    assert (curtois.read_roster(problem, tmp_path / name) == grid).all()


BAD = {
    "rosters.no-section": ("SECTION_COVER", "SECTION_CLOVER"),
    "rosters.no-number": ("480", "48O"),
    "rosters.no-name": ("0,E,1,100,1", "0,X,1,100,1"),
    "rosters.outside": ("Ann,6", "Ann,7"),
    "rosters.bad-line": ("Ann,0,N,3", "Ann,0,N,3,1"),
    "rosters.twice": ("Bob,E=7", "Ann,E=7"),
}


@pytest.mark.parametrize("message", BAD)
def test_a_broken_instance_is_refused_with_what_is_wrong(tmp_path, message):
    old, new = BAD[message]
    path = tmp_path / "small.txt"
    path.write_text(small.INSTANCE.replace(old, new), "utf-8")
    with pytest.raises(Unusable) as refused:
        instances.read(path)
    assert refused.value.reason.message == message


BAD_ROSTERS = {
    "rosters.no-name": "Ann\tX\n",
    "rosters.outside": "Ann" + "\tE" * 8 + "\n",
}


@pytest.mark.parametrize("message", BAD_ROSTERS)
def test_a_roster_of_another_instance_is_refused(tmp_path, message):
    (tmp_path / "small.txt").write_text(small.INSTANCE, "utf-8")
    (tmp_path / "r.txt").write_text(BAD_ROSTERS[message], "utf-8")
    found = instances.read(tmp_path / "small.txt")
    with pytest.raises(Unusable) as refused:
        instances.read_roster(found, tmp_path / "r.txt")
    assert refused.value.reason.message == message


@pytest.mark.parametrize(
    ("name", "message"),
    [("note.pdf", "no-format"), ("small.txt", "unreadable"), ("absent.txt", "unreadable")],
)
def test_what_is_no_instance_is_refused(tmp_path, name, message):
    (tmp_path / "note.pdf").write_bytes(b"%PDF")
    (tmp_path / "small.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(Unusable) as refused:
        instances.read(tmp_path / name)
    assert refused.value.reason.message == f"rosters.{message}"


@pytest.mark.parametrize("name", ["r.txt", "r.xml"])
def test_a_roster_that_leaves_somebody_out_is_refused(tmp_path, name):
    (tmp_path / "small.txt").write_text(small.INSTANCE, "utf-8")
    text = '<Roster><Employee ID="Ann"/></Roster>' if name.endswith("xml") else "Ann\tE\n"
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(Unusable) as refused:
        curtois.read_roster(curtois.read(tmp_path / "small.txt"), tmp_path / name)
    assert refused.value.reason.message == "rosters.unnamed"
