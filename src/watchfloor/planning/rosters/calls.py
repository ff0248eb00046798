"""Calls as people write them, and the log of who was asked and what they answered."""

import csv
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import declare, reason
from watchfloor.planning.rosters import agreements
from watchfloor.planning.rosters.asking import Question
from watchfloor.planning.rosters.own import Own
from watchfloor.planning.rosters.papers import NO_DAY, NO_OFFICER
from watchfloor.planning.rosters.problem import OFF, Demand, Grid, Problem
from watchfloor.planning.rosters.repair import Call, Change, Terms
from watchfloor.planning.rosters.rows import OFFICER, Table

BAD_SICK: Final = declare("rosters.bad-sick", "text")
BAD_NEED: Final = declare("rosters.bad-need", "text", "posts")

ASKED: Final = "asked.csv"
"""Log of who was asked, beside a roster."""
ASKED_COLUMNS: Final = {
    "officer": OFFICER, "date": ("date",), "before": ("before",), "after": ("after",),
    "asked": ("asked",), "answer": ("answer",),
}  # fmt: skip


def days_of(own: Own, text: str) -> range:
    """Read a day or DAY..DAY of the period. Raises `Unusable`."""
    first, dots, last = text.partition("..")
    found = []
    for each in (first, last) if dots else (first, first):
        try:
            found.append((date.fromisoformat(each.strip()) - own.begins).days)
        except ValueError:
            found.append(-1)
    if not 0 <= found[0] <= found[1] < own.problem.days:
        ends = own.begins + timedelta(own.problem.days - 1)
        raise Unusable(reason(NO_DAY, text=text, first=str(own.begins), last=str(ends)))
    return range(found[0], found[1] + 1)


def cells_of(own: Own, texts: Iterable[str]) -> frozenset[tuple[int, int]]:
    """Read people and their days, such as `Roy=2026-12-08`, or `Roy`: every day. Raises `Unusable`."""
    numbers = {one.name: at for at, one in enumerate(own.problem.people)}
    cells: set[tuple[int, int]] = set()
    for text in texts:
        name, equals, days = text.partition("=")
        if name.strip() not in numbers:
            raise Unusable(reason(NO_OFFICER, name=name, pool=own.problem.name))
        span = days_of(own, days) if equals else range(own.problem.days)
        cells |= {(numbers[name.strip()], day) for day in span}
    return frozenset(cells)


def read(own: Own, grid: Grid, sick: Iterable[str], needs: Iterable[str]) -> tuple[Problem, Call]:
    """Read a call, and the problem with the demand that it adds. Raises `Unusable`."""
    sick = list(sick)
    if wrong := next((text for text in sick if "=" not in text), None):
        raise Unusable(reason(BAD_SICK, text=wrong))
    added: list[Demand] = []
    more: dict[int, int] = {}
    for text in needs:
        for one, amount in _needs(own, grid, text):
            more[len(own.problem.demand) + len(added)] = amount
            added.append(one)
    problem = replace(own.problem, demand=(*own.problem.demand, *added))
    return problem, Call(cells_of(own, sick), more)


def first_day(problem: Problem, call: Call) -> int:
    """Return the first day of a call, from 0."""
    days = [day for _, day in call.away] + [problem.demand[number].day for number in call.more]
    return min(days, default=0)


def _needs(own: Own, grid: Grid, text: str) -> list[tuple[Demand, int]]:
    """Read `DAY=SHIFT/POST=N` or `DAY=22-02/POST=N`: so many more than are there, each hour of them."""
    problem = own.problem
    labels = dict.fromkeys(problem.called(number) for number in range(1, len(problem.posts) + 1))
    wrong = Unusable(reason(BAD_NEED, text=text, posts=", ".join([*labels][:8])))
    parts = [one.strip() for one in text.split("=")]
    if len(parts) != 3 or not (parts[2].isascii() and parts[2].isdigit() and 0 < int(parts[2]) < 1_000):
        raise wrong
    when, _, label = parts[1].partition("/")
    places = {one.name: place for place, one in enumerate(own.agreement.shift)}
    found = []
    for day in days_of(own, parts[0]):
        if when in places:
            number = own.shifts.number.get((places[when], day))
            spells = {when: [(day, at) for at, post in enumerate(problem.posts) if post.shift == number]}
        else:
            spells = _covering(own, day, when)
        for name, cells in spells.items():
            mine = [(on, problem.posts[at]) for on, at in cells if problem.posts[at].skill == label]
            if not mine:
                raise wrong
            there = sum(int((grid[:, on] == own.post_numbers[post.shift, label]).sum()) for on, post in mine)
            what = f"{own.begins + timedelta(day)} {name} {label}".rstrip()
            clause = own.agreement.demand.clause
            one = Demand(*mine[0], there, None, None, None, clause, tuple(mine[1:]), what)
            found.append((one, int(parts[2])))
    return found


def _covering(own: Own, day: int, hours: str) -> dict[str, list[tuple[int, int]]]:
    """Return, of each hour of a span such as 22-02, the days and places of posts that cover it."""
    first, _, last = hours.partition("-")
    begin, end = agreements.minute_of_day(first.strip()), agreements.minute_of_day(last.strip())
    spells: list[tuple[int, int, list[tuple[int, int]]]] = []
    if begin is None or end is None:
        return {hours: []}
    end += agreements.DAY if end <= begin else 0
    for minute in range(begin, end, 60):
        until = min(minute + 60, end)
        hour = own.agreement.instant(day, minute), own.agreement.instant(day, until)
        cells = []
        for on in range(max(day - 1, 0), min(day + 2, own.problem.days)):
            for at, post in enumerate(own.problem.posts):
                place = own.shifts.natures[post.shift - 1].place
                pieces = agreements.pieces(own.agreement.shift[place])
                spans = [[own.agreement.instant(on, each) for each in piece] for piece in pieces]
                if own.shifts.number.get((place, on)) == post.shift and any(
                    begins <= hour[0] and hour[1] <= ends for begins, ends in spans
                ):
                    cells.append((on, at))
        if spells and spells[-1][2] == cells:
            minute = spells.pop()[0]
        spells.append((minute, until, cells))
    return {f"{_clock(begins)}-{_clock(ends)}": cells for begins, ends, cells in spells}


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def read_log(path: Path) -> list[Question]:
    """Read who was asked; nobody where there is no log yet. Raises `Unusable`."""
    if not path.exists():
        return []
    table = Table(path, ASKED_COLUMNS, ("officer", "date", "answer"))
    columns = ("officer", "date", "before", "after", "asked")
    questions = []
    for row in range(table.rows):
        officer, on, before, after, asked = (table.text(row, name) for name in columns)
        agreed = table.yes(row, "answer", default=False)
        questions.append(Question(officer, on, before, after, asked, agreed))
    return questions


def add_to_log(path: Path, questions: Iterable[Question]) -> None:
    """Add rows to the log, which is begun where there is none."""
    with path.open("a", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\r\n")
        if not file.tell():
            out.writerow(ASKED_COLUMNS)
        out.writerows((*one[:-1], "yes" if one.agreed else "no") for one in questions)


def questions(own: Own, declined: Iterable[str], agreed: Iterable[Change], at: str) -> list[Question]:
    """Return the rows of a call: who said no, on the days they named, and who agreed to which change."""
    rows = []
    for text in declined:
        name, equals, days = text.partition("=")
        span = days_of(own, days) if equals else range(own.problem.days)
        rows += [
            Question(name.strip(), str(own.begins + timedelta(day)), "", "", at, agreed=False) for day in span
        ]
    for one in agreed:
        on = str(own.begins + timedelta(one.day))
        rows.append(Question(own.staff[one.person].name, on, *posts_of(own, one), at, agreed=True))
    return rows


def posts_of(own: Own, one: Change) -> tuple[str, str]:
    """Return what the posts of a change are called, empty where it is off."""
    before, after = (own.problem.called(post) if post else "" for post in (one.before, one.after))
    return before, after


def consent(own: Own, terms: Terms, one: Change) -> str:
    """Return the clause of notice where a change is told within it, and needs the officer's consent."""
    shifts = own.problem.shift_of_post()
    late = any((one.day, int(shifts[post])) in terms.late for post in (one.before, one.after) if post != OFF)
    return own.agreement.notice.clause if late and own.agreement.notice else ""
