"""A simulated year: sizes, drift, adversaries, examination. Nearly all of it is judgement.

Prevalence is the one figure that is derived from what was published: seizures of Operation Blizzard
(`reference.public_seizures`) over the items that came past meanwhile and the share of what was hidden that
was found. Neither of these two is public; both are judgement, and are settings.
"""

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from watchfloor.reference import public_seizures

OPERATION: Final = "operation-blizzard"
A_DAY: Final = 300_000
"""Items of post and courier a day, both directions; judgement. Courier low-value shipments alone were 166,169
a day in 2019-20 (`exercise.volumes`), and postal volumes are not published."""
FOUND: Final = 0.10
"""Share of hidden items that the operation found; judgement, since nobody knows what was not found."""

STREAMS: Final = tuple(
    (mode, direction)
    for mode in ("post", "courier", "air-cargo", "vehicle", "marine-container")
    for direction in ("inbound", "outbound")
)
"""Modes and directions; a stream's number is its place here."""
OFTEN: Final = (0.30, 0.15, 0.22, 0.08, 0.05, 0.03, 0.08, 0.05, 0.03, 0.01)
"""Share of each stream of all items; judgement."""


@dataclass(frozen=True, slots=True)
class Published:
    """Published figures of an operation, and for how many days.

    Attributes:
        seizures: of all drugs, at least.
        fentanyl: of them, of fentanyl.
        outbound: share of fentanyl's mass that was leaving the country.
    """

    days: int
    seizures: int
    fentanyl: int
    outbound: float


def published(operation: str = OPERATION) -> Published:
    """Return the published figures of an operation. Raises `KeyError` if the package holds none."""
    said = public_seizures.operations()[operation]
    rows = {one.key: one for one in said.row}
    whole = rows["fentanyl"]
    leaving = sum(float(one.kilograms or 0) for one in said.row if one.part_of == "fentanyl")
    days = (said.until - said.since).days + 1
    return Published(days, rows["all"].count or 0, whole.count or 0, leaving / float(whole.kilograms or 1))


def prevalence(said: Published, a_day: float = A_DAY, found: float = FOUND) -> float:
    """Hidden items per item: seizures, over the items of those days and the share found."""
    return said.seizures / (a_day * said.days) / found


@dataclass(frozen=True, slots=True)
class Means:
    """A way of examining: its share of the budget, and how likely it finds what is there."""

    name: str
    share: float
    sensitivity: float


MEANS: Final = (Means("open", 0.2, 0.95), Means("x-ray", 0.5, 0.80), Means("dog", 0.3, 0.70))
"""Best first. Judgement: no public source gives sensitivities for mail by means."""


@dataclass(frozen=True, slots=True)
class World:
    """One world; a seed makes one year of it.

    Attributes:
        items: benign items a day, on average.
        days: that are counted, after `warm` days in which one rule picks for everybody.
        prevalence: hidden items per benign one, while nobody reacts.
        fentanyl: share of hidden items that is fentanyl, all of one organisation, which ships out.
        organisations: of traffickers, of which `late` begin in the course of the year.
        independents: share of hidden items of senders who ship once and learn nothing.
        craft: share of what they declare that organisations copy from benign items, at first.
        learning: how much craft each change of method adds.
        tolerance: share of losses from which on an organisation changes its method.
        sloppy: chance that a burnt sender, telephone or address is used again.
        transit: days until an organisation knows whether an item has arrived.
        season: by how much trade swings over the year, 0 to 1.
        lanes, platforms: new ones that open in the course of the year.
        tariff: day from which on a threshold changes what values are declared, -1 for none.
        delay: days until an outcome is known to who chose.
    """

    name: str = "plain"
    items: int = 2000
    days: int = 365
    warm: int = 28
    prevalence: float = field(default_factory=lambda: prevalence(published()))
    fentanyl: float = field(default_factory=lambda: published().fentanyl / published().seizures)
    organisations: int = 8
    late: int = 3
    independents: float = 0.25
    craft: float = 0.2
    learning: float = 0.06
    tolerance: float = 0.15
    sloppy: float = 0.15
    transit: int = 6
    season: float = 0.3
    lanes: int = 6
    platforms: int = 2
    tariff: int = 150
    delay: int = 3
    means: tuple[Means, ...] = MEANS

    def __post_init__(self) -> None:
        """Raises `ValueError` for sizes and shares that make no world."""
        for what in ("items", "days", "organisations", "transit", "delay"):
            if getattr(self, what) < 1:
                raise ValueError(f"{what} must be 1 or more, not {getattr(self, what)}")
        for what in ("prevalence", "fentanyl", "independents", "craft", "tolerance", "sloppy", "season"):
            if not 0 <= getattr(self, what) <= 1:
                raise ValueError(f"{what} is a share from 0 to 1, not {getattr(self, what)}")
        if not 0 <= self.late < self.organisations:
            raise ValueError(f"{self.late} of {self.organisations} organisations cannot begin late")


PLAIN: Final = World()
WORLDS: Final = {
    one.name: one
    for one in (
        PLAIN,
        replace(PLAIN, name="crafty", craft=0.4, learning=0.10, tolerance=0.10),
        replace(PLAIN, name="calm", learning=0.0, tolerance=0.6, lanes=0, platforms=0, tariff=-1, season=0.1),
        replace(PLAIN, name="restless", late=5, tolerance=0.08, transit=4, lanes=10, platforms=4, season=0.5),
        replace(PLAIN, name="copying", craft=0.5, learning=0.05, sloppy=0.05),
        replace(PLAIN, name="scarce", prevalence=PLAIN.prevalence / 3),
        replace(PLAIN, name="single", independents=0.6, organisations=6, late=2),
    )
}
"""Worlds by name. `DEVELOPED` were looked at while strategies were made; the others were not."""
DEVELOPED: Final = ("plain", "crafty")


def drawn(seed: int, *what: int) -> np.random.Generator:
    """A generator of its own for each thing of a year, so that what one strategy does moves no other draw."""
    return np.random.default_rng((seed, *what))
