"""A plan of towers: sites chosen over terrain, with its bound, its inputs, and its drawing."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely
from msgspec import Struct
from msgspec.structs import replace

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.formats.terrain import Repairs, Terrain, TerrainError, read, repair
from watchfloor.formats.terrain.raster import VOID
from watchfloor.formats.terrain.systems import to_earth
from watchfloor.planning.towers.access import Access, Distances, distances_to
from watchfloor.planning.towers.choose import GAP, SECONDS, Choice, Limits, choose
from watchfloor.planning.towers.compare import Comparison, compare, read_sites_of
from watchfloor.planning.towers.relay import Network, Radio, connect, distances, losses, unreachable
from watchfloor.planning.towers.shapes import read_shapes
from watchfloor.planning.towers.sight import OutsideError, Points, Sights, obstructions, sights
from watchfloor.planning.towers.tables import CellTable, SiteTable, read_cells, read_sites, read_weights
from watchfloor.planning.towers.uncertainty import Doubt, choose_robust, probabilities
from watchfloor.planning.towers.uncertainty import visibility as visibility_of_realisations
from watchfloor.planning.towers.viewshed import viewshed
from watchfloor.reference import border

UNKNOWN_SITE = declare("towers.unknown-site", "name", "option")
KEPT_AND_FORBIDDEN = declare("towers.kept-and-forbidden", "name", "why")
KEPT_COST = declare("towers.kept-cost", "cost", "budget")
BUYS_NOTHING = declare("towers.buys-nothing", "budget", "least")
NO_SITE_LEFT = declare("towers.no-site-left", "count", "name", "why")
MOSTLY_VOID = declare("towers.mostly-void", "file", "share")
REPAIRED = declare("towers.repaired", "count")
NOT_REPAIRED = declare("towers.not-repaired", "count")
FILLED = declare("towers.filled", "count")
VOIDS_LEFT = declare("towers.voids-left", "count")
KEPT_APART = declare("towers.kept-apart", "name", "loss")
RELAY_UNCERTAIN = declare("towers.relay-uncertain")
ACROSS_LINE = declare("towers.across-line", "count", "name")
BAD_FUELS = declare("towers.bad-fuels", "file")
BAD_OPTION = declare("towers.bad-option", "option", "value")
SAME_PLACE = declare("towers.same-place", "count", "name")

PAIRS: Final = pa.schema([("site", pa.string()), ("cell", pa.string()), ("visible", pa.bool_())])
"""A row a pair of a site and a cell."""

ROWS_AT_ONCE: Final = 2_000_000
"""Pairs of a table that is held in memory."""

TEN: Final = 10
"""Cells that are named because they change a plan most."""
VOID_SHARE: Final = 0.5
"""Share of voids above which terrain is refused."""


class Inputs(Struct, frozen=True):
    """Inputs of lines of sight and of plans.

    Attributes:
        terrain: a grid of heights.
        sites, cells: tables; see `tables`. A viewshed has no cells.
        mast, target, reach: metres, where a table does not say.
        heights: `metre` or `foot`, where the grid does not say.
        as_is: spikes, pits and voids stay as the grid has them.
    """

    terrain: Path
    sites: Path
    cells: Path | None
    mast: float = 30.0
    target: float = 1.7
    reach: float = np.inf
    heights: str = ""
    as_is: bool = False


class Loaded(Struct, frozen=True):
    """Inputs as they were read."""

    terrain: Terrain
    repairs: Repairs
    sites: SiteTable
    cells: CellTable


class Errors(Struct, frozen=True):
    """Errors of the ground that a plan should bear.

    Attributes:
        rmse: of heights, metres.
        correlation: metres at which the correlation of two errors falls to 1/e.
        fuels: a grid of numbers of FBP fuel types; without one there is no forest.
        realisations, seed: how many, and from where.
    """

    rmse: float
    correlation: float = 500.0
    fuels: Path | None = None
    realisations: int = 100
    seed: int = 0


class Uncertainty(Struct, frozen=True):
    """Cover of a plan over realisations of the ground.

    Attributes:
        mean, worst_tenth: weight covered on average, and on average over the worst tenth.
        as_given: weight covered on the terrain as it is given.
        cells: the ten cells with the largest shares of the variance of the cover, by name.
        rmse, correlation, realisations, seed: see `Errors`.
    """

    mean: float
    worst_tenth: float
    as_given: float
    cells: dict[str, float]
    rmse: float
    correlation: float
    realisations: int
    seed: int


class Terms(Struct, frozen=True):
    """Terms of a plan.

    Attributes:
        count: of towers, those kept included; or
        budget: what they may cost together.
        keep, forbid: names of sites that must be, or may not be, in the plan.
        areas: a GeoJSON file of areas in which no tower may stand.
        weights: a table of cells and weights, or the name of the column of cells that has them.
        times: towers that must see a cell before it counts.
        gap, seconds: when the search ends.
        errors: of the ground, over which the plan is to be good.
        radio: hops by which each tower must reach every other one.
        hub: the name of the site that they must reach; it is in the plan.
        access: roads and power lines that a site needs, at a cost.
        against: the file of a plan to compare with.
    """

    count: int = 15
    budget: float | None = None
    keep: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()
    areas: Path | None = None
    weights: str = ""
    times: int = 1
    gap: float = GAP
    seconds: float = SECONDS
    errors: Errors | None = None
    radio: Radio | None = None
    hub: str = ""
    access: Access | None = None
    against: Path | None = None


class Cost(Struct, frozen=True):
    """Cost of a chosen site; of it `access` is for roads and power lines, so many metres away."""

    site: str
    cost: float
    access: float
    road: int | None
    power: int | None


class Hop(Struct, frozen=True):
    """A radio hop between two towers: metres, and decibels of loss."""

    sites: tuple[str, str]
    metres: int
    loss: float


class Relay(Struct, frozen=True):
    """The network of a plan.

    Attributes:
        frequency: megahertz.
        hop, loss: metres and decibels that a hop has at most.
        hub: the site that all must reach; empty where they must only reach one another.
        hops: that hold the network together with the least loss.
        unreachable: sites that no path within the budget joins to it.
        without: weight that the best choice found without the rule covers.
    """

    frequency: float
    hop: float
    loss: float
    hub: str
    hops: tuple[Hop, ...]
    unreachable: int
    without: float


class Plan(Struct, frozen=True):
    """A plan of towers and its basis; it always has a `gap`.

    Attributes:
        sites: names, those kept first, then by what each adds.
        gains: what each adds to those before it.
        covered, bound, gap: weight of the cells seen; no plan within these terms covers more than the bound;
            the gap is the share by which another plan might be better.
        trivial: weight that all sites together would cover.
        greedy: weight that the simplest rule covers.
        weight: of all cells.
        seconds: the search took.
        barred: sites that an area or `--forbid` rules out, and why.
        inputs: SHA-256 of each file.
        repairs: cells of the grid that were repaired.
        notes: cautions about the terrain.
        version: of the program.
        uncertainty: cover over realisations; then `covered`, `bound` and `gap` are of half the mean and half
            the worst tenth, and `trivial` and `greedy` of the terrain as it is given.
        relay: the network, where one was asked for.
        terms: options that it was made with, but for the files, which `inputs` has.
        costs: of each site, where the table, --roads or --power has some; and `cost` of all.
        against: what the plan changes, where it is compared with another.
    """

    sites: tuple[str, ...]
    gains: tuple[float, ...]
    covered: float
    bound: float
    gap: float
    trivial: float
    greedy: float
    weight: float
    seconds: float
    barred: dict[str, str]
    inputs: dict[str, str]
    repairs: dict[str, int]
    notes: tuple[Reason, ...]
    version: str
    uncertainty: Uncertainty | None = None
    relay: Relay | None = None
    terms: dict[str, Any] = {}
    costs: tuple[Cost, ...] = ()
    cost: float = 0.0
    against: Comparison | None = None


def load(inputs: Inputs, weight: str = "") -> Loaded:
    """Read tables and the part of the terrain that they need.

    Args:
        inputs: files, and what stands where they do not say.
        weight: the column of cells that has their weights, where it has another name.

    Raises:
        Unusable: an input cannot be used; the reason says which and why.
    """
    assert inputs.cells
    _refuse_infinite(mast=inputs.mast, target=inputs.target)
    if np.isnan(inputs.reach):
        raise Unusable(reason(BAD_OPTION, option="--range", value="nan"))
    sites = read_sites(inputs.sites, inputs.mast, inputs.reach)
    cells = read_cells(inputs.cells, inputs.target, weight)
    x, y = (np.concatenate([getattr(one.points, name) for one in (sites, cells)]) for name in ("x", "y"))
    box = (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    terrain, repairs = _read_terrain(inputs, box)
    return Loaded(terrain, repairs, sites, cells)


def _refuse_infinite(**options: float) -> None:
    """Refuse what a person may type for a number and is none that can be planned with: nan, inf."""
    for name, value in options.items():
        if not np.isfinite(value):
            raise Unusable(reason(BAD_OPTION, option=f"--{name}", value=str(value)))


def _read_terrain(inputs: Inputs, box: tuple[float, float, float, float] | None) -> tuple[Terrain, Repairs]:
    try:
        terrain = read(inputs.terrain, box, inputs.heights)
    except TerrainError as error:
        raise Unusable(error.reason) from None
    share = float(np.isnan(terrain.heights).mean())
    if share > VOID_SHARE and not inputs.as_is:
        raise Unusable(reason(MOSTLY_VOID, file=inputs.terrain.name, share=round(100 * share)))
    whole, repairs = repair(terrain)
    return terrain if inputs.as_is else whole, repairs


def cautions(terrain: Terrain, repairs: Repairs, as_is: bool) -> tuple[Reason, ...]:
    """Return what a reader should know of the terrain: of its file, and of repairs."""
    wrong = repairs.spikes + repairs.pits
    left = int(np.isnan(terrain.heights).sum())
    counts = {
        NOT_REPAIRED if as_is else REPAIRED: wrong,
        FILLED: 0 if as_is else repairs.filled,
        VOIDS_LEFT: left,
    }
    return (*terrain.notes, *(reason(one, count=count) for one, count in counts.items() if count))


def visibility(loaded: Loaded, progress: Callable[[str], None] = lambda _: None) -> Sights:
    """Return which cells each site sees.

    Raises:
        Unusable: a site or cell is outside of the terrain or on a void.
    """
    try:
        return sights(loaded.terrain, loaded.sites.points, loaded.cells.points, progress)
    except OutsideError as error:
        raise Unusable(error.reason) from None


def viewshed_of(
    inputs: Inputs, name: str, fast: bool
) -> tuple[npt.NDArray[np.uint8], Terrain, tuple[Reason, ...]]:
    """Return what a site sees: by cell of the terrain 1 or 0, or 255 on a void; the terrain; and cautions.

    Raises:
        Unusable: an input cannot be used, or the site lies outside of the terrain or on a void.
    """
    _refuse_infinite(mast=inputs.mast, target=inputs.target)
    points = read_sites(inputs.sites, inputs.mast, inputs.reach).points
    (at,) = _numbers(points, (name,), "--viewshed")
    site = Points((name,), *(getattr(points, each)[at : at + 1] for each in points.__slots__[1:]))
    x, y, reach = (float(one[0]) for one in (site.x, site.y, site.reach))
    # Of a grid in degrees all is read: a degree of longitude has no one length.
    box = (x - reach, y - reach, x + reach, y + reach)
    terrain, repairs = _read_terrain(
        inputs, box if np.isfinite(reach) and max(abs(x), abs(y)) > 400 else None
    )
    try:
        visible = viewshed(terrain, site, inputs.target, fast).astype(np.uint8)
    except OutsideError as error:
        raise Unusable(error.reason) from None
    visible[np.isnan(terrain.heights)] = VOID
    return visible, terrain, cautions(terrain, repairs, inputs.as_is)


def plan(
    inputs: Inputs, terms: Terms, progress: Callable[[str], None] = lambda _: None
) -> tuple[Plan, Loaded]:
    """Choose towers.

    Raises:
        Unusable: an input or a term cannot be used.
    """
    progress("reading")
    _refuse_infinite(gap=terms.gap, seconds=terms.seconds)
    if terms.budget is not None:
        _refuse_infinite(budget=terms.budget)
    if terms.radio:
        if terms.errors:
            raise Unusable(reason(RELAY_UNCERTAIN))
        _refuse_infinite(relay=terms.radio.frequency, hop=terms.radio.hop, loss=terms.radio.loss)
        _refuse_infinite(antenna=terms.radio.antenna or 0.0)
    if terms.errors:
        _refuse_infinite(rmse=terms.errors.rmse, correlation=terms.errors.correlation)
    table = Path(terms.weights) if terms.weights and Path(terms.weights).is_file() else None
    loaded = load(inputs, "" if table else terms.weights)
    away = Distances(None, None)
    if terms.access:
        _refuse_infinite(**{"per-km": terms.access.per_km})
        away = distances_to(terms.access, loaded.terrain, loaded.sites.points)
        costs = loaded.sites.costs + away.costs(terms.access.per_km)
        loaded = replace(loaded, sites=loaded.sites._replace(costs=costs))
    points, costs = loaded.sites.points, loaded.sites.costs
    then = _numbers(points, read_sites_of(terms.against), "--against") if terms.against else None
    weights = read_weights(table, loaded.cells.points.names) if table else loaded.cells.weights
    if terms.budget is None:
        costs = np.ones_like(costs)
    budget = float(terms.count) if terms.budget is None else terms.budget
    barred = _barred(loaded, terms)
    hub = _numbers(points, (terms.hub,), "--hub") if terms.hub else []
    keep = tuple(dict.fromkeys([*hub, *_numbers(points, terms.keep, "--keep")]))
    for name in (*terms.keep, *filter(None, [terms.hub])):
        if name in barred:
            raise Unusable(reason(KEPT_AND_FORBIDDEN, name=name, why=barred[name]))
    if (cost := float(costs[list(keep)].sum())) > budget:
        raise Unusable(reason(KEPT_COST, cost=cost, budget=budget))
    free = [at for at, name in enumerate(points.names) if name not in barred]
    if not budget > 0 or (not keep and (not free or float(costs[free].min()) > budget)):
        if not free:
            name, why = next(iter(barred.items()))
            raise Unusable(reason(NO_SITE_LEFT, count=len(barred), name=name, why=why))
        raise Unusable(reason(BUYS_NOTHING, budget=budget, least=float(costs[free].min())))
    forbid = tuple(at for at, name in enumerate(points.names) if name in barred)
    visible = visibility(loaded, progress)
    seconds, loss = 0.0 if terms.errors else terms.seconds, None
    if terms.radio:  # half of the time is for the bound, half for the network
        seconds, loss = seconds / 2, losses(loaded.terrain, points, terms.radio, progress)
        beyond = _unreachable(
            points, loss <= terms.radio.loss, Limits(costs, budget, keep, forbid), terms.radio
        )
        forbid = tuple(sorted({*forbid, *beyond}))
    limits = Limits(costs, budget, keep, forbid, terms.times)
    choice = choose(visible, weights, limits, terms.gap, seconds, progress)
    fuels = terms.errors.fuels if terms.errors else None
    files = (inputs.terrain, inputs.sites, inputs.cells, terms.areas, table, fuels, *(terms.access or ())[:2])
    digests: dict[str, str] = {}
    for path in filter(None, (*files, terms.against)):
        digests[str(path) if path.name in digests else path.name] = _digest(path)
    record = _record(choice, digests, loaded, weights, barred, inputs.as_is)
    if terms.radio and loss is not None:
        network = connect(
            visible.matrix(),
            weights,
            limits,
            loss,
            terms.radio.loss,
            seconds,
            known=choice.sites,
            progress=progress,
        )
        if network is None:
            raise Unusable(reason(KEPT_APART, name=points.names[keep[-1]], loss=terms.radio.loss))
        record = _joined(record, network, terms, loaded, loss, len(forbid) - len(barred))
    if terms.errors:
        record = _bear(record, terms.errors, loaded, weights, limits, progress)
    record = replace(record, terms=_options(inputs, terms))
    record = _priced(record, loaded, away, terms.access.per_km if terms.access else 0.0)
    if then is not None and terms.against:
        now = [points.names.index(name) for name in record.sites]
        columns = {"weight": weights, **loaded.cells.columns}
        comparison = compare(
            terms.against.name,
            then,
            now,
            points.names,
            loaded.sites.costs,
            loaded.cells.points.names,
            visible.matrix(),
            columns,
            terms.times,
        )
        record = replace(record, against=comparison)
    return record, loaded


def _options(inputs: Inputs, terms: Terms) -> dict[str, Any]:
    """Return options by their names."""
    return {
        "count": terms.count if terms.budget is None else None,
        "budget": terms.budget,
        "weights": Path(terms.weights).name,
        "keep": list(terms.keep),
        "forbid": list(terms.forbid),
        "times": terms.times,
        "gap": terms.gap,
        "seconds": terms.seconds,
        "mast": inputs.mast,
        "target": inputs.target,
        "range": inputs.reach if np.isfinite(inputs.reach) else None,
        "heights": inputs.heights,
        "as_is": inputs.as_is,
        "antenna": terms.radio.antenna if terms.radio else None,
        "per_km": terms.access.per_km if terms.access else None,
    }


def _priced(record: Plan, loaded: Loaded, away: Distances, per_km: float) -> Plan:
    """Return a plan with the cost of each site."""
    points, costs = loaded.sites.points, loaded.sites.costs
    if not loaded.sites.priced and not any(one is not None for one in away):
        return record
    each = []
    for at in (points.names.index(name) for name in record.sites):
        road, power = (None if one is None else round(float(one[at])) for one in away)
        access = sum(float(one[at]) for one in away if one is not None) * per_km / 1_000
        each.append(Cost(points.names[at], float(costs[at]), access, road, power))
    return replace(record, costs=tuple(each), cost=sum(one.cost for one in each))


def _unreachable(points: Points, linked: npt.NDArray[np.bool_], limits: Limits, radio: Radio) -> list[int]:
    """Return sites that cannot be joined to the first of those kept; refuse where another kept one is."""
    if not limits.keep:
        return []
    away = unreachable(linked, limits.keep[0], limits)
    if apart := [at for at in limits.keep if away[at]]:
        raise Unusable(reason(KEPT_APART, name=points.names[apart[0]], loss=radio.loss))
    return [int(at) for at in np.flatnonzero(away)]


def _joined(
    record: Plan,
    network: Network,
    terms: Terms,
    loaded: Loaded,
    loss: npt.NDArray[np.float64],
    unreachable: int,
) -> Plan:
    """Return the plan of a network, in place of one without the rule, whose bound holds for it too."""
    assert terms.radio
    points, bound = loaded.sites.points, max(record.bound, network.covered)
    metres = distances(loaded.terrain, points)
    return replace(
        record,
        sites=tuple(points.names[at] for at in network.sites),
        gains=network.gains,
        covered=network.covered,
        bound=bound,
        gap=(bound - network.covered) / network.covered if network.covered else 0.0,
        seconds=round(record.seconds + network.seconds, 3),
        relay=Relay(
            frequency=terms.radio.frequency,
            hop=terms.radio.hop,
            loss=terms.radio.loss,
            hub=terms.hub,
            hops=tuple(
                Hop((points.names[a], points.names[b]), round(metres[a, b]), round(float(loss[a, b]), 1))
                for a, b in network.hops
            ),
            unreachable=unreachable,
            without=record.covered,
        ),
    )


def _bear(
    record: Plan,
    errors: Errors,
    loaded: Loaded,
    weights: npt.NDArray[np.float64],
    limits: Limits,
    progress: Callable[[str], None],
) -> Plan:
    """Return a plan that is good over errors of the ground, in place of one for the terrain alone."""
    began = time.perf_counter()
    sites, cells = loaded.sites.points, loaded.cells.points
    doubt = _doubt(errors, loaded.terrain)
    choice = choose_robust(
        visibility_of_realisations(loaded.terrain, sites, cells, doubt, progress), weights, limits
    )
    largest = np.argsort(-choice.shares, kind="stable")[:TEN]
    as_given = visibility(loaded).matrix()[list(choice.sites)].sum(0) >= limits.times
    return replace(
        record,
        sites=tuple(sites.names[at] for at in choice.sites),
        gains=choice.gains,
        covered=choice.covered,
        bound=choice.bound,
        gap=(choice.bound - choice.covered) / choice.covered if choice.covered else 0.0,
        seconds=round(record.seconds + time.perf_counter() - began, 3),
        uncertainty=Uncertainty(
            mean=choice.mean,
            worst_tenth=choice.worst,
            as_given=float(weights[as_given].sum()),
            cells={cells.names[at]: float(choice.shares[at]) for at in largest if choice.shares[at] > 0},
            rmse=errors.rmse,
            correlation=errors.correlation,
            realisations=errors.realisations,
            seed=errors.seed,
        ),
    )


def _fuels(path: Path, terrain: Terrain) -> npt.NDArray[np.int64]:
    """Read fuel types at the centres of terrain; where the grid has none there is no forest."""
    rows, columns = terrain.heights.shape
    x = terrain.west + terrain.step_x * np.arange(columns)
    y = terrain.north - terrain.step_y * np.arange(rows)
    try:
        grid = read(path, (float(x[0]), float(y[-1]), float(x[-1]), float(y[0])))
    except TerrainError as error:
        raise Unusable(error.reason) from None
    column = np.round((x - grid.west) / grid.step_x).astype(np.int64)
    row = np.round((grid.north - y) / grid.step_y).astype(np.int64)
    inside = ((row >= 0) & (row < grid.heights.shape[0]))[:, None] & (
        (column >= 0) & (column < grid.heights.shape[1])
    )
    types = np.nan_to_num(grid.heights, nan=0).astype(np.int64)
    if (types != np.nan_to_num(grid.heights, nan=0)).any():
        raise Unusable(reason(BAD_FUELS, file=path.name))
    found = types[np.clip(row, 0, len(types) - 1)[:, None], np.clip(column, 0, types.shape[1] - 1)]
    return np.where(inside, found, 0)


def _record(
    choice: Choice,
    digests: dict[str, str],
    loaded: Loaded,
    weights: npt.NDArray[np.float64],
    barred: dict[str, str],
    as_is: bool,
) -> Plan:
    names = loaded.sites.points.names
    notes = cautions(loaded.terrain, loaded.repairs, as_is) + _notes_of_sites(loaded)
    return Plan(
        sites=tuple(names[at] for at in choice.sites),
        gains=choice.gains,
        covered=choice.covered,
        bound=choice.bound,
        gap=choice.gap,
        trivial=choice.trivial,
        greedy=choice.greedy,
        weight=float(weights.sum()),
        seconds=round(choice.seconds, 3),
        barred=barred,
        inputs=digests,
        repairs=asdict(loaded.repairs),
        notes=notes,
        version=version("watchfloor"),
    )


def _notes_of_sites(loaded: Loaded) -> tuple[Reason, ...]:
    """Return what is to be known of sites: that some share a place, or lie on both sides of the line."""
    points, notes = loaded.sites.points, []
    places = dict[tuple[float, float], str]()
    again = [
        name
        for name, x, y in zip(points.names, points.x.tolist(), points.y.tolist(), strict=True)
        if places.setdefault((x, y), name) != name
    ]
    if again:
        notes.append(reason(SAME_PLACE, count=len(again), name=again[0]))
    with suppress(TerrainError, ValueError):  # it is nowhere on Earth, or beyond a pole
        longitude, latitude = to_earth(loaded.terrain, points.x, points.y)
        side = border.load().side(latitude, longitude)
        if "CAN" in side and (beyond := np.flatnonzero(side == "USA")).size:
            notes.append(reason(ACROSS_LINE, count=len(beyond), name=points.names[beyond[0]]))
    return tuple(notes)


def pairs(
    visible: Sights, loaded: Loaded, more: Mapping[str, npt.NDArray[np.float64]] = MappingProxyType({})
) -> Iterator[pa.Table]:
    """Yield each site with every cell, in the order of the tables, in parts.

    Args:
        visible, loaded: sights, and of what.
        more: further columns, a row a site; what is not finite has no value.
    """
    sites, cells = loaded.sites.points.names, pa.array(loaded.cells.points.names)
    step = max(1, ROWS_AT_ONCE // visible.cells)
    for first in range(0, len(sites), step):
        part = slice(first, first + step)
        some = sites[part]
        bits = np.unpackbits(visible.bits[part], axis=1, count=visible.cells, bitorder="little")
        columns = [
            pa.array(some).take(pa.array(np.repeat(np.arange(len(some)), visible.cells))),
            cells.take(pa.array(np.tile(np.arange(visible.cells), len(some)))),
            pa.array(bits.ravel().astype(bool)),
            *(pa.array(one[part].ravel(), mask=~np.isfinite(one[part].ravel())) for one in more.values()),
        ]
        yield pa.table(columns, schema=pairs_schema(more))


def pairs_schema(more: Iterable[str] = ()) -> pa.Schema:
    """Return the columns of pairs."""
    return pa.schema([*PAIRS, *((name, pa.float64()) for name in more)])


def describe_pairs(
    loaded: Loaded,
    obstruction: bool,
    errors: Errors | None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, npt.NDArray[np.float64]]:
    """Return further columns of pairs: what first hides a cell, and the probability that it is seen.

    Raises:
        Unusable: an error of the ground cannot be used.
    """
    sites, cells, more = loaded.sites.points, loaded.cells.points, dict[str, npt.NDArray[np.float64]]()
    if obstruction:
        more["obstruction"], more["above_line"] = obstructions(loaded.terrain, sites, cells, progress)
    if errors:
        doubt = _doubt(errors, loaded.terrain)
        bits = visibility_of_realisations(loaded.terrain, sites, cells, doubt, progress)
        more["probability"] = probabilities(bits, len(cells.names))
    return more


def _doubt(errors: Errors, terrain: Terrain) -> Doubt:
    _refuse_infinite(rmse=errors.rmse, correlation=errors.correlation)
    fuels = _fuels(errors.fuels, terrain) if errors.fuels else None
    return Doubt(errors.rmse, errors.correlation, fuels, errors.realisations, errors.seed)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _numbers(points: Points, names: tuple[str, ...], option: str) -> list[int]:
    at = {name: number for number, name in enumerate(points.names)}
    for name in names:
        if name not in at:
            raise Unusable(reason(UNKNOWN_SITE, name=name, option=option))
    return [at[name] for name in dict.fromkeys(names)]


def _barred(loaded: Loaded, terms: Terms) -> dict[str, str]:
    """Return sites in which no tower may stand, with the reason."""
    points = loaded.sites.points
    barred = {points.names[at]: "--forbid" for at in _numbers(points, terms.forbid, "--forbid")}
    if terms.areas:
        places = shapely.points(points.x, points.y)
        for area, why in read_shapes(terms.areas, loaded.terrain):
            barred |= {points.names[at]: why for at in np.flatnonzero(shapely.intersects(area, places))}
    return barred
