"""Demand of an agreement's posts: by shift, or by hour, which every shift that lasts the whole hour covers.

Hours are those of the clock of each day: when clocks change, an hour is missing, or comes twice. Of night
shifts of the day before the period, those who worked on them count.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from math import ceil
from typing import NamedTuple

from watchfloor.planning.rosters.agreements import COVERING, DAY, WEEKDAYS, Agreement, Shifts, pieces
from watchfloor.planning.rosters.problem import Demand, Post


class Job(NamedTuple):
    """A job that people are needed for: a post of a place, and what they must be qualified for."""

    place: str
    post: str
    qualification: str

    @property
    def label(self) -> str:
        """Return what rosters call it."""
        last = self.qualification if self.qualification != self.post else ""
        return "/".join(part for part in (self.place, self.post, last) if part)


class Need(NamedTuple):
    """A row of the demand.

    Attributes:
        days: of the period.
        shift: place of a shift in the agreement; none: it is of hours.
        begin, end: minutes of the day, of hours.
        job: what for.
        least, most: how many.
        under, over: what each one too few or too many costs; none: there must be no such.
        clause: what it is called.
    """

    days: tuple[int, ...]
    shift: int | None
    begin: int
    end: int
    job: Job
    least: int | None
    most: int | None
    under: int | None
    over: int | None
    clause: str


class Covers(NamedTuple):
    """The demand, and the hours that nobody can cover."""

    demand: tuple[Demand, ...]
    uncovered: tuple[str, ...]


def officers_for(travellers: float, an_hour: float) -> int:
    """Return how many officers handle a flow at so many travellers an hour each; nobody queues."""
    return ceil(travellers / an_hour)


def demand_of(needs: Sequence[Need], shifts: Shifts, before: Mapping[tuple[int, int, Job], int]) -> Covers:
    """Write needs as demands.

    Args:
        needs: rows of the demand.
        shifts: of the agreement.
        before: how many worked a shift (its place) on a day before the period, for a job.
    """
    agreement, found, uncovered = shifts.agreement, list[Demand](), list[str]()
    hourly: dict[_Hours, list[tuple[int, int, int]]] = defaultdict(list)
    spans = _Spans(agreement, shifts)
    for need in needs:
        bounds = need.least, need.most, need.under, need.over
        hours_of = list(_hours(need.begin, need.end))
        for day in need.days:
            if need.shift is not None:
                number, name = shifts.number.get((need.shift, day)), agreement.shift[need.shift].name
                what = f"{agreement.begins + timedelta(day)} {name} {need.job.label}".rstrip()
                if number is not None:
                    post = Post(number, need.job.label)
                    found.append(Demand(day, post, *bounds, need.clause, what=what))
                elif need.least:
                    uncovered.append(what)
                continue
            for begin, end in hours_of:
                for slot in spans.slots(day, begin, end):
                    cells = spans.covering(slot)
                    inside, there = cells, 0
                    if cells and cells[0][0] < 0:
                        there = sum(
                            before.get((shifts.natures[number - 1].place, on, need.job), 0)
                            for on, number in cells
                            if on < 0
                        )
                        inside = tuple((on, number) for on, number in cells if on >= 0)
                    if inside:
                        hourly[_Hours(inside, there, need.job, *bounds, need.clause)].append(
                            (day, begin, end)
                        )
                    elif (need.least or 0) > there:
                        uncovered.append(_when(agreement, (day, begin), (day, end), need.job))
    found += [_of_hours(agreement, same, hours) for same, hours in hourly.items()]
    return Covers(tuple(found), tuple(uncovered))


class _Hours(NamedTuple):
    """Hours that the same shifts cover, and as many people are needed in."""

    inside: tuple[tuple[int, int], ...]
    there: int
    job: Job
    least: int | None
    most: int | None
    under: int | None
    over: int | None
    clause: str


def _of_hours(agreement: Agreement, same: _Hours, hours: list[tuple[int, int, int]]) -> Demand:
    """Write hours that the same shifts cover as one demand, each of which costs its price."""
    (day, post), *also = ((on, Post(number, same.job.label)) for on, number in same.inside)
    first, last = min(hours), max(hours)
    return Demand(
        day,
        post,
        None if same.least is None else max(same.least - same.there, 0),
        None if same.most is None else max(same.most - same.there, 0),
        None if same.under is None else same.under * len(hours),
        None if same.over is None else same.over * len(hours),
        same.clause,
        tuple(also),
        _when(agreement, first[:2], (last[0], last[2]), same.job),
    )


def _when(agreement: Agreement, begin: tuple[int, int], end: tuple[int, int], job: Job) -> str:
    """Return a span and a job, such as "2026-11-02 22:00-06:00 primary"."""
    from_, until = (f"{minute // 60:02}:{minute % 60:02}" for _, minute in (begin, end))
    return f"{agreement.begins + timedelta(begin[0])} {from_}-{until} {job.label}".rstrip()


def _hours(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Part a span at each full hour of the clock."""
    at = begin
    while at < end:
        until = min(at // 60 * 60 + 60, end)
        yield at, until
        at = until


class _Spans:
    """When each shift of each day lasts, in minutes since 1970."""

    def __init__(self, agreement: Agreement, shifts: Shifts) -> None:
        self.agreement = agreement
        self.by_day: dict[int, list[tuple[int, list[tuple[int, int]]]]] = defaultdict(list)
        self.cached: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {}
        self.known: dict[tuple[int, int, int], list[tuple[int, int]]] = {}
        for (place, day), number in shifts.number.items():
            if day >= -2:
                times = [
                    (agreement.instant(day, begin), agreement.instant(day, end))
                    for begin, end in pieces(agreement.shift[place])
                ]
                self.by_day[day].append((number, times))
        self.work = shifts.named(COVERING)

    def slots(self, day: int, begin: int, end: int) -> list[tuple[int, int]]:
        """Return when the clock shows an hour, in minutes since 1970: not at all, once, or twice."""
        key = day, begin, end
        if key not in self.known:
            midnight, following = self.agreement.instant(day, 0), self.agreement.instant(day + 1, 0)
            shift = following - midnight - DAY
            first = self.agreement.instant(day, begin)
            found = [(first, first + end - begin)]
            if shift:
                at = midnight + begin  # while the clock of midnight holds
                found = [
                    (each, each + end - begin)
                    for each in dict.fromkeys((at, at + shift))
                    if self._shows(day, each, begin)
                ]
            self.known[key] = found
        return self.known[key]

    def _shows(self, day: int, instant: int, minute: int) -> bool:
        """Whether the clock shows a minute of a day at an instant."""
        on = self.agreement.begins + timedelta(day)
        local = _local(self.agreement, instant)
        return local == (on, minute)

    def covering(self, slot: tuple[int, int]) -> tuple[tuple[int, int], ...]:
        """Return days and numbers of the shifts that last the whole of it."""
        if slot not in self.cached:
            day = (_local(self.agreement, slot[0])[0] - self.agreement.begins).days
            self.cached[slot] = tuple(
                (on, number)
                for on in (day - 2, day - 1, day)
                for number, times in self.by_day.get(on, ())
                if number in self.work and any(begin <= slot[0] and slot[1] <= end for begin, end in times)
            )
        return self.cached[slot]


def _local(agreement: Agreement, instant: int) -> tuple[date, int]:
    local = datetime.fromtimestamp(instant * 60, agreement.zone)
    return local.date(), local.hour * 60 + local.minute


def days_named(text: str, agreement: Agreement) -> tuple[int, ...] | None:
    """Return the days of weekdays, such as mon or mon-fri, or of every; none where it is a date."""
    word = text.strip().lower()
    if word in ("", "every"):
        return tuple(range(agreement.days))
    first, dash, last = word.partition("-")
    if first in WEEKDAYS and (last in WEEKDAYS or not dash):
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        chosen = {(begin + step) % 7 for step in range((end - begin) % 7 + 1)}
        return tuple(
            day for day in range(agreement.days) if (agreement.begins + timedelta(day)).weekday() in chosen
        )
    return None
