"""Which form the dates of a column are written in, found from their texts and from the column's name.

A form is chosen only where it alone reads the column. `03/04/2026` reads as a day of March and of April;
where no other text of the column decides, nor its name (`Date (DD/MM/YYYY)`), the answer is that it is open.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import pyarrow as pa

from watchfloor.core.partial_date import moment_in_form
from watchfloor.formats.tabular import values

DAYS: Final = (
    "%Y-%m-%d",
    *(
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%Y/%m/%d",
        "%d-%m-%Y",
        "%m-%d-%Y",
        "%d.%m.%Y",
        "%m.%d.%Y",
        "%Y.%m.%d",
        "%Y%m%d",
    ),
    *(
        "%d %B %Y",
        "%B %d, %Y",
        "%B %d %Y",
        "%d-%b-%Y",
        "%d/%b/%Y",
        "%d %B, %Y",
        "%Y-%b-%d",
        "%Y %B %d",
        "%d%b%Y",
    ),
    *("%B %Y", "%b-%Y", "%m/%Y"),
)
SHORT: Final = (
    "%d/%m/%y",
    "%m/%d/%y",
    "%y/%m/%d",
    "%d-%m-%y",
    "%m-%d-%y",
    "%d.%m.%y",
    "%d-%b-%y",
    "%d %b %y",
)
"""Forms of two digits for the year, which do not tell the century of a birth, and do of a report."""
CLOCKS: Final = (
    (re.compile(r"(?:,\s*|\s+à\s+|\s+)(\d{1,2}) ?h ?\d{2}$"), "%Hh%M"),
    (re.compile(r"([T,]?\s*)\d{1,2}:\d{2}:\d{2}\s?(?:[AaPp]\.?[Mm]\.?)$"), "%I:%M:%S %p"),
    (re.compile(r"([T,]?\s*)\d{1,2}:\d{2}\s?(?:[AaPp]\.?[Mm]\.?)$"), "%I:%M %p"),
    (re.compile(r"([T,]?\s*)\d{1,2}:\d{2}:\d{2}\.\d{1,6}$"), "%H:%M:%S.%f"),
    (re.compile(r"([T,]?\s*)\d{1,2}:\d{2}:\d{2}$"), "%H:%M:%S"),
    (re.compile(r"([T,]?\s*)\d{1,2}:\d{2}$"), "%H:%M"),
)
"""Times of day at the end of a text, and their forms."""
CHOICES: Final = tuple(day + clock for day in DAYS[1:] for clock in ("", " %H:%M", " %H:%M:%S"))
"""Forms that a person may choose from."""
LONGEST: Final = 100
"""Characters of a date; a longer text is none, and would take time by the square of its length."""
_PROBE: Final = datetime(2003, 4, 5)  # noqa: DTZ001 - a day, no moment
_MIXED: Final = 0.05
"""Share of a column's texts that only the swapped form reads, from which on neither form is the column's."""
_HINT: Final = re.compile(r"(?<![a-z])([djmya]{1,4})([-/. ]?)([djmya]{1,4})\2([djmya]{1,4})(?![a-z])")


class Date(NamedTuple):
    """The form of a column's dates; `rival` reads it in another way, `more` reads what the first does not."""

    form: str
    rival: str = ""
    more: tuple[str, ...] = ()

    @property
    def forms(self) -> str | tuple[str, ...]:
        """The form, or all of them, as a mapping states them."""
        return (self.form, *self.more) if self.more else self.form


def date_form(texts: Iterable[str], *, with_clock: bool = False, column: str = "") -> Date:
    """Return the form that reads most of the texts beside ISO 8601; empty where that reads the most.

    Args:
        texts: of a column.
        with_clock: whether they may have a time of day, and years of two digits.
        column: its name, which may say the order of day and month.
    """
    distinct = [text for text in dict.fromkeys(map(str.strip, texts)) if 0 < len(text) <= LONGEST]
    iso = (values.instant if with_clock else values.partial_date)(pa.array(distinct, pa.string())).wrong
    rest = [distinct[row] for row in iso]
    if not rest:
        return Date("")
    parted = [_parted(text) if with_clock else (text, "") for text in rest]
    days = list(dict.fromkeys(day for day, _ in parted))
    clocks = list(dict.fromkeys(clock for _, clock in parted))
    read = {form: _read(form, days) for form in (*DAYS, *(SHORT if with_clock else ()))}
    if hint := _hinted(column):
        read = {form: found for form, found in read.items() if _order(form) == hint} or read
    best = max(read, key=lambda form: len(read[form]))
    if not read[best]:
        return Date("")
    rival = next((form for form in read if _rivals(read, best, form, len(days))), "")
    more = [] if rival else _more(read, best, days)
    forms = [day + clock for day in (best, *more) for clock in clocks]
    return Date(forms[0], rival + clocks[0] if rival else "", tuple(forms[1:]))


def _parted(text: str) -> tuple[str, str]:
    """Return a text's day, and the form of its time of day with what stands before it; empty without one."""
    for sign, form in CLOCKS:
        if found := sign.search(text):
            clock = found[0]
            begins = re.match(r"\D*", clock)
            lead = begins[0] if begins else ""
            if form.endswith("%p") and not re.search(r"\s[AaPp]", clock):
                form = form.replace(" %p", "%p")
            if "h" in clock.lower() and form == "%Hh%M":
                form = re.sub(r"\d+", "#", clock[len(lead) :]).replace("#", "%H", 1).replace("#", "%M", 1)
            return text[: found.start()], lead + form
    return text, ""


def _read(form: str, days: Sequence[str]) -> dict[str, datetime]:
    found = ((day, moment_in_form(day, form)) for day in days)
    return {day: moment for day, moment in found if moment}


def _rivals(read: dict[str, dict[str, datetime]], best: str, form: str, count: int) -> bool:
    """Whether another form reads as much in another way, or is needed for a part of the column."""
    ours, theirs = read[best], read[form]
    if len(theirs) == len(ours):
        return any(day in ours and ours[day] != moment for day, moment in theirs.items())
    if not _conflict(best, form):
        return False
    return len(theirs.keys() - ours.keys()) >= max(1, _MIXED * count)


def _conflict(form: str, other: str) -> bool:
    """Whether two forms read a date that both take as different days."""
    if "%b" in form.lower() or "%b" in other.lower():
        return False
    moment = moment_in_form(_PROBE.strftime(form), other)
    return moment is not None and moment != moment_in_form(_PROBE.strftime(form), form)


def _more(read: dict[str, dict[str, datetime]], best: str, days: Sequence[str]) -> list[str]:
    """Return forms for the days that the best one does not read, and which it does not contradict."""
    left = set(days) - read[best].keys()
    more: list[str] = []
    while left:
        form = max(read, key=lambda one: len(left & read[one].keys()))
        if not left & read[form].keys() or any(_conflict(one, form) for one in (best, *more)):
            break
        left -= read[form].keys()
        more.append(form)
    return more


def _hinted(column: str) -> str:
    """Return the order that a column's name states: `dmy` of `Date (JJ/MM/AAAA)`; empty where it has none."""
    for found in _HINT.finditer(column.lower()):
        order = "".join({"j": "d", "a": "y"}.get(part[0], part[0]) for part in (found[1], found[3], found[4]))
        if sorted(order) == ["d", "m", "y"]:
            return order
    return ""


def _order(form: str) -> str:
    return "".join(re.findall(r"%([a-zA-Z])", form)).lower().replace("b", "m")
