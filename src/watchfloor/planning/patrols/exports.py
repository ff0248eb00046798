"""Tours as files: a table (CSV), calendars (iCalendar, RFC 5545), routes for navigation (GPX 1.1)."""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from xml.sax.saxutils import escape

from watchfloor.core import icalendar
from watchfloor.core.icalendar import Event, printable


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
    return icalendar.calendar(map(_event, legs), made)


def _event(one: Leg) -> Event:
    name = f"{one.crew} {icalendar.stamp(one.begins)}"
    uid = hashlib.sha256(name.encode()).hexdigest()[:32]
    return Event(uid, one.begins, one.ends, one.title, one.text, next(iter(one.points), None))


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


def _plain(text: str) -> str:
    return escape(printable(text))
