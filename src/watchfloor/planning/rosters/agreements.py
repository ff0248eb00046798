"""Rules of an agreement, as `rules.toml` has them: shifts by the clock, and clauses with what they bound.

A shift is as long as the clock says on the day: over a change of the clocks it is an hour longer or shorter.
What a shift is on such a day, and on a holiday where a clause counts those, is a shift of its own
(`Shift.days`), so rest and hours of work need no rule of their own.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from watchfloor.formats.settings import Settings, nearest, read_text
from watchfloor.planning.rosters.fields import is_name
from watchfloor.planning.rosters.problem import (
    OFF,
    AnyRule,
    Run,
    Shift,
    Succession,
    Total,
    Weekends,
    WholeWeekend,
)

DAY: Final = 1_440
"""Minutes of a day without a change of the clocks."""
MOST_DAYS: Final = 366
LAST_YEAR: Final = 2999
OVERLAP: Final = "two places at once"
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
OFF_DUTY: Final = frozenset({"standby"})
"""Kinds of shift that are no work: rules that name no shifts leave them out."""
COVERING: Final = frozenset({"duty", "overtime"})
"""Kinds of shift whose hours meet a demand by hour."""


class ShiftHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A shift by the clock: `[[shift]]`.

    Attributes:
        name: as rosters write it.
        start, end: such as "19:00" and "07:00", over midnight where the end is not later.
        parts: instead of these, the parts of a split shift.
        unpaid: minutes of breaks that are no paid work.
        paid: hours of paid work, where they are not those by the clock.
        kind: duty, or what rules tell apart from it.
        weekdays: on which it can be worked; none: on all.
    """

    name: str
    start: str = ""
    end: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    unpaid: int = 0
    paid: float | None = None
    kind: Literal["duty", "overtime", "standby", "court", "training"] = "duty"
    weekdays: tuple[Weekday, ...] = ()


class Clause(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={
    "whom": "for", "apart_from": "except", "following": "not", "beside": "with"
}):  # fmt: skip
    """A rule of an agreement: `[[rule]]`.

    Attributes:
        kind: what is bounded.
        clause: where it stands; text: its words; source: where they were read; read: when.
        price: of a day, minute or weekend of breach; none: it must be kept.
        whom, apart_from: groups, qualifications or names of people that it holds for, and those it does not.
        shifts: names or kinds of shifts that count; none: all that are work.
        least, most: bounds, in `unit`s.
        window: days of a rolling window; 0: the period.
        holidays: whether only shifts that begin on a holiday count.
        leave: whether hours of leave count as worked.
        after, following: shifts that may not follow others on the next day.
        hours: of rest.
        beside: qualification of those who may be worked beside, where a person's row names nobody.
    """

    kind: Literal[
        "total",
        "run",
        "days-off",
        "rest",
        "succession",
        "weekends",
        "whole-weekends",
        "contract",
        "beside",
        "apart",
    ]
    clause: str
    text: str = ""
    source: str = ""
    read: date | None = None
    price: int | None = None
    whom: tuple[str, ...] = ()
    apart_from: tuple[str, ...] = ()
    shifts: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    unit: Literal["days", "hours"] = "days"
    window: int = 0
    holidays: bool = False
    leave: bool = False
    after: tuple[str, ...] = ()
    following: tuple[str, ...] = ()
    hours: float = 0
    beside: str = ""


class Prices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Prices of people too few or too many, where a row of the demand does not say: `[demand]`."""

    clause: str = "demand"
    under: int = 1_000
    over: int = 0


class Notice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long before a change of a published roster its people are told: `[notice]`."""

    hours: float
    clause: str
    source: str = ""
    read: date | None = None


class Posting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many days before its period a roster is published: `[posting]`."""

    days: int
    clause: str
    source: str = ""
    read: date | None = None


class Asking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In which order people are asked to work more: `[asking]`."""

    order: tuple[Literal["volunteer", "overtime", "seniority"], ...]
    clause: str
    source: str = ""
    read: date | None = None


class Overtime(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hours in the period, or each `window` of its days, beyond which work is overtime: `[overtime]`."""

    hours: float
    clause: str
    window: int = 0
    source: str = ""
    read: date | None = None


class Leave(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Leave is kept, whatever it costs: `[leave]`; a night that runs into its first day is not worked."""

    clause: str = "leave"
    night_before: bool = False


class Agreement(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"begins": "from"}
):
    """The whole of `rules.toml`."""

    employer: str
    agreement: str
    edition: str
    timezone: str
    begins: date
    days: int
    pool: str = ""
    template: bool = False
    source: str = ""
    holidays: tuple[date, ...] = ()
    shift: tuple[ShiftHours, ...]
    rule: tuple[Clause, ...] = ()
    demand: Prices = Prices()
    leave: Leave = Leave()
    notice: Notice | None = None
    posting: Posting | None = None
    asking: Asking | None = None
    overtime: Overtime | None = None

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone of its times."""
        return ZoneInfo(self.timezone)

    def unread(self) -> list[str]:
        """Return the clauses that were held against no text."""
        tables = (self.posting, self.notice, self.asking, self.overtime)
        every = (*self.rule, *(one for one in tables if one))
        return [one.clause for one in every if not one.source]

    def instant(self, day: int, minute: int) -> int:
        """Return minutes since 1970 (UTC) of a minute of the clock on a day of the period."""
        moment = datetime.combine(self.begins + timedelta(day), time(), self.zone)
        return int((moment + timedelta(minutes=minute)).timestamp()) // 60


def read(path: Path) -> Agreement:
    """Read rules. Raises `SettingsError`, which names the line, or `OSError`."""
    file = Settings(read_text(path), path.name)
    agreement = file.convert(file.values, Agreement)
    for keys, problem in _problems(agreement):
        raise file.wrong(keys, problem)
    return agreement


def _problems(agreement: Agreement) -> Iterator[tuple[tuple[str, ...], str]]:
    try:
        _ = agreement.zone
    except (ZoneInfoNotFoundError, ValueError):
        yield ("timezone",), 'there is no such zone; one is "America/Winnipeg"'
    if not 1 <= agreement.days <= MOST_DAYS:
        yield ("days",), f"a period has 1 to {MOST_DAYS} days"
    if not 1970 <= agreement.begins.year <= LAST_YEAR:
        yield ("from",), f"a period begins in 1970 to {LAST_YEAR}"
    if agreement.posting and not 0 <= agreement.posting.days <= MOST_DAYS:
        yield ("posting",), f"a roster is posted 0 to {MOST_DAYS} days before"
    if agreement.notice and not 0 <= agreement.notice.hours <= 24 * MOST_DAYS:
        yield ("notice",), f"a notice has 0 to {24 * MOST_DAYS} hours"
    if (over := agreement.overtime) and not (
        0 <= over.hours <= 24 * MOST_DAYS and 0 <= over.window <= MOST_DAYS
    ):
        yield ("overtime",), f"overtime begins after 0 to {24 * MOST_DAYS} hours, of up to {MOST_DAYS} days"
    names = [one.name for one in agreement.shift]
    if not names or len(set(names)) < len(names) or not all(names):
        yield ("shift",), "there is at least one shift, and each has a name of its own"
    for shift in agreement.shift:
        if not is_name(shift.name):
            yield ("shift",), f"{shift.name!r}: a name is one line, and begins with none of = + - @"
        if bool(shift.parts) == bool(shift.start or shift.end):
            yield ("shift",), f"{shift.name}: give start and end, or parts"
        for text in (shift.start, shift.end, *(one for part in shift.parts for one in part)):
            if text and _clock(text) is None:
                yield ("shift",), f'{shift.name}: "{text}" is no time of the clock, such as "07:00"'
        if sum(end - begin for begin, end in pieces(shift)) > DAY or shift.unpaid < 0:
            yield ("shift",), f"{shift.name}: a shift has up to 24 hours, and no negative break"
    known = {*names, *(one.kind for one in agreement.shift)}
    for rule in agreement.rule:
        for name in (*rule.shifts, *rule.after, *rule.following):
            if name not in known:
                yield ("rule",), f"{rule.clause}: {name!r} is no shift{nearest(name, known)}"
        yield from ((("rule",), f"{rule.clause}: {problem}") for problem in _faults(rule))
        if rule.kind == "rest":
            last = max(pieces(one)[-1][1] for one in agreement.shift)
            first = min(pieces(one)[0][0] for one in agreement.shift)
            if last + rule.hours * 60 > 2 * DAY + first:
                problem = "rest would reach into the second next day; longer rest is a rule of kind days-off"
                yield ("rule",), f"{rule.clause}: {problem}"


def _faults(rule: Clause) -> Iterator[str]:
    bounds = rule.least is not None or rule.most is not None
    needs = {"total", "run", "days-off", "contract"}
    if rule.kind in needs and not bounds:
        yield f"a rule of kind {rule.kind!r} has least or most"
    if rule.kind == "weekends" and (rule.most is None or rule.least is not None):
        yield "weekends are bounded by most"
    if rule.least is not None and rule.most is not None and rule.least > rule.most:
        yield f"least, {rule.least:g}, is more than most, {rule.most:g}"
    if rule.kind == "succession" and not (rule.after and rule.following):
        yield "a succession has `after` and `not`"
    if rule.kind == "rest" and not 0 < rule.hours <= 24:
        yield "rest is of more than 0 and up to 24 hours; longer rest is a rule of kind days-off"
    if rule.price is not None and rule.price < 0:
        yield "a price is not negative"
    if not 0 <= rule.window <= MOST_DAYS:
        yield f"a window has up to {MOST_DAYS} days"


def _clock(text: str) -> int | None:
    """Return the minute of the day of a time such as 07:00; 24:00 is the end of the day."""
    hour, colon, minute = text.partition(":")
    if not (colon and hour.isdigit() and minute.isdigit() and len(minute) == 2 and text.isascii()):
        return None
    found = int(hour) * 60 + int(minute)
    return found if found <= DAY and int(minute) < 60 else None


def minute_of_day(text: str) -> int | None:
    """Return the minute of the day of 07:00, or of an hour such as 7; none where it is neither."""
    return _clock(text if ":" in text else f"{text}:00")


def pieces(shift: ShiftHours) -> list[tuple[int, int]]:
    """Return from which minute to which a shift lasts, from midnight of its day on; one, or one a part."""
    found: list[tuple[int, int]] = []
    for start, end in shift.parts or ((shift.start, shift.end),):
        begin, until = _clock(start) or 0, _clock(end) or 0
        while found and begin < found[-1][1]:
            begin += DAY
        while until <= begin:
            until += DAY
        found.append((begin, until))
    return found


class _Nature(NamedTuple):
    """A shift of some days, as far as a rule may tell it from others: a key of `Shifts`."""

    place: int
    paid: int
    length: int
    to_next: int
    from_midnight: int
    holiday: bool


@dataclass(frozen=True)
class Shifts:
    """The shifts of an agreement, numbered from 1, each as it is on some days.

    Attributes:
        all: by number.
        number: of a shift's place and a day, days before the period negative.
        natures: of each number.
    """

    agreement: Agreement
    all: tuple[Shift, ...]
    number: dict[tuple[int, int], int]
    natures: tuple[_Nature, ...]

    def named(self, names: Collection[str]) -> frozenset[int]:
        """Return the numbers of shifts of some names or kinds; of none: all that are work."""
        chosen = {
            place
            for place, one in enumerate(self.agreement.shift)
            if (one.name in names or one.kind in names if names else one.kind not in OFF_DUTY)
        }
        return frozenset(number for number, nature in enumerate(self.natures, 1) if nature.place in chosen)

    def working(self) -> frozenset[int]:
        """Return those that are work; none where all are."""
        found = self.named(())
        return frozenset() if len(found) == len(self.all) else found


def shifts_of(agreement: Agreement, past: int) -> Shifts:
    """Say what each shift is on each day, so many days before the period included."""
    counted = any(rule.holidays for rule in agreement.rule)
    numbers: dict[_Nature, int] = {}
    days: dict[_Nature, set[int]] = {}
    number: dict[tuple[int, int], int] = {}
    midnights = [agreement.instant(day, 0) for day in range(-past, agreement.days + 1)]
    for place, shift in enumerate(agreement.shift):
        parts = pieces(shift)
        for day in range(-past, agreement.days):
            on = agreement.begins + timedelta(day)
            if shift.weekdays and WEEKDAYS[on.weekday()] not in shift.weekdays:
                continue
            times = [(agreement.instant(day, begin), agreement.instant(day, end)) for begin, end in parts]
            work = sum(end - begin for begin, end in times) - shift.unpaid
            nature = _Nature(
                place,
                max(work, 0) if shift.paid is None else round(shift.paid * 60),
                times[-1][1] - times[0][0],
                midnights[past + day + 1] - times[0][0],
                times[0][0] - midnights[past + day],
                counted and on in agreement.holidays,
            )
            number[place, day] = numbers.setdefault(nature, len(numbers) + 1)
            days.setdefault(nature, set()).add(day)
    made = []
    for nature, on_days in days.items():
        shift = agreement.shift[nature.place]
        inside = frozenset(day for day in on_days if day >= 0)
        always = len(inside) == agreement.days
        start = pieces(shift)[0][0]
        made.append(Shift(shift.name, nature.paid, start, nature.length, None if always else inside))
    return Shifts(agreement, tuple(made), number, tuple(numbers))


def rules_of(rule: Clause, shifts: Shifts, credit: int = 0, hours: float = 0.0) -> Iterator[AnyRule]:
    """Write a clause in the language of the check and the solver, as far as it is about one person's row.

    Args:
        rule: the clause.
        shifts: of the agreement.
        credit: minutes of leave, where they count as worked.
        hours: that the person's contract has in the period.
    """
    counted = shifts.named(rule.shifts) if rule.shifts else shifts.working()
    if rule.holidays:
        every = counted or frozenset(range(1, len(shifts.all) + 1))
        counted = frozenset(one for one in every if shifts.natures[one - 1].holiday)
        if not counted:  # no holiday lies in the period
            return
    minutes = rule.unit == "hours" or rule.kind == "contract"
    unit = 60 if minutes else 1
    offset = (round(hours * 60) if rule.kind == "contract" else 0) - (credit if rule.leave else 0)
    least = None if rule.least is None else max(round(rule.least * unit) + offset, 0)
    most = None if rule.most is None else max(round(rule.most * unit) + offset, 0)
    match rule.kind:
        case "total" | "contract":
            yield Total(rule.clause, rule.price, counted, least, most, minutes, rule.window)
        case "run":
            yield Run(rule.clause, rule.price, counted, least, most)
        case "days-off":
            idle = (
                frozenset(range(1, len(shifts.all) + 1)) - shifts.working()
                if shifts.working()
                else frozenset()
            )
            yield Run(rule.clause, rule.price, idle | {OFF}, least, most)
        case "weekends":
            yield Weekends(rule.clause, rule.price, most or 0)
        case "whole-weekends":
            yield WholeWeekend(rule.clause, rule.price)
        case "succession":
            for first in sorted(shifts.named(rule.after)):
                yield Succession(rule.clause, rule.price, first, shifts.named(rule.following))
        case "rest":
            yield from _rest(rule, shifts, counted)


def overlaps(shifts: Shifts) -> tuple[Succession, ...]:
    """Forbid each shift that begins before the one of the day before has ended."""
    rule = Clause(kind="rest", clause=OVERLAP)
    return tuple(_rest(rule, shifts, shifts.working()))


def _rest(rule: Clause, shifts: Shifts, counted: frozenset[int]) -> Iterator[Succession]:
    """Forbid each shift that would begin on the next day before a person has rested."""
    on_day = {number: set[int]() for number in range(1, len(shifts.all) + 1)}
    for (_, day), number in shifts.number.items():
        on_day[number].add(day)
    for first, before in enumerate(shifts.natures, 1):
        if counted and first not in counted:
            continue
        early = frozenset(
            number
            for number, after in enumerate(shifts.natures, 1)
            if (not counted or number in counted)
            and before.to_next - before.length + after.from_midnight < rule.hours * 60
            and any(day + 1 in on_day[number] for day in on_day[first])
        )
        if early:
            yield Succession(rule.clause, rule.price, first, early)
