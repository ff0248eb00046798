"""Two plans of who looks when, side by side: kilometre-hours, cost, stretches, and who moves.

A plan is the assets that a reader may know of and the watches of each. A change gives another plan; only the
parts of assets that differ are computed anew, and only the cells that those serve (`Table.replace`). Hours
that have begun rest on what was reported, which no plan changes; what is taken out is out of them too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from msgspec import structs

from watchfloor.casework.tasking import assets
from watchfloor.casework.tasking.assets import Asset
from watchfloor.core.earth import great_circle
from watchfloor.formats.settings import Settings
from watchfloor.planning.coverage import schedule
from watchfloor.planning.coverage.axis import Axis, Floats
from watchfloor.planning.coverage.crossers import AFLOAT
from watchfloor.planning.coverage.estimate import Coverage
from watchfloor.planning.coverage.schedule import Schedule, Watch
from watchfloor.planning.coverage.table import Part, Table

FEWEST: Final = 0.005
"""Kilometre-hours of any kind of crosser below which a kilometre counts as unchanged."""
CHANGES: Final = ("added", "removed", "moved", "shifted")
"""Kinds of change of an asset between two plans; one that moves and has other hours has moved."""


class UnknownAssetError(LookupError):
    """A change of an asset that is in no plan of the reader's."""


@dataclass(frozen=True)
class Plan:
    """Assets and their watches.

    Attributes:
        fleet: assets by name.
        watches: of each; an asset without one does not look.
        schedule: whose time zone and conditions hold.
        gone: assets and sensors that are taken out, with what they reported.
    """

    fleet: Mapping[str, Asset]
    watches: Mapping[str, tuple[Watch, ...]]
    schedule: Schedule
    gone: frozenset[str] = frozenset()

    def without(self, name: str) -> "Plan":
        """Return it without an asset."""
        watches = {asset: each for asset, each in self.watches.items() if asset != name}
        fleet = {asset: each for asset, each in self.fleet.items() if asset != name}
        return replace(self, fleet=fleet, watches=watches, gone=self.gone | {name})

    def moved(self, name: str, latitude: float, longitude: float) -> "Plan":
        """Return it with an asset elsewhere. Raises `UnknownAssetError`."""
        there = structs.replace(self._asset(name), latitude=latitude, longitude=longitude)
        return replace(self, fleet={**self.fleet, name: there})

    def shifted(self, name: str, begins: str, ends: str) -> "Plan":
        """Return it with an asset attended to from one time of day to another. Raises `UnknownAssetError`.

        Its days and the stretch that it patrols stay. Without times nobody attends to it.
        """
        self._asset(name)
        own = self.watches.get(name, ()) or (Watch(asset=name),)
        other = tuple(dict.fromkeys(structs.replace(one, begins=begins, ends=ends) for one in own))
        return replace(self, watches={**self.watches, name: other if begins else ()})

    def added(self, fleet: Mapping[str, Asset], watches: tuple[Watch, ...]) -> "Plan":
        """Return it with other assets, and with watches of those and of its own."""
        known = {**self.fleet, **fleet}
        more = dict(self.watches)
        for one in watches:
            if one.asset in known:
                more[one.asset] = (*more.get(one.asset, ()), one)
        return replace(self, fleet=known, watches=more)

    def _asset(self, name: str) -> Asset:
        if name not in self.fleet:
            raise UnknownAssetError(name)
        return self.fleet[name]


def plan_of(fleet: Mapping[str, Asset], known: Schedule) -> Plan:
    """Return the plan of assets by a schedule; its watches of assets that are not there are left out."""
    return Plan({}, {}, known).added(fleet, known.watch)


def read_added(text: str, name: str) -> tuple[Mapping[str, Asset], tuple[Watch, ...]]:
    """Read assets and watches that are added to a plan, as assets.toml and coverage.toml write them.

    Raises `SettingsError`, which names the line.
    """
    file = Settings(text, name)
    for key in file.values:
        if key not in ("assets", "watch"):
            raise file.wrong((key,), "only [assets.NAME] and [[watch]] can be added")
    fleet = assets.checked(file, {"assets": file.values.get("assets", {})})
    return fleet.assets, schedule.checked(file, {"watch": file.values.get("watch", [])}).watch


def table_of(found: Coverage, known: Plan, other: Plan) -> Table:
    """Return the table of another plan; the one that was found stays as it is.

    Args:
        found: coverage by the plan that is known.
        known: that plan.
        other: the one that is asked for.
    """
    table = found.table.without(())
    for name in sorted({*known.fleet, *known.watches, *other.fleet, *other.watches, *other.gone}):
        if name in other.gone:
            table.replace(name, None)
        elif _looks(known, name) != _looks(other, name):
            table.replace(name, _part(found, other, name))
    return table


def _looks(plan: Plan, name: str) -> tuple[Asset | None, tuple[Watch, ...], str]:
    return plan.fleet.get(name), plan.watches.get(name, ()), plan.schedule.zone


def _part(found: Coverage, plan: Plan, name: str) -> Part | None:
    """Return what an asset reported in the hours that have begun, and what it will see by a plan."""
    parts = []
    if before := found.table.parts.get(name):
        past = before.hour < found.begun
        parts.append(Part(before.km[past], before.hour[past], np.ascontiguousarray(before.chance[:, past])))
    asset, watches, _ = _looks(plan, name)
    if asset and watches and found.begun < found.table.shape[1]:
        parts.append(replace(found, plan=plan.schedule).part(asset, watches))
    joined = schedule.joined(parts[0], parts[1]) if len(parts) > 1 else next(iter(parts), None)
    return joined if joined is not None and len(joined.km) else None


class Hours(NamedTuple):
    """Kilometre-hours of a kind of crosser, each counted by its chance; `most`: if all were seen."""

    before: float
    after: float
    most: float


class Change(NamedTuple):
    """A run of kilometres that gains or loses, and by how many kilometre-hours of each kind."""

    km: int
    to: int
    by_kind: dict[str, float]

    @property
    def size(self) -> float:
        """Return the gain or loss of the kind that has the largest."""
        return max(self.by_kind.values(), key=abs)


class Move(NamedTuple):
    """An asset between two plans.

    Attributes:
        what: one of `CHANGES`.
        metres: that it is moved by.
        before, after: hours in which somebody attends to it.
        dollars_before, dollars_after: what those cost; None where `assets.toml` says no cost.
    """

    asset: str
    what: str
    metres: float
    before: float
    after: float
    dollars_before: float | None
    dollars_after: float | None


def possible(where: Axis, kinds: tuple[str, ...]) -> Floats:
    """Return 1 where a kind of crosser can cross a kilometre, else 0, of shape (kinds, kilometres)."""
    water = np.array([where.stretch(km).ground != "land" for km in range(len(where))])
    return np.array([water if kind in AFLOAT else np.ones(len(where)) for kind in kinds], np.float64)


def kilometre_hours(before: Table, after: Table, where: Axis) -> dict[str, Hours]:
    """Return the kilometre-hours of each kind in two tables."""
    can = possible(where, before.kinds)
    sums = [((table.shape[1] - table.missed.sum(2)) * can).sum(1) for table in (before, after)]
    most = can.sum(1) * before.shape[1]
    return {
        kind: Hours(*(float(each[number]) for each in (*sums, most)))
        for number, kind in enumerate(before.kinds)
    }


def changes(before: Table, after: Table, where: Axis) -> list[Change]:
    """Return the runs of kilometres that gain or lose, the largest first."""
    difference = (before.missed.sum(2) - after.missed.sum(2)) * possible(where, before.kinds)
    least = np.abs(difference).max(0) >= FEWEST
    way = np.where(least, np.sign(difference.sum(0)), 0.0)
    edges = np.flatnonzero(np.diff(way, prepend=0.0, append=0.0))
    found = [
        Change(int(km), int(to), dict(zip(before.kinds, difference[:, km:to].sum(1).tolist(), strict=True)))
        for km, to in pairwise(edges)
        if way[km]
    ]
    return sorted(found, key=lambda one: (-abs(one.size), one.km))


def moves(found: Coverage, before: Plan, after: Plan) -> Iterator[Move]:
    """Yield the change of each asset that differs, by name."""
    for name in sorted({*before.fleet, *after.fleet}):
        one, other = before.fleet.get(name), after.fleet.get(name)
        hours, later = (_attended(found, plan, name) for plan in (before, after))
        metres = 0.0
        if one and other:
            places = ((each.latitude, each.longitude) for each in (one, other))
            metres = float(great_circle(*(np.asarray(each) for place in places for each in place)))
        if one is None or other is None:
            what = "removed" if other is None else "added"
        elif metres:
            what = "moved"
        elif one != other or before.watches.get(name, ()) != after.watches.get(name, ()):
            what = "shifted"
        else:
            continue
        yield Move(name, what, metres, hours, later, _dollars(one, hours), _dollars(other, later))


def cost(found: Coverage, plan: Plan) -> tuple[float, list[str]]:
    """Return the dollars of the hours to come of a plan, and its assets of which nobody said the cost."""
    dollars, unknown = 0.0, []
    for name in sorted(plan.fleet):
        if hours := _attended(found, plan, name):
            each = _dollars(plan.fleet[name], hours)
            dollars += each or 0.0
            unknown += [name] if each is None else []
    return dollars, unknown


def _attended(found: Coverage, plan: Plan, name: str) -> float:
    """Return the hours to come in which somebody attends to an asset."""
    count = found.table.shape[1] - found.begun
    start = found.start + timedelta(hours=found.begun)
    shares = np.zeros(count)
    for watch in plan.watches.get(name, ()) if count else ():
        shares = np.maximum(shares, watch.hours(start, count, plan.schedule.zoneinfo))
    return float(shares.sum())


def _dollars(asset: Asset | None, hours: float) -> float | None:
    if asset is None or not hours:
        return 0.0
    return None if asset.dollars_hour is None else asset.dollars_hour * hours
