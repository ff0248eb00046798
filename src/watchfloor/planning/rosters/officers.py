"""Officers of a roster's staff: what they hold from when to when, and who works beside whom."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import declare, reason
from watchfloor.planning.rosters.agreements import Agreement, Clause, Shifts
from watchfloor.planning.rosters.cover import Job
from watchfloor.planning.rosters.problem import Link
from watchfloor.planning.rosters.rows import NAME_TWICE, NOT_THERE, Table

TOO_MANY_BESIDE: Final = declare("rosters.too-many-beside", "file", "clause", "most")
NOBODY_BESIDE: Final = declare("rosters.nobody-beside", "file", "name")
NO_RULE_BESIDE: Final = declare("rosters.no-rule-beside", "file", "kind")

STAFF_COLUMNS: Final = {
    "name": ("name", "officer", "number", "nom", "agent"),
    "group": ("group", "groupe"),
    "place": ("place", "detachment", "port", "lieu"),
    "qualifications": ("qualifications", "qualification"),
    "hours": ("hours", "heures"),
    "with": ("with", "coach", "handler", "avec"),
    "apart": ("apart",),
    "overtime": ("overtime",),
    "seniority": ("seniority",),
    "volunteer": ("volunteer",),
}
EVERYWHERE: Final = "*"
"""Stands for every place."""
MOST_PAIRS: Final = 1_000_000
"""Of people who may work beside each other: memory."""


class Officer(NamedTuple):
    """A row of the staff.

    Attributes:
        name, group: who they are.
        places: at which they work; none: anywhere.
        qualifications: with their first and last day, none where it is open.
        hours: of the contract in the period.
        beside, apart: names of those they work beside, and never beside.
        overtime: hours of overtime so far; seniority: earlier is first.
        volunteer: may be asked within the notice.
    """

    name: str
    group: str
    places: frozenset[str]
    qualifications: dict[str, tuple[date | None, date | None]]
    hours: float
    beside: tuple[str, ...]
    apart: tuple[str, ...]
    overtime: float
    seniority: str
    volunteer: bool

    def is_any_of(self, words: Iterable[str]) -> bool:
        """Whether one of the words is their name, group or qualification."""
        return any(word in (self.name, self.group) or word in self.qualifications for word in words)


def read_staff(path: Path) -> list[Officer]:
    """Read the table of the staff. Raises `Unusable`."""
    table = Table(path, STAFF_COLUMNS, ("name",))
    found: dict[str, int] = {}
    staff = []
    for row in range(table.rows):
        name = table.name(row, "name")
        if not name:
            raise table.wrong(row, "name")
        if name in found:
            raise Unusable(reason(NAME_TWICE, file=path.name, row=row + 2, first=found[name] + 2, name=name))
        found[name] = row
        staff.append(
            Officer(
                name,
                table.text(row, "group"),
                frozenset(_listed(table.text(row, "place"))),
                _qualifications(table, row),
                table.number(row, "hours", 0.0) or 0.0,
                _listed(table.text(row, "with")),
                _listed(table.text(row, "apart")),
                table.number(row, "overtime", 0.0) or 0.0,
                table.text(row, "seniority"),
                table.yes(row, "volunteer", default=False),
            )
        )
    for row, officer in enumerate(staff):
        for meaning, names in (("with", officer.beside), ("apart", officer.apart)):
            if any(name not in found for name in names):
                raise table.wrong(row, meaning, NOT_THERE)
    return staff


def _qualifications(table: Table, row: int) -> dict[str, tuple[date | None, date | None]]:
    held = {}
    for each in _listed(table.text(row, "qualifications")):
        name, _, span = each.partition("=")
        held[name.strip()] = table.span(row, span) if span.strip() else (None, None)
    return held


def links(agreement: Agreement, staff: Sequence[Officer], shifts: Shifts, file: str) -> Iterator[Link]:
    """Yield who works beside whom, or never does, a link for each set of others who are qualified for it."""
    kinds = {rule.kind for rule in agreement.rule}
    for kind, given in (
        ("beside", any(one.beside for one in staff)),
        ("apart", any(one.apart for one in staff)),
    ):
        if given and kind not in kinds:
            raise Unusable(reason(NO_RULE_BESIDE, file=file, kind=kind))
    numbers = {one.name: at for at, one in enumerate(staff)}
    holders: dict[tuple[str, str], set[int]] = defaultdict(set)  # by qualification and place
    for at, one in enumerate(staff):
        for name in one.qualifications:
            for place in (*one.places, EVERYWHERE) if one.places else ("", EVERYWHERE):
                holders[name, place].add(at)
    pairs = 0
    for rule in agreement.rule:
        if rule.kind not in ("beside", "apart"):
            continue
        held = shifts.named(rule.shifts) if rule.shifts else shifts.working()
        for at, officer in enumerate(staff):
            if not applies(rule, officer):
                continue
            names = officer.beside if rule.kind == "beside" else officer.apart
            others = [numbers[name] for name in names]
            if not names and rule.beside:
                where = (*officer.places, "") if officer.places else (EVERYWHERE,)
                others = sorted(set().union(*(holders[rule.beside, place] for place in where)) - {at})
                pairs += len(others)
                if pairs > MOST_PAIRS:
                    raise Unusable(reason(TOO_MANY_BESIDE, file=file, clause=rule.clause, most=MOST_PAIRS))
            if rule.kind == "beside" and not others and rule.whom:
                raise Unusable(reason(NOBODY_BESIDE, file=file, name=officer.name))
            if not others:
                continue
            least = round(rule.least or 1) if rule.kind == "beside" else None
            most = None if rule.kind == "beside" else round(rule.most or 0)
            spans = [(one, *staff[one].qualifications.get(rule.beside, (None, None))) for one in others]
            for there, days in _qualified(agreement, spans):
                yield Link(rule.clause, rule.price, at, there, held, least, most, days)


def _qualified(
    agreement: Agreement, spans: Sequence[tuple[int, date | None, date | None]]
) -> Iterator[tuple[frozenset[int], frozenset[int] | None]]:
    """Yield those of some people who are qualified, and on which days; None: on all of them."""
    if not any(first or last for _, first, last in spans):
        yield frozenset(one for one, _, _ in spans), None
        return
    days: dict[frozenset[int], list[int]] = defaultdict(list)
    for day in range(agreement.days):
        on = agreement.begins + timedelta(day)
        there = frozenset(one for one, first, last in spans if (first or on) <= on <= (last or on))
        days[there].append(day)
    yield from ((there, frozenset(mine)) for there, mine in days.items())


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split("|") if one.strip())


def may_work_as(officer: Officer, job: Job) -> bool:
    """Return whether somebody is qualified for a job, at some time, and works at its place."""
    return (not job.qualification or job.qualification in officer.qualifications) and (
        not job.place or not officer.places or job.place in officer.places
    )


def applies(rule: Clause, officer: Officer) -> bool:
    """Return whether a rule holds for somebody."""
    return (not rule.whom or officer.is_any_of(rule.whom)) and not officer.is_any_of(rule.apart_from)
