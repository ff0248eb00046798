"""Calendars as files (iCalendar, RFC 5545): shifts, tours and days that are due, written in one way."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

FOLD: Final = 75
"""Octets of a line at most, without its end (RFC 5545, section 3.1)."""


class Event(NamedTuple):
    """An entry of a calendar.

    Attributes:
        uid: its own, which stays when it is moved; the calendar's domain comes behind it.
        begins: the moment, or the whole day; `ends`: the moment, or None for a whole day.
        title: what a calendar shows; `text`: what it shows of one.
        place: latitude and longitude, degrees; None: nowhere.
    """

    uid: str
    begins: datetime | date
    ends: datetime | None
    title: str
    text: str
    place: tuple[float, float] | None = None


def calendar(events: Iterable[Event], made: datetime, of: str = "plans") -> bytes:
    """Return a calendar; `of` is what it is of, for the programs that read it.

    Whole days take nobody's time (`TRANSP`), and every entry is confidential.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//Watchfloor//{of}//EN"]
    for one in events:
        lines += ["BEGIN:VEVENT", f"UID:{one.uid}@watchfloor", f"DTSTAMP:{stamp(made)}"]
        lines += [*_span(one), f"SUMMARY:{_text(one.title)}", f"DESCRIPTION:{_text(one.text)}"]
        lines += [f"GEO:{one.place[0]:.5f};{one.place[1]:.5f}"] if one.place else []
        lines += ["CLASS:CONFIDENTIAL", "END:VEVENT"]
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


def stamp(moment: datetime) -> str:
    """Return a moment as calendars write it, in UTC."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def printable(text: str) -> str:
    """Return a text without control characters, which no such file may hold."""
    return "".join(one for one in text.replace("\r\n", "\n") if one == "\n" or one.isprintable())


def _span(one: Event) -> list[str]:
    if isinstance(one.begins, datetime):
        ends = one.ends or one.begins
        return [f"DTSTART:{stamp(one.begins)}", f"DTEND:{stamp(ends)}"]
    after = one.begins + timedelta(days=1)  # the end of a day is the next one (RFC 5545, section 3.6.1)
    days = (f"DTSTART;VALUE=DATE:{one.begins:%Y%m%d}", f"DTEND;VALUE=DATE:{after:%Y%m%d}")
    return [*days, "TRANSP:TRANSPARENT"]


def _text(text: str) -> str:
    """Escape a text value (RFC 5545, section 3.3.11)."""
    return printable(text).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterator[bytes]:
    """Yield a line in parts of 75 octets at most, none of which cuts a character."""
    part = b""
    for one in line:
        octets = one.encode()
        if len(part) + len(octets) > FOLD:
            yield part
            part = b" "
        part += octets
    yield part
