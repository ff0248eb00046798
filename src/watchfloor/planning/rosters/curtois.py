"""Instances of the shift scheduling benchmark of T. Curtois (schedulingbenchmarks.org), and their solutions.

An instance is a text of sections. A solution is a table, a line a person: the name, then the shift of each
day, parted by tabs and empty on days off; or an XML `Roster` (`.xml`, `.ros`, `.roster`). Curtois and Qu,
Computational results on new staff scheduling benchmark instances, 2014.
"""

from pathlib import Path
from typing import Final

import numpy as np
from lxml import etree

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import reason
from watchfloor.formats.xml_limits import SAFE
from watchfloor.planning.rosters.fields import NO_NAME, NO_NUMBER, NO_SECTION, OUTSIDE, Fields, refuse_unnamed
from watchfloor.planning.rosters.problem import (
    OFF,
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
    Wish,
)

XML: Final = frozenset({".xml", ".ros", ".roster"})
SECTIONS: Final = (
    "HORIZON",
    "SHIFTS",
    "STAFF",
    "DAYS_OFF",
    "SHIFT_ON_REQUESTS",
    "SHIFT_OFF_REQUESTS",
    "COVER",
)


class _Reader(Fields):
    """The sections of one file, and what its fields mean."""

    def __init__(self, path: Path, text: str) -> None:
        self.file = path.name
        self.sections: dict[str, list[list[str]]] = {}
        rows: list[list[str]] = []
        for line in text.splitlines():
            content = line.strip()
            if content.startswith("SECTION_"):
                rows = self.sections.setdefault(content.removeprefix("SECTION_"), [])
            elif content and not content.startswith("#"):
                rows.append([part.strip() for part in content.split(",")])
        for name in SECTIONS:
            if name not in self.sections:
                raise Unusable(reason(NO_SECTION, file=self.file, name=f"SECTION_{name}"))
        self.days = self.whole(self.sections["HORIZON"][0][0]) if self.sections["HORIZON"] else 0
        if not 1 <= self.days <= 3_660:
            raise Unusable(reason(OUTSIDE, file=self.file, name="HORIZON", value=self.days))

    def rows(self, section: str, fields: int, *, more: bool = False) -> list[list[str]]:
        """Return the rows of a section, which have so many fields each."""
        return self.check_fields(self.sections[section], fields, more=more)

    def day(self, text: str) -> int:
        """Read a day of the period, from 0."""
        day = self.whole(text)
        if day >= self.days:
            raise Unusable(reason(OUTSIDE, file=self.file, name="day", value=day))
        return day


def read(path: Path) -> Problem:
    """Read an instance. Raises `Unusable` with what is wrong."""
    file = _Reader(path, path.read_text("utf-8-sig"))
    shifts, rules = [], list[AnyRule]()
    rows = file.rows("SHIFTS", 3)
    numbers = file.numbered(row[0] for row in rows)
    for row in rows:
        shifts.append(Shift(row[0], file.whole(row[1])))
        if later := [file.number(numbers, name) for name in row[2].split("|") if name]:
            rules.append(Succession("ShiftsWhichCannotFollow", None, numbers[row[0]], frozenset(later)))
    own: dict[str, list[AnyRule]] = {}
    for name, *days in file.rows("DAYS_OFF", 1, more=True):
        own.setdefault(name, []).extend(Wish("DaysOff", None, file.day(day)) for day in days if day)
    for section, wanted in (("SHIFT_ON_REQUESTS", True), ("SHIFT_OFF_REQUESTS", False)):
        for name, day, shift, weight in file.rows(section, 4):
            shift_set = frozenset({file.number(numbers, shift)})
            clause = "ShiftOnRequests" if wanted else "ShiftOffRequests"
            own.setdefault(name, []).append(
                Wish(clause, file.whole(weight), file.day(day), shift_set, wanted=wanted)
            )
    staff = file.rows("STAFF", 8)
    file.numbered(row[0] for row in staff)
    people = [_person(file, row, numbers, rules, own.pop(row[0], [])) for row in staff]
    if own:
        raise Unusable(reason(NO_NAME, file=file.file, name=next(iter(own))))
    demand = [
        Demand(
            file.day(day),
            Post(file.number(numbers, shift)),
            file.whole(count),
            file.whole(count),
            file.whole(under),
            file.whole(over),
            "Cover",
        )
        for day, shift, count, under, over in file.rows("COVER", 5)
    ]
    posts = tuple(Post(number) for number in range(1, len(shifts) + 1))
    return Problem(path.stem, file.days, tuple(shifts), posts, tuple(people), tuple(demand))


def _person(
    file: _Reader, row: list[str], numbers: dict[str, int], shared: list[AnyRule], own: list[AnyRule]
) -> Person:
    name, most_of, *limits = row
    longest, shortest, run_most, run_least, off_least, weekends = map(file.whole, limits)
    posts, rules = set(numbers.values()), list(shared)
    for each in most_of.split("|"):
        shift, _, most = each.partition("=")
        number, bound = file.number(numbers, shift), file.whole(most)
        if bound == 0:
            posts.discard(number)
        elif bound < file.days:
            rules.append(Total("MaxShifts", None, frozenset({number}), None, bound))
    rules += [
        Total("MaxTotalMinutes", None, most=longest, minutes=True),
        Total("MinTotalMinutes", None, least=shortest, minutes=True),
        Run("MaxConsecutiveShifts", None, most=run_most),
        Run("MinConsecutiveShifts", None, least=run_least),
        Run("MinConsecutiveDaysOff", None, frozenset({OFF}), least=off_least),
        Weekends("MaxWeekends", None, weekends),
    ]
    return Person(name, frozenset(posts), tuple(rules + own))


def read_roster(problem: Problem, path: Path) -> Grid:
    """Read who works what: a table, or an XML `Roster`."""
    grid = np.zeros((len(problem.people), problem.days), np.int16)
    shifts = {shift.name: number for number, shift in enumerate(problem.shifts, 1)}
    people = {person.name: number for number, person in enumerate(problem.people)}
    text = path.read_text("utf-8-sig")
    named, rows = _of_xml(path, text) if path.suffix.lower() in XML else _of_table(text)
    for name, day, shift in rows:
        if name not in people:
            raise Unusable(reason(NO_NAME, file=path.name, name=name))
        if shift not in shifts:
            raise Unusable(reason(NO_NAME, file=path.name, name=shift))
        if not 0 <= day < problem.days:
            raise Unusable(reason(OUTSIDE, file=path.name, name="day", value=day))
        if grid[people[name], day]:
            raise Unusable(reason(OUTSIDE, file=path.name, name=f"{name}, two shifts on day", value=day))
        grid[people[name], day] = shifts[shift]
    refuse_unnamed(path.name, people, named)
    return grid


def _of_table(text: str) -> tuple[set[str], list[tuple[str, int, str]]]:
    """Return who is named, and who works what on which day."""
    rows = [line.split("\t") for line in text.splitlines() if line.strip()]
    return {row[0].strip() for row in rows}, [
        (row[0].strip(), day, shift.strip())
        for row in rows
        for day, shift in enumerate(row[1:])
        if shift.strip() not in ("", "-")
    ]


def _of_xml(path: Path, text: str) -> tuple[set[str], list[tuple[str, int, str]]]:
    try:
        root = etree.fromstring(text.encode(), etree.XMLParser(**SAFE))
    except etree.XMLSyntaxError as error:
        raise Unusable(reason(NO_SECTION, file=path.name, name="Roster")) from error
    named, found = set(), []
    for employee in root.iter("Employee"):
        named.add(employee.get("ID", ""))
        for assigned in employee.iter("Assign"):
            day, shift = assigned.findtext("Day", ""), assigned.findtext("Shift", "")
            if not day.isascii() or not day.isdigit():
                raise Unusable(reason(NO_NUMBER, file=path.name, value=day))
            found.append((employee.get("ID", ""), int(day), shift))
    return named, found


def files(problem: Problem, grid: Grid, _: Path, path: Path, cost: int) -> dict[str, bytes]:
    """Return a roster in the form that the name of its file asks for, by that name."""
    names = ["", *(shift.name for shift in problem.shifts)]
    rows = [(person.name, row.tolist()) for person, row in zip(problem.people, grid, strict=True)]
    if path.suffix.lower() not in XML:
        lines = ("\t".join((name, *(names[n] for n in row))) + "\n" for name, row in rows)
        return {path.name: "".join(lines).encode()}
    root = etree.Element("Roster")
    etree.SubElement(root, "SchedulingPeriodFile").text = f"{problem.name}.ros"
    etree.SubElement(root, "Penalty").text = str(cost)
    for name, row in rows:
        employee = etree.SubElement(root, "Employee", ID=name)
        for day, number in enumerate(row):
            if number:
                assigned = etree.SubElement(employee, "Assign")
                etree.SubElement(assigned, "Day").text = str(day)
                etree.SubElement(assigned, "Shift").text = names[number]
    return {path.name: etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)}
