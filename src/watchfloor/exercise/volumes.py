"""How much a Canadian day holds, and what an exercise takes of it: at scale 1, one part in a thousand.

A figure that is public is given with its source; a feed without one says so, and what it holds at scale 1 is
our choice. The storylines are not scaled: a day at scale 1 holds far more of them than a true one would.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

WHOLE_DAY: Final = 1000
"""The scale of a whole day, and the largest."""

SHARE: Final = 1 / WHOLE_DAY
"""Scale 1, as a share of the day."""


def refuse(out: Path, scale: float) -> None:
    """Raises `ValueError` beyond a whole day, `FileExistsError` where the folder holds something."""
    if not 0 < scale <= WHOLE_DAY:
        raise ValueError(f"scale {scale} is not positive, or more than {WHOLE_DAY}, which is a whole day")
    if out.exists() and any(out.iterdir()):
        raise FileExistsError(f"{out} is not empty; name a new folder")


@dataclass(frozen=True, slots=True)
class Volume:
    """Volume of a day.

    Attributes:
        a_day: items in all of Canada.
        source: who says so, for which year; or that nobody does.
    """

    a_day: float
    source: str

    def at(self, scale: float) -> int:
        """Items of an exercise of that scale."""
        return round(self.a_day * SHARE * scale)


PARCELS: Final = Volume(
    60_816_911 / 366,
    "courier low-value shipments of 2019-20, CBSA, Agency statistics for the committee on public safety,"
    " 2 November 2020; postal volumes are not published",
)
TRAVELLERS: Final = Volume(
    86_575_393 / 365, "travellers welcomed in 2023, CBSA, news release of 24 January 2024"
)
PAYMENTS: Final = Volume(
    30_000_000 / 365,
    "transactions reported in a year, FINTRAC to the House of Commons committee on finance (44-1, meeting 4)",
)
VESSELS: Final = Volume(20_000, "our choice: no public count of masters and owners who report in a day")
APPLICATIONS: Final = Volume(
    120_000, "our choice: no public count of study applications that one day decides"
)
REPORTS: Final = Volume(12_000, "our choice: no public count of reports that units write in a day")

VESSELS_HEARD: Final = Volume(
    3_000,
    "our choice: no public count of vessels that one coast hears in a day; the Coast Guard hears 40 to 50"
    " nautical miles from 113 remote sites, each good for 2,000 reports a minute (CCG, Automatic"
    " Identification System)",
)
FLIGHTS: Final = Volume(
    243_999 / 31 / 2,
    "243,999 itinerant movements (take-offs and landings between two airports) in January 2023, Statistics"
    " Canada, The Daily, 29 March 2023; half of them are flights",
)
