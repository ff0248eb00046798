"""Days and moments as people type them: ISO 8601, in UTC where no zone is written."""

from datetime import UTC, date, datetime, time
from typing import Final

from watchfloor.cell.acts import Refusal, refuse
from watchfloor.core.messages import declare

DAY: Final = len("2026-11-24")

NO_DAY: Final = declare("cell.no-such-day")
NO_MOMENT: Final = declare("cell.no-such-moment")
NO_FIELD_MOMENT: Final = declare("cell.no-such-moment-in-field", "what_words", "text")
TO_COME: Final = declare("cell.moment-to-come", "at")
YEARS: Final = range(1800, 3000)
"""Of moments that a person types; what is far outside overflows somewhere between time zones."""


def moment_of_field(text: str, field: str, *, first: bool = False) -> datetime | None:
    """Return the moment that a field says, of a day its end or with `first` its start; None if it is empty.

    Raises:
        Refusal: the field says no moment.
    """
    if not text.strip():
        return None
    try:
        found = moment(text.strip(), first=first).astimezone(UTC)
    except (Refusal, OverflowError):
        refuse(NO_FIELD_MOMENT, what_words=field, text=text)
    if found.year not in YEARS:
        refuse(NO_FIELD_MOMENT, what_words=field, text=text)
    return found


def past_moment(text: str, now: datetime) -> datetime:
    """Return a moment that is not after `now`. Raises `Refusal`."""
    then = moment(text)
    if then > now:
        refuse(TO_COME, at=text)
    return then


def day(text: str) -> date:
    """A day. Raises `Refusal`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        refuse(NO_DAY)


def moment(text: str, *, first: bool = False) -> datetime:
    """A moment; a day alone means its end, or with `first` its start. Raises `Refusal`."""
    if len(text) == DAY:
        return datetime.combine(day(text), time.min if first else time.max, UTC)
    try:
        read = datetime.fromisoformat(text)
        read = read if read.tzinfo else read.replace(tzinfo=UTC)
        read.astimezone(UTC)  # a record holds it in UTC, where it may lie before the year 1 or after 9999
    except (ValueError, OverflowError):
        refuse(NO_MOMENT)
    return read
