"""Moments as people type them."""

from datetime import UTC, date, datetime, time

from watchfloor.cli.common import fail


def as_of(text: str | None) -> int | datetime | None:
    """A log position, a day (its end) or a moment; without a zone it is UTC."""
    if text is None:
        return None
    if text.isdigit():
        return int(text)
    return moment(text, "--as-of")


def moment(text: str, option: str) -> datetime:
    """A moment from an ISO 8601 text; a day alone means its end."""
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time.max, UTC)
        read = datetime.fromisoformat(text)
    except ValueError as error:
        fail(f"{option} {text!r}: {error}. Write a day (2026-11-24) or a moment (2026-11-24T03:00:00Z).")
    return read if read.tzinfo else read.replace(tzinfo=UTC)
