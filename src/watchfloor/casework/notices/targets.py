"""Targets that a person may follow, a line of text each: lead, subject, place, stretch of the line, view."""

from typing import Final, Literal, NamedTuple

from watchfloor.casework.tasking.spots import place
from watchfloor.cell.acts import refuse
from watchfloor.core.messages import declare
from watchfloor.reference import border

Kind = Literal["lead", "subject", "place", "stretch", "view"]

FARTHEST: Final = 500_000.0
"""Metres that a followed circle has at most."""
LONGEST: Final = 500.0
"""Kilometres of a followed stretch at most."""
REACH: Final = 20_000.0
"""Metres from the line within which something is on a stretch of it."""

NO_CIRCLE: Final = declare("cell.follow-no-circle", "place", "most")
NO_STRETCH: Final = declare("cell.follow-no-stretch", "stretch", "most")


class Circle(NamedTuple):
    """A circle on the ground: degrees and metres."""

    latitude: float
    longitude: float
    radius: float


class Stretch(NamedTuple):
    """Kilometres of a chain of the border."""

    chain: str
    start: float
    end: float

    def circles(self) -> list[Circle]:
        """Return circles that together hold all that lies within `REACH` of the stretch.

        They stand half a reach apart: what is a reach away from the line is within 1.25 of one of them.
        """
        line, step = border.load(), REACH / 2000
        count = max(int((self.end - self.start) / step) + 2, 2)
        kms = [self.start + (self.end - self.start) * n / (count - 1) for n in range(count)]
        return [Circle(*line.at(km, self.chain), 1.25 * REACH) for km in kms]


def circle(text: str) -> Circle:
    """Return the circle of a text such as `45.01,-74.7,5000`. Refused where it is none, or too wide."""
    found = Circle(*place(text))
    if not 0 < found.radius <= FARTHEST:
        refuse(NO_CIRCLE, place=text, most=int(FARTHEST))
    return found


def stretch(text: str) -> Stretch:
    """Return the stretch of a text such as `2060-2075` or `alaska:10-40`. Refused where it is none."""
    chain, _, kms = text.strip().rpartition(":")
    chain, line = chain or "main", border.load()
    try:
        start, end = (float(km) for km in kms.split("-"))
    except ValueError:
        refuse(NO_STRETCH, stretch=text, most=int(LONGEST))
    if chain not in line.chains or not 0 <= start < end <= line.length(chain) or end - start > LONGEST:
        refuse(NO_STRETCH, stretch=text, most=int(LONGEST))
    return Stretch(chain, start, end)


def canonical(kind: Kind, text: str) -> str:
    """Return a target as it is kept, so that following it twice is following it once."""
    if kind == "place":
        return "{:.5f},{:.5f},{:.0f}".format(*circle(text))
    if kind == "stretch":
        return "{}:{:.8g}-{:.8g}".format(*stretch(text))
    return text.strip()
