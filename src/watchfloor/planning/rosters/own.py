"""A roster's own files: a folder with rules, people and demand, and the table of who works what.

    rules.toml    the agreement (`agreements`)
    staff.csv     name, group, place, qualifications, hours, with, apart, overtime, seniority, volunteer
    demand.csv    date (or mon-fri, or every), shift or hour, place, post, qualification, least, most, price
    leave.csv     officer, from, to, kind, hours
    wishes.csv    officer, date, shift, wanted, price, clause
    past.csv      officer, date, shift, post
    roster.csv    officer, date, shift, post, edition

A table may be CSV, Parquet or a spreadsheet. The last four need not be there. An officer without a shift in
the whole period has one row without a date, so that nobody is off because they were forgotten.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Final

import numpy as np

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.formats.tabular import spreadsheet
from watchfloor.planning.rosters import agreements
from watchfloor.planning.rosters.agreements import Agreement, Shifts
from watchfloor.planning.rosters.check import SKILL
from watchfloor.planning.rosters.fields import UNREADABLE, refuse_unnamed
from watchfloor.planning.rosters.officers import Officer
from watchfloor.planning.rosters.problem import Grid, Problem
from watchfloor.planning.rosters.rows import NOT_THERE, ROSTER_COLUMNS, ROW_TWICE, Table
from watchfloor.planning.rosters.staffing import LEAVE as LEAVE
from watchfloor.planning.rosters.staffing import PAST as PAST
from watchfloor.planning.rosters.staffing import WISHES as WISHES
from watchfloor.planning.rosters.staffing import Reading
from watchfloor.planning.rosters.staffing import table_of as table_of

OTHER_EDITION: Final = declare("rosters.other-edition", "file", "made", "edition")

UNITS: Final = {
    "total": "days", "contract": "minutes", "run": "days", "days-off": "days", "weekends": "weekends",
    "demand": "people", "asking": "people", "notice": "hours", "posting": "days",
}  # fmt: skip
"""Units of breaches of each kind of rule."""
RULES, STAFF, DEMAND, ROSTER = "rules.toml", "staff", "demand", "roster"


@dataclass(frozen=True)
class Own:
    """The contents of a folder.

    Attributes:
        problem: what is to be solved.
        agreement: its rules, as they were written.
        staff: people, in the order of the problem.
        shifts: what each shift is on each day.
        notes: what a person should know of it before they use it.
    """

    problem: Problem
    agreement: Agreement
    staff: tuple[Officer, ...]
    shifts: Shifts
    notes: tuple[Reason, ...]

    @property
    def begins(self) -> date:
        """Return the first day of the period."""
        return self.agreement.begins

    @property
    def zone(self) -> str:
        """Return the name of the zone of its times."""
        return self.agreement.timezone

    def times(self, day: int, shift: int) -> tuple[int, int]:
        """Return when a shift of a day begins and ends, in minutes since 1970."""
        parts = agreements.pieces(self.agreement.shift[self.shifts.natures[shift - 1].place])
        return self.agreement.instant(day, parts[0][0]), self.agreement.instant(day, parts[-1][1])

    def dates(self, first: int, last: int) -> tuple[date, date]:
        """Return the dates of two days of the period."""
        return self.begins + timedelta(first), self.begins + timedelta(last)

    def rule(self, clause: str) -> tuple[str, str]:
        """Return of which kind the rule of a clause is, and its words where rules.toml has them."""
        agreement = self.agreement
        found = next((one for one in agreement.rule if one.clause == clause), None)
        if found is not None:
            return found.kind, found.text
        kinds = {SKILL: "skill", agreements.OVERLAP: "overlap", agreement.leave.clause: "leave"}
        kinds |= {one.clause: "demand" for one in self.problem.demand}
        for kind in ("notice", "posting", "asking"):
            if table := getattr(agreement, kind):
                kinds[table.clause] = kind
        return kinds.get(clause, "wish"), ""

    def unit(self, clause: str) -> str:
        """Return in which unit breaches of a clause are counted; empty: how often."""
        kind, _ = self.rule(clause)
        if any(one.clause == clause and one.unit == "hours" for one in self.agreement.rule):
            return "minutes"
        return UNITS.get(kind, "")

    @cached_property
    def post_numbers(self) -> dict[tuple[int, str], int]:
        """Return the number of each post by its shift and label."""
        return {(post.shift, post.skill): number for number, post in enumerate(self.problem.posts, 1)}


def read(folder: Path) -> Own:
    """Read a folder. Raises `Unusable` or `SettingsError` with what is wrong."""
    found = {}
    for name in (STAFF, DEMAND):
        path = table_of(folder, name)
        if path is None:
            raise Unusable(reason(UNREADABLE, file=str(folder / f"{name}.csv")))
        found[name] = path
    if not (folder / RULES).is_file():
        raise Unusable(reason(UNREADABLE, file=str(folder / RULES)))
    return read_files(folder / RULES, found[STAFF], found[DEMAND])


def read_files(rules: Path, staff: Path, demand: Path) -> Own:
    """Read rules, staff and demand, and leave, wishes and the past where they lie beside the staff.

    Raises:
        Unusable, SettingsError: something is wrong, which the message names.
    """
    reading = Reading(agreements.read(rules), staff, demand)
    problem = reading.problem()
    return Own(problem, reading.agreement, tuple(reading.staff), reading.shifts, tuple(reading.notes))


def read_roster(own: Own, path: Path) -> Grid:
    """Read who works what; everyone of the staff is named. Raises `Unusable`."""
    table = Table(path, ROSTER_COLUMNS, ("officer", "date", "shift"))
    number = {one.name: at for at, one in enumerate(own.staff)}
    place = {one.name: at for at, one in enumerate(own.agreement.shift)}
    known: dict[tuple[str, str], tuple[int, int]] = {}  # a large roster has few dates and shifts
    posts, days, edition = own.post_numbers, own.problem.days, own.agreement.edition
    rows: dict[int, int] = {}
    worked: list[int] = []
    for row, (name, on, shift, label, made) in enumerate(table.cells(*ROSTER_COLUMNS)):
        at = number.get(name)
        if at is None:
            raise table.wrong(row, "officer", NOT_THERE)
        if made and made != edition:
            raise Unusable(reason(OTHER_EDITION, file=path.name, made=made, edition=edition))
        if not on and not shift:
            continue
        if (on, shift) not in known:
            known[on, shift] = _day_and_shift(own, table, row, place.get(shift, -1))
        day, variant = known[on, shift]
        first = rows.setdefault(at * days + day, row)
        if first != row:
            raise Unusable(
                reason(ROW_TWICE, file=path.name, row=row + 2, first=first + 2, name=name, date=on)
            )
        worked.append(posts.get((variant, label)) or _post(own, table, row, variant, at))
    refuse_unnamed(path.name, number, set(table.cells_of("officer")))
    grid = np.zeros((len(own.staff), days), np.int16)
    grid.flat[list(rows)] = worked
    return grid


def _day_and_shift(own: Own, table: Table, row: int, place: int) -> tuple[int, int]:
    """Return the day of a row, and the number of its shift on that day."""
    day = (table.on(row, "date") - own.begins).days
    if not 0 <= day < own.problem.days:
        raise table.wrong(row, "date", NOT_THERE)
    variant = own.shifts.number.get((place, day))
    if variant is None:
        raise table.wrong(row, "shift", NOT_THERE)
    return day, variant


def _post(own: Own, table: Table, row: int, shift: int, at: int) -> int:
    """Return the only post of a shift that the officer may work, where a row names none."""
    if not table.text(row, "post"):
        person = own.problem.people[at]
        mine = [number for number in person.posts if own.problem.posts[number - 1].shift == shift]
        if len(mine) == 1:
            return mine[0]
    raise table.wrong(row, "post", NOT_THERE)


def roster_file(own: Own, grid: Grid, suffix: str) -> bytes:
    """Write who works what, as a workbook where a file ends with .xlsx, else as CSV."""
    return roster_xlsx(own, grid) if suffix.lower() == ".xlsx" else roster_csv(own, grid)


def roster_csv(own: Own, grid: Grid) -> bytes:
    """Write who works what as a table, with the edition of the rules it was made under."""
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(_roster_rows(own, grid))
    return text.getvalue().encode()


def roster_xlsx(own: Own, grid: Grid) -> bytes:
    """Write the same table as a workbook."""
    return spreadsheet.write(ROSTER, _roster_rows(own, grid))


def _roster_rows(own: Own, grid: Grid) -> Iterator[tuple[str, ...]]:
    yield "officer", "date", "shift", "post", "edition"
    edition = own.agreement.edition
    dates = [str(own.begins + timedelta(day)) for day in range(own.problem.days)]
    names = [(own.problem.shifts[post.shift - 1].name, post.skill) for post in own.problem.posts]
    for person, row in zip(own.problem.people, grid.tolist(), strict=True):
        worked = [
            (person.name, dates[day], *names[post - 1], edition) for day, post in enumerate(row) if post
        ]
        yield from worked or [(person.name, "", "", "", edition)]
