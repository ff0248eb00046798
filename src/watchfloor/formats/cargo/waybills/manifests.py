"""A flight's manifest while it is read: its airports of unloading, and how many waybills are for each."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from watchfloor.formats.cargo.manifests import direction
from watchfloor.formats.cargo.waybills.airports import country_of


class Counted(NamedTuple):
    """How many consignments a manifest has for one airport."""

    manifest: str
    leaves: datetime
    loading: str
    unloading: str
    arrives: datetime | None
    waybills: int
    locator: str

    @property
    def direction(self) -> str | None:
        """Which way the flight goes there; None where an airport is unknown or neither is in Canada."""
        return direction(country_of(self.loading), country_of(self.unloading), ())

    @property
    def nowhere(self) -> str:
        """Return the sentence on a count of no direction."""
        return (
            f"the manifest {self.manifest} for {self.unloading}: neither airport is known to be in Canada, so"
            " its waybills are counted in no stream"
        )


@dataclass(slots=True)
class Stop:
    """An airport of unloading, and the waybills for it."""

    place: str
    arrives: datetime | None
    locator: str
    waybills: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Manifest:
    """A flight's manifest so far; `lines` counts those of all its messages."""

    flight: str
    leaves: datetime
    loading: str
    stops: dict[str, Stop] = field(default_factory=dict)
    lines: int = 0

    @property
    def key(self) -> str:
        """Flight, day, airport of loading."""
        return f"{self.flight}/{self.leaves:%Y-%m-%d}/{self.loading}"

    def counts(self) -> Iterator[Counted]:
        """How many waybills it has for each airport."""
        for stop in self.stops.values():
            about = (self.key, self.leaves, self.loading, stop.place, stop.arrives)
            yield Counted(*about, len(stop.waybills), stop.locator)
