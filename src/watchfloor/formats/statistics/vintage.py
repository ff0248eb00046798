"""The day by which a file of statistics was public: its vintage.

CBP's files do not say it. It is taken from the file's name, else from what a person said of the feed, else
inferred from the newest month in it: the last day of the month after, which is late rather than early.
"""

import re
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

from watchfloor.formats.base import FormatError
from watchfloor.formats.statistics.months import last_day_after

STATED, INFERRED = "stated", "inferred"
DATED: Final = (STATED, INFERRED)
"""How the day of a vintage may be known."""

_DAY: Final = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")


class Vintage(NamedTuple):
    """Midnight (UTC) at the start of the day, and how it is known."""

    published: datetime
    dated: str


def vintage(name: str, base_time: datetime | None, newest: int) -> Vintage:
    """The vintage of a file. Raises `FormatError` where its name holds a day that does not exist.

    Args:
        name: of the file: the last ISO day in it counts, `encounters@2026-01-20.csv`.
        base_time: what the feed says.
        newest: the number of the newest month in the file, as `formats.statistics.months` counts.
    """
    if (named := day_in(name)) is not None:
        return Vintage(datetime(named.year, named.month, named.day, tzinfo=UTC), STATED)
    if base_time is not None:
        said = base_time.astimezone(UTC)
        return Vintage(datetime(said.year, said.month, said.day, tzinfo=UTC), STATED)
    return Vintage(last_day_after(newest), INFERRED)


def day_in(name: str) -> date | None:
    """The last ISO day in a file's name. Raises `FormatError` for one that does not exist."""
    found = _DAY.findall(name)
    if not found:
        return None
    try:
        return date.fromisoformat(found[-1])
    except ValueError as error:
        raise FormatError(
            f"{name}: {found[-1]} in the file's name is no day; name it for when it was published"
        ) from error
