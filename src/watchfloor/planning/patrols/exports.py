"""Tours as files: a table (CSV), calendars (iCalendar, RFC 5545), routes for navigation (GPX 1.1)."""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

FOLD: Final = 75
"""Octets of a line of a calendar at most, without its end (RFC 5545, section 3.1)."""


class Leg(NamedTuple):
    """A tour of a crew: when, what it is called, what to know of it, and its points, degrees."""

    crew: str
    begins: datetime
    ends: datetime
    title: str
    text: str
    points: Sequence[tuple[float, float]]


def files(
    rows: Sequence[Mapping[str, str]], legs: Iterable[Leg], marking: str, made: datetime
) -> dict[str, bytes]:
    """Return files by their names: a table of all tours, and a calendar and routes of each crew.

    Args:
        rows: values of each tour by column, as cells hold them.
        legs: the same tours; their texts say the marking.
        marking: that each row of the table says.
        made: when.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow((*(rows[0] if rows else ()), "marking"))
    table.writerows((*row.values(), marking) for row in rows)
    made_files = {"patrols.csv": text.getvalue().encode()}
    by_crew: dict[str, list[Leg]] = {}
    for leg in legs:
        by_crew.setdefault(leg.crew, []).append(leg)
    for crew, mine in by_crew.items():
        name = re.sub(r"[^A-Za-z0-9._-]", "_", crew).lstrip(".") or "crew"
        while f"{name}.ics" in made_files:
            name += "_"
        made_files |= {f"{name}.ics": calendar(mine, made), f"{name}.gpx": routes(mine)}
    return made_files


def calendar(legs: Iterable[Leg], made: datetime) -> bytes:
    """Return a calendar with an event a tour, at its first point if it has one."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Watchfloor//plans//EN"]
    for one in legs:
        begins, ends = _stamp(one.begins), _stamp(one.ends)
        uid = hashlib.sha256(f"{one.crew} {begins}".encode()).hexdigest()[:32]
        lines += [
            "BEGIN:VEVENT",
            f"UID:{uid}@watchfloor",
            f"DTSTAMP:{_stamp(made)}",
            f"DTSTART:{begins}",
            f"DTEND:{ends}",
            f"SUMMARY:{_text(one.title)}",
            f"DESCRIPTION:{_text(one.text)}",
            *(f"GEO:{latitude:.5f};{longitude:.5f}" for latitude, longitude in one.points[:1]),
            "CLASS:CONFIDENTIAL",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


def routes(legs: Iterable[Leg]) -> bytes:
    """Return a GPX file with a route a tour."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<gpx version="1.1" creator="Watchfloor" xmlns="http://www.topografix.com/GPX/1/1">',
    ]
    for one in legs:
        lines.append(f"<rte><name>{_plain(one.title)}</name><desc>{_plain(one.text)}</desc>")
        lines += [
            f'<rtept lat="{latitude:.6f}" lon="{longitude:.6f}"/>' for latitude, longitude in one.points
        ]
        lines.append("</rte>")
    return "\n".join([*lines, "</gpx>", ""]).encode()


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """Escape a text value (RFC 5545, section 3.3.11)."""
    return _printable(text).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _plain(text: str) -> str:
    return escape(_printable(text))


def _printable(text: str) -> str:
    """Return a text without control characters, which neither format may hold."""
    return "".join(one for one in text.replace("\r\n", "\n") if one == "\n" or one.isprintable())


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
