"""Days and moments as people type them."""

from datetime import UTC, date, datetime, time

from watchfloor.cli.common import fail


def day(text: str | None, option: str) -> date:
    """A day from an ISO 8601 text; where none is given, today in UTC."""
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"{option} {text}: there is no such day; write one as 2026-11-24")


def moment(text: str, option: str) -> datetime:
    """A moment from an ISO 8601 text, without a zone in UTC; a day alone means its end."""
    if len(text) == len("2026-11-24"):
        return datetime.combine(day(text, option), time.max, UTC)
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        fail(f"{option} {text}: there is no such moment; write a day (2026-11-24) or 2026-11-24T03:00:00Z")
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def as_of(text: str | None) -> int | datetime | None:
    """A log position, a day (its end) or a moment."""
    if text is None:
        return None
    return int(text) if text.isascii() and text.isdigit() else moment(text, "--as-of")
