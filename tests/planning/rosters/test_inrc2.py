"""Costs of the Second International Nurse Rostering Competition, counted again from its rules alone.

Nothing here reads a `Problem`: files are read, and each constraint is counted nurse by nurse and day by day,
as S. Ceschia et al., The Second International Nurse Rostering Competition (2015), has them.
"""

import re
from collections import Counter
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from watchfloor.planning.rosters import inrc2
from watchfloor.planning.rosters.check import check

DATA = Path(__file__).parents[4] / "shared" / "data" / "planning" / "rosters" / "inrc2"
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
SOLUTIONS = sorted(DATA.glob("*/Solution_*"))
pytestmark = pytest.mark.skipif(not SOLUTIONS, reason="the public rosters are not beside the project")


def section(path, word):
    """Return the lines after the one that begins with a word, up to an empty line."""
    lines = path.read_text("utf-8").splitlines()
    begin = next(at for at, line in enumerate(lines) if line.startswith(word)) + 1
    found = []
    for line in lines[begin:]:
        if not line.strip():
            break
        found.append(line.split())
    return found


def pair(text):
    low, high = re.findall(r"\d+", text)
    return int(low), int(high)


def excess(run, before, most):
    """Days of a run beyond the most, those before the period left out."""
    return max(run - most, 0) - max(before - most, 0)


def count(folder, history, weeks, work):
    """Count the cost of each constraint and the breaches of each that must be kept.

    `work` gives the shift and skill of a nurse and a day, where there is one.
    """
    (scenario,) = folder.glob("Sc-*.txt")
    name = scenario.stem[3:]
    shift_runs = {shift: pair(text) for shift, text in section(scenario, "SHIFT_TYPES")}
    after = {line[0]: line[2:] for line in section(scenario, "FORBIDDEN_SHIFT_TYPES_SUCCESSIONS")}
    contracts = {line[0]: line[1:] for line in section(scenario, "CONTRACTS")}
    nurses = {line[0]: (line[1], line[3:]) for line in section(scenario, "NURSES =")}
    past = {line[0]: line[1:] for line in section(folder / f"H0-{name}-{history}.txt", "NURSE_HISTORY")}
    cost, hard = Counter(), Counter()
    for week, number in enumerate(weeks):
        data = folder / f"WD-{name}-{number}.txt"
        for shift, skill, *needs in section(data, "REQUIREMENTS"):
            for day, text in enumerate(needs):
                least, wanted = pair(text)
                there = sum(work.get((nurse, 7 * week + day)) == (shift, skill) for nurse in nurses)
                hard["Minimal coverage constraints"] += max(least - there, 0)
                cost["Optimal coverage constraints"] += 30 * max(wanted - there, 0)
        for nurse, shift, day in section(data, "SHIFT_OFF_REQUESTS"):
            does = work.get((nurse, 7 * week + DAYS.index(day)), ("", ""))[0]
            cost["Preferences"] += 10 * (does != "" if shift == "Any" else does == shift)
    days = 7 * len(weeks)
    for nurse, (contract, skills) in nurses.items():
        total, working, resting, weekends, whole = contracts[contract]
        row = [work.get((nurse, day), ("", ""))[0] for day in range(days)]
        hard["skill"] += sum(work[nurse, day][1] not in skills for day in range(days) if row[day])
        assigned, weekends_before, last, *runs = past[nurse]
        same, in_work, off = map(int, runs)
        last = "" if last == "None" else last
        for shift, follows in zip([last, *row], row, strict=False):
            hard["succession"] += bool(shift) and follows in after[shift]
        count_all = int(assigned) + sum(map(bool, row))
        least, most = pair(total)
        cost["Total assignment constraints"] += 20 * (max(least - count_all, 0) + max(count_all - most, 0))
        worked = sum(bool(row[at] or row[at + 1]) for at in range(5, days, 7))
        cost["Max working weekend"] += 30 * max(int(weekends_before) + worked - int(weekends), 0)
        if int(whole):
            cost["Complete weekends"] += 30 * sum(
                bool(row[at]) != bool(row[at + 1]) for at in range(5, days, 7)
            )
        kinds = [
            ("Consecutive constraints", 15, [shift or None for shift in row], last or None, same, shift_runs),
            (
                "Consecutive constraints",
                30,
                ["work" if shift else None for shift in row],
                "work" if in_work else None,
                in_work,
                {"work": pair(working)},
            ),
            (
                "Non working days constraints",
                30,
                [None if shift else "off" for shift in row],
                "off" if off else None,
                off,
                {"off": pair(resting)},
            ),
        ]
        for clause, price, marks, before, length, limits in kinds:
            pieces = [(mark, len(list(run))) for mark, run in groupby(marks)]
            if before is not None and pieces[0][0] != before and length < limits[before][0]:
                cost[clause] += price * (limits[before][0] - length)  # it ended with the history
            for at, (mark, run) in enumerate(pieces):
                if mark is None:
                    continue
                least, most = limits[mark]
                joined = length if at == 0 and mark == before else 0
                cost[clause] += price * excess(run + joined, joined, most)
                if at + 1 < len(pieces):
                    cost[clause] += price * max(least - run - joined, 0)
    return +cost, +hard


def compare(folder, path, grid, history, weeks):
    problem = inrc2.read(path)
    work = {
        (problem.people[who].name, day): (
            problem.shifts[problem.posts[post - 1].shift - 1].name,
            problem.posts[post - 1].skill,
        )
        for who, row in enumerate(grid.tolist())
        for day, post in enumerate(row)
        if post
    }
    cost, hard = count(folder, history, weeks, work)
    verdict = check(problem, grid)
    assert {clause: amount for clause, amount in verdict.parts.items() if amount} == dict(cost)
    must = sum(one.amount for one in verdict.breaches if one.cost is None)
    assert must == sum(hard.values())
    return verdict


@pytest.mark.parametrize("solution", SOLUTIONS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_each_part_of_an_official_solution_costs_what_the_rules_say(solution):
    folder, _, history, weeks = inrc2.parts(solution)
    grid = inrc2.read_roster(inrc2.read(solution), solution)
    verdict = compare(folder, solution, grid, history, weeks)
    assert verdict.feasible
    printed = solution / "validator.txt"
    if printed.is_file():
        lines = re.findall(r"^(.*): (\d+)$", printed.read_text("utf-8"), re.MULTILINE)
        amounts = {clause: int(amount) for clause, amount in lines}
        assert verdict.cost == amounts.pop("Total cost")
        assert verdict.parts == {clause: amount for clause, amount in amounts.items() if amount}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("solution", SOLUTIONS[::3], ids=lambda path: path.parent.name)
def test_each_part_of_any_roster_costs_what_the_rules_say(solution, seed):
    folder, _, history, weeks = inrc2.parts(solution)
    problem = inrc2.read(solution)
    random = np.random.default_rng(seed)
    shape = len(problem.people), problem.days
    grid = random.integers(1, len(problem.posts) + 1, shape) * (random.random(shape) < 0.25 * (seed + 1))
    compare(folder, solution, grid.astype(np.int16), history, weeks)
