"""The clocks of the Controlled Drugs and Substances Act, computed from the acts on exhibits.

The Act was read as Justice Laws had it on 2026-07-23; `LAW` holds each section with the days that it states
and the date from which its wording is in force, and a test compares them with that text. The day from which
a clock runs is not counted, as the Interpretation Act says (s. 27). Time that it gives to others, to apply
for return, ends no sooner than that Act lets it (`holidays`); a report of our own does not wait for that.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from watchfloor.casework.custody.exhibits import Exhibit, World
from watchfloor.casework.custody.holidays import extended
from watchfloor.core.messages import Language, Message, declare, reason


class Law(NamedTuple):
    """A section that runs a clock.

    Attributes:
        section: of the Act.
        days: that it gives.
        since: from when its wording is in force, as the stored text has it.
        says: words of it that hold the time, English and French.
    """

    section: str
    days: int
    since: date
    says: tuple[str, str]


_2018: Final = date(2018, 6, 21)
LAW: Final = {
    law.section: law
    for law in (
        Law("12.1", 30, _2018, ("within 30 days", "dans les trente jours")),
        Law("12.1(c)", 30, _2018, ("within 30 days", "dans les trente jours")),
        Law("24(1)", 60, _2018, ("within 60 days after the date", "dans les soixante jours suivant la date")),
        Law(
            "24(3)(a)",
            180,
            _2018,
            ("on the expiry of 180 days after", "à l’expiration des cent quatre-vingts jours suivant"),
        ),
        Law("29", 30, _2018, ("within 30 days", "dans les trente jours")),
    )
}
"""Sections that run a clock, by number."""

SAYS: Final[dict[str, Message]] = {
    "12.1": declare("custody.clock-12.1"),
    "12.1(c)": declare("custody.clock-12.1c"),
    "24(1)": declare("custody.clock-24.1"),
    "24(3)(a)": declare("custody.clock-24.3a"),
    "29": declare("custody.clock-29"),
}

_FILED: Final = re.compile(
    r"\b(?:cdsa|controlled drugs and substances act|lrcdas)\b.*\b11\b|criminal code|code criminel|common law",
    re.IGNORECASE,
)
"""Powers of which s. 12.1(c) says that a copy is filed with a justice."""


class Clock(NamedTuple):
    """A clock as it stands on a day.

    Attributes:
        exhibit, number: whose.
        section: that runs it.
        started: the day it runs from.
        last: its last day.
        done: the day on which what it asks for was done, or None.
        state: met, late, due, overdue; of s. 24(1) open, used, over.
        left: days until the last; below 0 after it.
    """

    exhibit: str
    number: str
    section: str
    started: date
    last: date
    done: date | None
    state: str
    left: int

    def says(self, language: Language = "en") -> str:
        """Return the sentence that says what must or may be done."""
        return reason(SAYS[self.section]).render(language)


def clocks(found: World, on: date) -> list[Clock]:
    """Every clock that has begun by a day, the one that ends first first."""
    begun = (clock for one in found.values() for clock in _clocks(one, on) if clock.started <= on)
    return sorted(begun, key=lambda clock: (clock.last, clock.number, clock.section))


def files_with_justice(law: str | None) -> bool:
    """Whether a copy of the report is filed with a justice (s. 12.1(c)), as far as the power's name tells."""
    return bool(_FILED.search(law or ""))


def _clocks(one: Exhibit, on: date) -> Iterator[Clock]:
    regulated = one.first["sort"] != "other"
    if one.first["act"] == "seized" and regulated:
        yield _duty(one, "12.1", one.day, on)
        if files_with_justice(one.first["law"]):
            yield _duty(one, "12.1(c)", one.day, on)
        yield _window(one, on)
    if one.applied is not None and one.state == "held" and not (one.forfeited or one.required):
        yield _duty(one, "24(3)(a)", one.applied["day"], on)
    if one.disposed is not None and regulated:
        yield _duty(one, "29", one.disposed["day"], on)


def _duty(one: Exhibit, section: str, started: date, on: date) -> Clock:
    last = started + timedelta(days=LAW[section].days)
    done = min((row["day"] for row in one.reported if row["law"] == f"CDSA s. {section}"), default=None)
    if done is not None and done <= on:
        state = "met" if done <= last else "late"
    else:
        done, state = None, "due" if on <= last else "overdue"
    return Clock(one.id, one.number, section, started, last, done, state, (last - on).days)


def _window(one: Exhibit, on: date) -> Clock:
    last = extended(one.day + timedelta(days=LAW["24(1)"].days))
    done = one.applied["day"] if one.applied is not None and one.applied["day"] <= on else None
    state = "used" if done is not None and done <= last else "open" if on <= last else "over"
    return Clock(one.id, one.number, "24(1)", one.day, last, done, state, (last - on).days)
