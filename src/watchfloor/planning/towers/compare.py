"""Two plans of towers side by side, both seen on the same ground: sites, cost, and cells won and lost."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import declare, reason

NO_PLAN = declare("towers.no-plan", "file")


class Sum(Struct, frozen=True):
    """A figure of the plan compared with, and of this one."""

    then: float
    now: float


class Comparison(Struct, frozen=True):
    """Change that a plan makes.

    Attributes:
        file: the plan compared with.
        gone, new: sites of the other plan alone, and of this one alone.
        cost: of the sites, as the table of sites has it now.
        covered: weight seen, by each column of weights.
        lost, gained: names of cells that only the other plan sees, and only this one.
    """

    file: str
    gone: tuple[str, ...]
    new: tuple[str, ...]
    cost: Sum
    covered: dict[str, Sum]
    lost: tuple[str, ...]
    gained: tuple[str, ...]


def read_sites_of(path: Path) -> tuple[str, ...]:
    """Read the sites of a plan, as `.json` or `.geojson` has it.

    Raises:
        Unusable: the file is no plan.
    """
    try:
        whole = json.loads(path.read_text("utf-8-sig"))
        sites = whole.get("plan", whole)["sites"]
        if all(isinstance(one, str) for one in sites):
            return tuple(sites)
    except (ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError):
        pass
    raise Unusable(reason(NO_PLAN, file=path.name))


def compare(
    file: str,
    then: list[int],
    now: list[int],
    sites: tuple[str, ...],
    costs: npt.NDArray[np.float64],
    cells: tuple[str, ...],
    cover: npt.NDArray[np.bool_],
    weights: dict[str, npt.NDArray[np.float64]],
    times: int,
) -> Comparison:
    """Compare two choices of sites.

    Args:
        file: of the plan compared with.
        then, now: numbers of sites.
        sites, costs, cells: by number.
        cover: which cells each site sees.
        weights: of cells, by column.
        times: sites that must see a cell before it counts.
    """
    before, after = (cover[one].sum(0) >= times for one in (then, now))
    return Comparison(
        file=file,
        gone=tuple(sites[at] for at in then if at not in now),
        new=tuple(sites[at] for at in now if at not in then),
        cost=Sum(float(costs[then].sum()), float(costs[now].sum())),
        covered={
            name: Sum(float(one[before].sum()), float(one[after].sum())) for name, one in weights.items()
        },
        lost=tuple(cells[at] for at in np.flatnonzero(before & ~after)),
        gained=tuple(cells[at] for at in np.flatnonzero(after & ~before)),
    )
