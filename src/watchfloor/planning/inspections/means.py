"""The means of examination and what they can do on a day, from an `inspection.toml` (a floor's, or a file).

[means.x-ray]                # open, x-ray, dog, trace, weighing or document
capacity = 200               # items a day
a_hour = 15                  # items an hour of its hours, where that is less
hours = "06:00-22:00"        # each day; "00:00-24:00" where nothing is said
days = ["mon", "tue"]        # all where nothing is said
away = [2026-12-25]          # days on which it is not there
modes = ["post", "courier"]  # what it can examine; all where nothing is said
sensitivity = 0.8            # probability that it finds what is there; `FINDS` where nothing is said
unit = "mail-centre"         # who examines

[learning]
uncertain = 0.10             # share of the budget for items of which the score is least sure
at_random = 0.05             # share for an even draw from the rest
least = 0.0                  # chance that the even draw gives each item at least
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from watchfloor.formats.settings import Settings, nearest, read_text
from watchfloor.formats.tabular.fields import INSPECTED_BY, MODES
from watchfloor.planning.inspections.choose import AT_RANDOM, UNCERTAIN

NAME: Final = "inspection.toml"
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FINDS: Final = {"open": 0.95, "dog": 0.7, "x-ray": 0.6, "trace": 0.5, "weighing": 0.2, "document": 0.1}
"""Probability that each finds what is there, where nothing is said. Judgement, for their order alone."""
LEARNING: Final = ("x-ray", "dog", "trace")
"""What examines items that are chosen to learn from: it opens nothing and says more than papers do."""


class Means(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One means of examination; see the head of this module."""

    capacity: int
    a_hour: float | None = None
    hours: str = "00:00-24:00"
    days: tuple[str, ...] = DAYS
    away: tuple[date, ...] = ()
    modes: tuple[str, ...] = MODES
    sensitivity: float | None = None
    unit: str | None = None

    @property
    def open_hours(self) -> float:
        """Hours a day in which it examines; the night counts to the day on which it begins."""
        start, end = _clocks(self.hours)
        return (end - start) if end > start else 24 + end - start

    def on(self, day: date) -> int:
        """Items that it can examine on a day."""
        if DAYS[day.weekday()] not in self.days or day in self.away:
            return 0
        return (
            self.capacity if self.a_hour is None else min(self.capacity, int(self.a_hour * self.open_hours))
        )


class Learning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of the budget is spent to learn."""

    uncertain: float = UNCERTAIN
    at_random: float = AT_RANDOM
    least: float = 0.0


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    means: Mapping[str, Means] = {}
    learning: Learning = Learning()

    def sensitivity(self, name: str) -> float:
        """Probability that a means finds what is there."""
        stated = self.means[name].sensitivity
        return FINDS[name] if stated is None else stated


def load(path: Path) -> Table:
    """The means of a file; none where it is not there. Raises `SettingsError`."""
    return read(read_text(path), str(path)) if path.exists() else Table()


def read(text: str, name: str) -> Table:
    """A table from its text. Raises `SettingsError`, which names the line."""
    file = Settings(text, name)
    found = {key: _means(file, key, value) for key, value in file.values.get("means", {}).items()}
    table = msgspec.structs.replace(file.convert(file.values | {"means": {}}, Table), means=found)
    shares = table.learning
    if min(shares.uncertain, shares.at_random) < 0 or shares.uncertain + shares.at_random > 1:
        raise file.wrong(("learning",), "the shares are 0 or more, and together no more than 1")
    if not 0 <= shares.least <= 1:
        raise file.wrong(("learning", "least"), "is a probability, 0 to 1")
    return table


def _means(file: Settings, key: str, value: object) -> Means:
    if key not in INSPECTED_BY:
        raise file.wrong(("means", key), f"{key!r} is no means{nearest(key, INSPECTED_BY)}")
    one = file.convert(value, Means, ("means", key))
    for field, problem in _problems(one):
        raise file.wrong(("means", key, field), problem)
    return one


def _problems(one: Means) -> Iterator[tuple[str, str]]:
    if one.capacity < 0:
        yield "capacity", "is a number of items a day, 0 or more"
    if one.a_hour is not None and not 0 <= one.a_hour < float("inf"):
        yield "a_hour", "is a number of items an hour, 0 or more"
    if one.sensitivity is not None and not 0 < one.sensitivity <= 1:
        yield "sensitivity", "is a probability above 0, no more than 1"
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)", one.hours):
        yield "hours", f"{one.hours!r} is no span of hours such as 06:00-22:00"
    for field, words, known in (("days", one.days, DAYS), ("modes", one.modes, MODES)):
        for word in words:
            if word not in known:
                yield field, f"there is no {word!r}{nearest(word, known)}"


def _clocks(hours: str) -> tuple[float, float]:
    start, _, end = hours.partition("-")
    first, last = (int(text[:2]) + int(text[3:]) / 60 for text in (start, end))
    return first, last
