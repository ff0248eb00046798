"""Calendars (RFC 5545): whole days and moments, any text, lines of 75 octets."""

import re
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from watchfloor.core.icalendar import Event, calendar, printable

MADE = datetime(2026, 12, 2, 1, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=120)


def unfolded(data):
    return data.decode().replace("\r\n ", "").split("\r\n")


def test_a_whole_day_ends_where_the_next_begins_and_takes_nobody_s_time():
    lines = unfolded(calendar([Event("a-1", date(2026, 12, 31), None, "Due", "")], MADE, "deadlines"))
    assert "DTSTART;VALUE=DATE:20261231" in lines
    assert "DTEND;VALUE=DATE:20270101" in lines
    assert "TRANSP:TRANSPARENT" in lines
    assert "UID:a-1@watchfloor" in lines
    assert "PRODID:-//Watchfloor//deadlines//EN" in lines


def test_a_moment_is_written_in_utc_with_its_place():
    begins = datetime(2026, 12, 2, 1, tzinfo=UTC)
    event = Event("b", begins, begins + timedelta(hours=2), "Tour", "", (49.0, -97.2))
    lines = unfolded(calendar([event], MADE))
    assert {"DTSTART:20261202T010000Z", "DTEND:20261202T030000Z", "GEO:49.00000;-97.20000"} <= set(lines)
    assert "TRANSP:TRANSPARENT" not in lines


@given(title=TEXT, text=TEXT)
def test_any_text_comes_back_and_no_line_is_too_long(title, text):
    data = calendar([Event("c", date(2026, 1, 1), None, title, text)], MADE)
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    (said,) = (line[8:] for line in unfolded(data) if line.startswith("SUMMARY:"))
    assert re.sub(r"\\(.)", lambda one: "\n" if one[1] == "n" else one[1], said) == printable(title)
    assert sum(line.startswith("BEGIN:VEVENT") for line in unfolded(data)) == 1
