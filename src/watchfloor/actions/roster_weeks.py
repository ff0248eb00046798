"""Days of a published roster: who works when and with whom, and what is short; as tables and calendars."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final
from zoneinfo import ZoneInfo

from watchfloor.actions.base import Answer, Context, Line, Request, Table, action, argument, option
from watchfloor.actions.rosters import (
    RosterField,
    RosterView,
    fields,
    may_publish,
    papers_marking,
    papers_of,
    pick,
    shifts_of,
    visible,
)
from watchfloor.casework import rosters
from watchfloor.casework.rosters import Roster, Shift
from watchfloor.casework.watch.watch import DUTY
from watchfloor.cell.acts import NotFound, same_person
from watchfloor.cell.wording.dates import day as day_of
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language, declare, reason
from watchfloor.core.tables import cell

if TYPE_CHECKING:
    from watchfloor.planning.rosters.papers import Papers

WEEK: Final = 7
MOST_DAYS: Final = 56
MOST_SHORT: Final = 200
"""Lines of what is short that are shown; the count says how many there are."""

FEED_MARKING: Final = DUTY
"""Marking of a calendar that is fetched without a session."""

NOT_ON: Final = declare("rosters.not-on", "name")


class ShortLine(Answer, frozen=True):
    """A shortfall of a day: of what, how many are needed and there, and the price of each missing."""

    texts: ClassVar = "rosters"
    columns: ClassVar = ("day", "what", "needed", "there")

    day: date
    what: str
    needed: int
    there: int
    price: int | None


class ShiftCell(Answer, frozen=True):
    """A shift of somebody, or of some people."""

    texts: ClassVar = "rosters"

    shift: str
    post: str
    begins: datetime
    ends: datetime


class OfficerRow(Answer, frozen=True):
    """The shifts of somebody on each day shown; mine: whether that is who asks."""

    texts: ClassVar = "rosters"

    officer: str
    mine: bool
    shifts: list[list[ShiftCell]]


class TogetherRow(Answer, frozen=True):
    """Who works a shift and post on each day shown, and so with whom."""

    texts: ClassVar = "rosters"

    shift: str
    post: str
    officers: list[list[str]]


class RosterWeek(RosterView, frozen=True):
    """Some days of a roster.

    Attributes:
        dates: the days shown.
        people: everyone on it, who asks first.
        together: by shift and post.
        short: what is short on these days; null where rules and demand are not here for who asks.
        shortfalls: how many lines of that there are.
        may_publish: whether who asks may change it.
    """

    columns: ClassVar[tuple[str, ...]] = ()
    unprinted: ClassVar = ("language",)

    dates: list[date]
    people: list[OfficerRow]
    together: list[TogetherRow]
    short: list[ShortLine] | None
    shortfalls: int
    may_publish: bool
    language: Language

    def written_out(self, say: Any) -> Iterator[Line | Table]:
        """Yield the people by days, who works together, and what is short."""
        heads = [f"{one:%m-%d}" for one in self.dates]
        yield Line(
            say("rosters.title", pool=self.pool, first=self.first, days=self.days, edition=self.edition),
            "bold",
        )
        rows = ((row.officer, *(", ".join(map(_called, each)) for each in row.shifts)) for row in self.people)
        yield Table("", [say("rosters.officer"), *heads], rows, say("rosters.nobody"))
        yield Table(
            say("rosters.together"),
            [say("rosters.shift"), *heads],
            (
                ("/".join(filter(None, (one.shift, one.post))), *map(", ".join, one.officers))
                for one in self.together
            ),
            say("rosters.no_shifts"),
        )
        if self.short is not None:
            yield Table(
                say("rosters.short", n=self.shortfalls),
                [say(f"rosters.{name}") for name in ShortLine.columns],
                ((one.day, one.what, one.needed, one.there) for one in self.short),
                say("rosters.nothing_short"),
            )
        yield Line(self.marking)


class ShowRoster(Request, frozen=True):
    """Which days of which roster."""

    roster: RosterField = ""
    since: Annotated[str, option("The first day; else today.", spelling="--from", metavar="DAY")] = ""
    days: Annotated[int, option("How many days.", minimum=1, maximum=MOST_DAYS)] = WEEK
    officer: Annotated[str, option("Only this officer, and who works with them.")] = ""


@action("roster show", "roster show Emerson --from 2026-12-07", past=True)
def show(context: Context, ask: ShowRoster) -> RosterWeek:
    """Show who works when, with whom, and what is short."""
    one = pick(context, ask.roster, day_of(ask.since.strip()) if ask.since.strip() else None)
    zone = ZoneInfo(str(one.last["zone"]))
    dates = _dates(context, one, ask, zone)
    begins, ends = (
        datetime.combine(each, time(), zone) for each in (dates[0], dates[-1] + timedelta(days=1))
    )
    return week(context, one, shifts_of(context, one, (begins, ends)), ask)


def week(
    context: Context, one: Roster, shifts: Sequence[Shift], ask: ShowRoster, other: "Papers | None" = None
) -> RosterWeek:
    """Log that some days of a roster are shown, as published or by the papers of a change; return them."""
    zone = ZoneInfo(str(one.last["zone"]))
    dates = _dates(context, one, ask, zone)
    shown = _days_of(shifts, dates, zone)
    officers = one.officers
    if ask.officer.strip():
        officers = [name for name in officers if same_person(name, ask.officer)]
        if not officers:
            raise NotFound(reason(NOT_ON, name=ask.officer))
    mine = [name for name in officers if same_person(name, context.actor.name)]
    people = [
        OfficerRow(
            officer=name, mine=name in mine, shifts=[list(map(_cell, day.get(name, []))) for day in shown]
        )
        for name in [*mine, *(name for name in officers if name not in mine)]
    ]
    short = _short(context, one, dates, other)
    shown_fields = fields(one) | ({} if short is None else {"marking": papers_marking(one)})
    context.log_query(
        "roster", roster=one.id, edition=one.edition, officers=len(people), since=dates[0].isoformat()
    )
    return RosterWeek(
        **shown_fields,
        dates=dates,
        people=people,
        together=_together(shown, officers if ask.officer.strip() else None, zone),
        short=None if short is None else short[:MOST_SHORT],
        shortfalls=len(short or ()),
        may_publish=short is not None and may_publish(context),
        language=context.language,
    )


class RosterCalendar(Answer, frozen=True):
    """The shifts of an officer as a calendar (iCalendar, RFC 5545)."""

    texts: ClassVar = "rosters"
    unprinted: ClassVar = ("calendar",)

    officer: str
    shifts: list[ShiftCell]
    calendar: str
    marking: str


class MakeCalendar(Request, frozen=True):
    """Whose calendar."""

    officer: Annotated[str, argument("[OFFICER]", "As the roster has the name; else yours.")] = ""


@action(
    "roster calendar",
    "roster calendar Roy -o roy.ics",
    document="calendar",
)
def calendar(context: Context, ask: MakeCalendar) -> RosterCalendar:
    """Give the shifts of an officer as a calendar, from a week ago on, by the present editions."""
    from watchfloor.planning.patrols import exports

    name = ask.officer.strip() or context.actor.name
    mine = _rosters_of(context, name)
    if not mine:
        raise NotFound(reason(NOT_ON, name=name))
    found = _shifts_of(context, mine, name)
    legs = [
        exports.Leg(
            shift.officer, shift.begins, shift.ends, _called(_cell(shift)), f"{one.pool}\n{one.marking}", ()
        )
        for one, shift in found
    ]
    context.log_query("roster calendar", officer=name, shifts=len(legs))
    return RosterCalendar(
        officer=name,
        shifts=[_cell(shift) for _, shift in found],
        calendar=exports.calendar(legs, context.now).decode(),
        marking=joined(one.marking for one, _ in found),
    )


def _rosters_of(context: Context, name: str) -> list[Roster]:
    return [one for one in visible(context) if _called_so(one, name)]


def _called_so(one: Roster, name: str) -> list[str]:
    return [each for each in one.officers if same_person(each, name)]


def _shifts_of(context: Context, mine: Sequence[Roster], name: str) -> list[tuple[Roster, Shift]]:
    """Return the shifts of somebody from a week ago on."""
    since = context.now - timedelta(days=WEEK)
    return [
        (one, shift)
        for one in mine
        for shift in rosters.shifts_of(
            context.floor, context.reader, one, context.as_of, officers=_called_so(one, name)
        )
        if shift.ends > since
    ]


def duty_feed(context: Context, feed: str) -> bytes:
    """Return a calendar of when somebody is on duty, and of nothing else; log that it is fetched.

    Only of rosters that anybody on duty may see: a provider of calendars is not of this organisation.
    """
    from watchfloor.messages.catalogue import Catalogue
    from watchfloor.planning.patrols import exports

    name, title = context.actor.name, Catalogue().say("rosters.on_duty", context.language)
    mine = [one for one in _rosters_of(context, name) if joined([one.marking, DUTY]) == joined([DUTY])]
    found = _shifts_of(context, mine, name)
    context.log_query("roster calendar", officer=name, shifts=len(found), feed=feed)
    legs = [exports.Leg(feed, shift.begins, shift.ends, title, "", ()) for _, shift in found]
    return exports.calendar(legs, context.now)


def _dates(context: Context, one: Roster, ask: ShowRoster, zone: ZoneInfo) -> list[date]:
    """Return the days that are shown, within the period."""
    last = one.first_day + timedelta(days=one.days - 1)
    asked = day_of(ask.since.strip()) if ask.since.strip() else context.now.astimezone(zone).date()
    first = max(one.first_day, min(asked, last))
    return [first + timedelta(days=at) for at in range(min(ask.days, (last - first).days + 1))]


def _days_of(shifts: Sequence[Shift], dates: Sequence[date], zone: ZoneInfo) -> list[dict[str, list[Shift]]]:
    """Return the shifts of each officer, by the day on which they begin."""
    found: dict[date, dict[str, list[Shift]]] = {day: {} for day in dates}
    begun = {moment: found.get(moment.astimezone(zone).date()) for moment in {one.begins for one in shifts}}
    for one in shifts:
        if (day := begun[one.begins]) is not None:
            day.setdefault(one.officer, []).append(one)
    return list(found.values())


def _together(
    shown: Sequence[dict[str, list[Shift]]], only: Sequence[str] | None, zone: ZoneInfo
) -> list[TogetherRow]:
    """Return who works each shift and post, by day; of some officers, what they work."""
    kinds: dict[tuple[str, str, str], list[list[str]]] = {}
    moments = {one.begins for day in shown for shifts in day.values() for one in shifts}
    clock = {moment: moment.astimezone(zone).strftime("%H:%M") for moment in moments}
    for at, day in enumerate(shown):
        for name, shifts in day.items():
            for one in shifts:
                key = clock[one.begins], one.shift, one.post
                kinds.setdefault(key, [[] for _ in shown])[at].append(name)
    return [
        TogetherRow(shift=shift, post=post, officers=[sorted(each) for each in days])
        for (_, shift, post), days in sorted(kinds.items())
        if only is None or any(name in each for each in days for name in only)
    ]


def _short(
    context: Context, one: Roster, dates: Sequence[date], other: "Papers | None"
) -> list[ShortLine] | None:
    """Return what is short; None where rules and demand are not here for this person."""
    from watchfloor.planning.rosters import papers

    found = other or papers_of(context, one)
    if found is None:
        return None
    days = {(each - one.first_day).days: each for each in dates}
    return [
        ShortLine(day=days[each.day], what=each.what, needed=each.least, there=each.there, price=each.price)
        for each in papers.shortfalls(found)
        if each.day in days
    ]


def csv_of(one: Roster, shifts: Sequence[Shift]) -> bytes:
    """Return the shifts of a roster as CSV, each with the marking."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerows(map(cell, row) for row in _rows(one, shifts))
    return text.getvalue().encode()


def xlsx_of(one: Roster, shifts: Sequence[Shift]) -> bytes:
    """Return the same table as a workbook."""
    from watchfloor.formats.tabular import spreadsheet

    return spreadsheet.write(one.pool, _rows(one, shifts))


def _rows(one: Roster, shifts: Sequence[Shift]) -> Iterator[tuple[str, ...]]:
    yield "officer", "date", "shift", "post", "begins", "ends", "marking"
    zone = ZoneInfo(str(one.last["zone"]))
    for shift in shifts:
        begins, ends = (each.astimezone(zone) for each in (shift.begins, shift.ends))
        what = shift.officer, begins.date().isoformat(), shift.shift, shift.post or ""
        yield *what, begins.isoformat(), ends.isoformat(), one.marking


def _cell(one: Shift) -> ShiftCell:
    return ShiftCell(shift=one.shift, post=one.post, begins=one.begins, ends=one.ends)


def _called(one: ShiftCell) -> str:
    return "/".join(filter(None, (one.shift, one.post)))
