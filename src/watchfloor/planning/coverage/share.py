"""How much of the line towers can see at most, and what the rest of it rests on."""

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from watchfloor.casework.tasking.assets import Asset
from watchfloor.core.earth import great_circle
from watchfloor.planning.coverage.axis import Axis
from watchfloor.planning.coverage.crossers import CROSSERS
from watchfloor.planning.coverage.schedule import CLASS
from watchfloor.planning.coverage.table import Table

RESTS: Final = ("tower", "patrol", "air", "sensor", "nobody")
"""Classes on which a kilometre and hour may rest: the first of these that looks at it."""
MAST: Final = 100.0
"""Metres within which cameras and radars are of one tower."""
OF_KIND: Final = {
    "camera": "tower",
    "radar": "tower",
    "ground-sensor": "sensor",
    "boat": "patrol",
    "drone": "air",
    "aircraft": "air",
}


def class_of(asset: Asset | None) -> str:
    """Return which of `RESTS` an asset is; a sensor that is only known by its reports is a `sensor`."""
    if asset is None:
        return "sensor"
    found = OF_KIND[asset.kind]
    return "patrol" if found == "tower" and asset.speed_m_s else found


def towers(fleet: Iterable[Asset]) -> list[list[Asset]]:
    """Return the cameras and radars that stand, those of one mast together."""
    masts: list[list[Asset]] = []
    for one in fleet:
        if class_of(one) != "tower":
            continue
        mast = next((mast for mast in masts if _metres(one, mast[0]) <= MAST), None)
        if mast is None:
            masts.append(mast := [])
        mast.append(one)
    return masts


def _metres(one: Asset, other: Asset) -> float:
    places = (np.asarray(value) for each in (one, other) for value in (each.latitude, each.longitude))
    return float(great_circle(*places))


def kilometres_at_most(fleet: Iterable[Asset], where: Axis) -> int:
    """Return the kilometres of the line that some asset has in reach; those that stand never see more.

    A kilometre is in reach where its middle is, for the kind of crosser that is seen farthest.
    """
    reached = np.zeros(len(where), bool)
    for one in fleet:
        farthest = max(kind.reach.get(CLASS[one.kind], 0.0) for kind in CROSSERS.values())
        reached[where.near(one.latitude, one.longitude, one.reach_m * farthest)[0]] = True
    return int(reached.sum())


def rests_on(table: Table, fleet: Mapping[str, Asset]) -> dict[str, float]:
    """Return the share of the cells of a table that rests on each of `RESTS`; together they are 1."""
    first = np.full(table.shape, len(RESTS) - 1)
    for name, part in table.parts.items():
        what = class_of(fleet.get(name))
        seen = part.chance.any(0)
        km, hour = part.km[seen], part.hour[seen]
        first[km, hour] = np.minimum(first[km, hour], RESTS.index(what))
    counts = np.bincount(first.ravel(), minlength=len(RESTS)) / first.size
    return dict(zip(RESTS, counts.tolist(), strict=True))
