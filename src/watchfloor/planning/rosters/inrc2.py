"""Instances of the Second International Nurse Rostering Competition (INRC-II), and their solutions.

An instance is a folder with a scenario (`Sc-*.txt`), a history (`H0-*-N.txt`) and weeks (`WD-*-N.txt`);
which of them is said by the last name of the path, as in `n005w4/Solution_H_0-WD_1-2-3-3` or
`n005w4/n005w4_0_1-2-3-3`. A solution is a folder with a file a week (`Sol-n005w4-1-0.txt`: week data 1 in
week 0). Rules and prices: Ceschia, Dang, De Causmaecker, Haspeslagh and Schaerf, The Second International
Nurse Rostering Competition, 2015. Clauses have the names that its validator prints.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import reason
from watchfloor.planning.rosters.fields import NO_NAME, NO_NUMBER, NO_SECTION, OUTSIDE, Fields
from watchfloor.planning.rosters.problem import (
    OFF,
    UNKNOWN,
    AnyRule,
    Demand,
    Grid,
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

WHICH: Final = re.compile(r".*_(\d+)(?:-WD)?_(\d+(?:-\d+)*)(?:\.txt)?", re.ASCII)
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
COVER: Final = "Optimal coverage constraints"
LEAST_COVER: Final = "Minimal coverage constraints"
RUNS: Final = "Consecutive constraints"
RUNS_OFF: Final = "Non working days constraints"
WISHES: Final = "Preferences"
WEEKENDS: Final = "Complete weekends"
TOTAL: Final = "Total assignment constraints"
TOTAL_WEEKENDS: Final = "Max working weekend"
SUCCESSIONS: Final = "Illegal shift type succession constraints"
HOURS: Final = 480
"""Minutes that a shift counts: the competition names none."""


class _Contract(NamedTuple):
    total: tuple[int, int]
    working: tuple[int, int]
    resting: tuple[int, int]
    weekends: int
    whole: bool


class _Text(Fields):
    """The lines of a file, parted by blocks that begin with a word."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise Unusable(reason(NO_SECTION, file=path.parent.name, name=path.name))
        self.file = path.name
        self.lines = [line.split() for line in path.read_text("utf-8-sig").splitlines()]

    def block(self, word: str, fields: int, *, more: bool = False) -> list[list[str]]:
        """Return the lines after the one that begins with a word, of so many fields, to an empty one."""
        for number, line in enumerate(self.lines):
            if line[:1] == [word]:
                rest = self.lines[number + 1 :]
                return self.check_fields(rest[: rest.index([])] if [] in rest else rest, fields, more=more)
        raise Unusable(reason(NO_SECTION, file=self.file, name=word))

    def bounds(self, text: str) -> tuple[int, int]:
        """Read `(2,5)`."""
        found = re.fullmatch(r"\((\d+),(\d+)\)", text, re.ASCII)
        if not found:
            raise Unusable(reason(NO_NUMBER, file=self.file, value=text))
        return int(found[1]), int(found[2])


def parts(path: Path) -> tuple[Path, str, int, tuple[int, ...]]:
    """Return an instance's folder, its scenario's name, its history and its weeks, from its path."""
    found = WHICH.fullmatch(path.name)
    folder = path.parent
    scenarios = sorted(folder.glob("Sc-*.txt")) if found else []
    if not found or not scenarios:
        raise Unusable(reason(NO_SECTION, file=str(path), name="Sc-*.txt"))
    return folder, scenarios[0].stem.removeprefix("Sc-"), int(found[1]), tuple(map(int, found[2].split("-")))


def read(path: Path) -> Problem:
    """Read an instance: a scenario, a history and weeks. Raises `Unusable` with what is wrong."""
    folder, scenario, history, weeks = parts(path)
    text = _Text(folder / f"Sc-{scenario}.txt")
    skills = [line[0] for line in text.block("SKILLS", 1)]
    types = text.block("SHIFT_TYPES", 2)
    shifts = text.numbered(line[0] for line in types)
    posts = tuple(Post(number, skill) for number in shifts.values() for skill in skills)
    shared: list[AnyRule] = []
    for name, bounds in types:
        least, most = text.bounds(bounds)
        only = frozenset({shifts[name]})
        shared += [Run(RUNS, 15, only, least=least), Run(RUNS, 15, only, most=most)]
    for name, _, *following in text.block("FORBIDDEN_SHIFT_TYPES_SUCCESSIONS", 2, more=True):
        later = frozenset(text.number(shifts, each) for each in following)
        if later:
            shared.append(Succession(SUCCESSIONS, None, text.number(shifts, name), later))
    contracts = {
        name: _Contract(
            text.bounds(total),
            text.bounds(working),
            text.bounds(off),
            text.whole(weekends),
            whole=text.whole(whole) > 0,
        )
        for name, total, working, off, weekends, whole in text.block("CONTRACTS", 6)
    }
    past = {
        line[0]: line[1:] for line in _Text(folder / f"H0-{scenario}-{history}.txt").block("NURSE_HISTORY", 7)
    }
    wishes: dict[str, list[AnyRule]] = {}
    demand: list[Demand] = []
    for week, number in enumerate(weeks):
        data = _Text(folder / f"WD-{scenario}-{number}.txt")
        demand += _demand(data, 7 * week, shifts, skills)
        for name, shift, day in data.block("SHIFT_OFF_REQUESTS", 3):
            if day not in DAYS:
                raise Unusable(reason(NO_NAME, file=data.file, name=day))
            which = frozenset() if shift == "Any" else frozenset({data.number(shifts, shift)})
            wishes.setdefault(name, []).append(Wish(WISHES, 10, 7 * week + DAYS.index(day), which))
    people = []
    nurses = text.block("NURSES", 3, more=True)
    text.numbered(line[0] for line in nurses)
    for name, contract, _, *has in nurses:
        if contract not in contracts or name not in past or not set(has) <= set(skills):
            raise Unusable(reason(NO_NAME, file=text.file, name=name))
        can = frozenset(number for number, post in enumerate(posts, 1) if post.skill in has)
        rules = [*shared, *_of_contract(contracts[contract]), *wishes.pop(name, [])]
        people.append(_with_past(Person(name, can, tuple(rules)), text, past[name], shifts))
    if wishes:
        raise Unusable(reason(NO_NAME, file=folder.name, name=next(iter(wishes))))
    made = tuple(Shift(name, HOURS) for name in shifts)
    return Problem(path.name, 7 * len(weeks), made, posts, tuple(people), tuple(demand))


def _demand(data: _Text, first: int, shifts: dict[str, int], skills: list[str]) -> Iterator[Demand]:
    for shift, skill, *days in data.block("REQUIREMENTS", 9):
        if skill not in skills:
            raise Unusable(reason(NO_NAME, file=data.file, name=skill))
        post = Post(data.number(shifts, shift), skill)
        for day, bounds in enumerate(days):
            least, wanted = data.bounds(bounds)
            if least:
                yield Demand(first + day, post, least, None, None, None, LEAST_COVER)
            if wanted:
                yield Demand(first + day, post, wanted, None, 30, None, COVER)


def _of_contract(contract: _Contract) -> Iterator[AnyRule]:
    (least, most), working, resting, weekends, whole = contract
    yield Total(TOTAL, 20, least=least, most=most)
    for shifts, (shortest, longest), clause in (
        (frozenset(), working, RUNS),
        (frozenset({OFF}), resting, RUNS_OFF),
    ):
        yield Run(clause, 30, shifts, least=shortest)
        yield Run(clause, 30, shifts, most=longest)
    yield Weekends(TOTAL_WEEKENDS, 30, weekends)
    if whole:
        yield WholeWeekend(WEEKENDS, 30)


def _with_past(person: Person, text: _Text, line: list[str], shifts: dict[str, int]) -> Person:
    """Add what a history tells: assignments, weekends, last shift, and how often in a row it, work, off."""
    total, weekends, last, *rows = line
    same, working, off = map(text.whole, rows)
    number = OFF if last == "None" else text.number(shifts, last)
    past = (OFF,) * off if off else (UNKNOWN,) * (working - same) + (number,) * same
    before = {TOTAL: text.whole(total), TOTAL_WEEKENDS: text.whole(weekends)}
    return Person(person.name, person.posts, person.rules, past, before)


def read_roster(problem: Problem, path: Path) -> Grid:
    """Read a folder with a file a week."""
    posts = {post: number for number, post in enumerate(problem.posts, 1)}
    shifts = {shift.name: number for number, shift in enumerate(problem.shifts, 1)}
    people = {person.name: number for number, person in enumerate(problem.people)}
    grid = np.zeros((len(people), problem.days), np.int16)
    files = {week: file for file in path.glob("Sol-*.txt") if (week := _week(file)) >= 0}
    for week in range(problem.days // 7):
        if week not in files:
            raise Unusable(reason(NO_SECTION, file=path.name, name=f"Sol-*-{week}.txt"))
        text = _Text(files[week])
        for name, day, shift, skill in text.block("ASSIGNMENTS", 4):
            post = posts.get(Post(text.number(shifts, shift), skill))
            if day not in DAYS or post is None:
                raise Unusable(reason(NO_NAME, file=text.file, name=f"{day} {shift} {skill}"))
            cell = text.number(people, name), 7 * week + DAYS.index(day)
            if grid[cell]:
                raise Unusable(reason(OUTSIDE, file=text.file, name=f"{name}, two shifts on", value=day))
            grid[cell] = post
    return grid


def _week(file: Path) -> int:
    last = file.stem.rpartition("-")[2]
    return int(last) if last.isascii() and last.isdigit() else -1


def files(problem: Problem, grid: Grid, path: Path, *_: object) -> dict[str, bytes]:
    """Return the file of each week of a roster, by its name."""
    scenario, weeks = parts(path)[1], parts(path)[3]
    written = {}
    for week, number in enumerate(weeks):
        lines = []
        for person, row in zip(problem.people, grid, strict=True):
            for day in range(7):
                if post := int(row[7 * week + day]):
                    shift, skill = (
                        problem.shifts[problem.posts[post - 1].shift - 1],
                        problem.posts[post - 1].skill,
                    )
                    lines.append(f"{person.name} {DAYS[day]} {shift.name} {skill}\n")
        head = f"SOLUTION\n{week} {scenario}\n\nASSIGNMENTS = {len(lines)}\n"
        written[f"Sol-{scenario}-{number}-{week}.txt"] = (head + "".join(lines)).encode()
    return written
