"""Days and moments as options give them."""

from datetime import UTC, date, datetime
from typing import Final

from watchfloor.cli.common import fail

COMMON: Final = range(1900, 2100)
"""Years for which nothing is loaded to know that they are no mistake."""


def day(text: str | None, option: str) -> date:
    """A day from an ISO 8601 text; where none is given, today in UTC."""
    try:
        found = datetime.now(UTC).date() if text is None else date.fromisoformat(text)
    except ValueError:
        return _refused(str(text), option)
    if found.year not in COMMON:
        _refuse_far(found, option)
    return found


def _refuse_far(found: date, option: str) -> None:
    """End with a sentence where a day is so far from ours that it cannot be reckoned with."""
    from watchfloor.cell.wording.dates import YEARS

    if found.year not in YEARS:
        fail(f"{option} {found}: a day of the years {YEARS.start} to {YEARS.stop - 1} belongs here")


def _refused(text: str, option: str) -> date:
    """Ends with the sentence on what is no day; only this brings the store, which not every command needs."""
    from watchfloor.cell.acts import Refusal
    from watchfloor.cell.wording import dates

    try:
        return dates.day(text)
    except Refusal as error:
        fail(f"{option} {text}: {error}")


def moment(text: str, option: str, *, first: bool = False) -> datetime:
    """A moment from an ISO 8601 text, without a zone in UTC; a day alone means its end, or its start."""
    from watchfloor.cell.acts import Refusal
    from watchfloor.cell.wording import dates

    try:
        return dates.moment(text, first=first)
    except Refusal as error:
        fail(f"{option} {text}: {error}")


def as_of(text: str | None) -> int | datetime | None:
    """A log position, a day (its end) or a moment."""
    if text is None:
        return None
    return int(text) if text.isascii() and text.isdigit() else moment(text, "--as-of")
