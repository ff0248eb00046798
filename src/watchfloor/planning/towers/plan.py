"""A plan of towers: sites chosen over terrain, with its bound and its inputs."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from msgspec import Struct
from msgspec.structs import replace

from watchfloor.cell.acts import Unusable
from watchfloor.core.messages import declare, reason
from watchfloor.planning.towers.access import Access, Distances, distances_to
from watchfloor.planning.towers.candidates import propose
from watchfloor.planning.towers.choose import GAP, SECONDS, Choice, Limits, choose
from watchfloor.planning.towers.compare import compare, read_sites_of
from watchfloor.planning.towers.inputs import (
    Errors,
    Inputs,
    Loaded,
    cautions,
    doubt_of,
    load,
    notes_of_sites,
    numbers_of,
    refuse_infinite,
    visibility,
)
from watchfloor.planning.towers.record import Cost, Hop, Plan, Relay, Uncertainty
from watchfloor.planning.towers.relay import Network, Radio, connect, distances, losses, unreachable
from watchfloor.planning.towers.shapes import read_shapes
from watchfloor.planning.towers.sight import OutsideError, Points
from watchfloor.planning.towers.tables import SiteTable, read_weights
from watchfloor.planning.towers.uncertainty import choose_robust
from watchfloor.planning.towers.uncertainty import visibility as visibility_of_realisations

KEPT_AND_FORBIDDEN = declare("towers.kept-and-forbidden", "name", "why")
BUDGET_NEEDS_SITES = declare("towers.budget-needs-sites")
NO_PLACE_LEFT = declare("towers.no-place-left", "file", "why")
TOO_STEEP = declare("towers.too-steep", "file")
PROPOSED = declare("towers.proposed", "count")
TIMES = declare("towers.times", "times", "count")
KEPT_COST = declare("towers.kept-cost", "cost", "budget")
BUYS_NOTHING = declare("towers.buys-nothing", "budget", "least")
AGAINST_NEEDS_SITES = declare("towers.against-needs-sites", "file")
TOO_FEW = declare("towers.too-few", "count", "least")
NO_SITE_LEFT = declare("towers.no-site-left", "count", "name", "why")
KEPT_APART = declare("towers.kept-apart", "name", "loss")
RELAY_UNCERTAIN = declare("towers.relay-uncertain")
TEN: Final = 10
"""Cells that are named because they change a plan most."""


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


def plan(
    inputs: Inputs, terms: Terms, progress: Callable[[str], None] = lambda _: None
) -> tuple[Plan, Loaded]:
    """Choose towers.

    Raises:
        Unusable: an input or a term cannot be used.
    """
    progress("reading")
    refuse_infinite(gap=terms.gap, seconds=terms.seconds)
    if terms.budget is not None:
        refuse_infinite(budget=terms.budget)
    if terms.radio:
        if terms.errors:
            raise Unusable(reason(RELAY_UNCERTAIN))
        refuse_infinite(relay=terms.radio.frequency, hop=terms.radio.hop, loss=terms.radio.loss)
        refuse_infinite(antenna=terms.radio.antenna or 0.0)
    if terms.errors:
        refuse_infinite(rmse=terms.errors.rmse, correlation=terms.errors.correlation)
    table = Path(terms.weights) if terms.weights and Path(terms.weights).is_file() else None
    loaded = load(inputs, "" if table else terms.weights)
    weights = read_weights(table, loaded.cells.points.names) if table else loaded.cells.weights
    if inputs.sites is None:
        if terms.budget is not None:
            raise Unusable(reason(BUDGET_NEEDS_SITES))
        sites = _propose(inputs, terms, loaded, weights, progress)
        loaded = replace(loaded, sites=SiteTable(sites, np.ones(len(sites.names)), priced=False))
    away = Distances(None, None)
    if terms.access:
        refuse_infinite(**{"per-km": terms.access.per_km})
        away = distances_to(terms.access, loaded.terrain, loaded.sites.points)
        costs = loaded.sites.costs + away.costs(terms.access.per_km)
        loaded = replace(loaded, sites=loaded.sites._replace(costs=costs))
    points, costs = loaded.sites.points, loaded.sites.costs
    then = None
    if terms.against:
        before = read_sites_of(terms.against)
        if inputs.sites is None and not set(before) <= set(points.names):
            raise Unusable(reason(AGAINST_NEEDS_SITES, file=terms.against.name))
        then = numbers_of(points, before, "--against")
    if terms.budget is None:
        costs = np.ones_like(costs)
    budget = float(terms.count) if terms.budget is None else terms.budget
    barred = _barred(loaded, terms)
    hub = numbers_of(points, (terms.hub,), "--hub") if terms.hub else []
    keep = tuple(dict.fromkeys([*hub, *numbers_of(points, terms.keep, "--keep")]))
    for name in (*terms.keep, *filter(None, [terms.hub])):
        if name in barred:
            raise Unusable(reason(KEPT_AND_FORBIDDEN, name=name, why=barred[name]))
    if (cost := float(costs[list(keep)].sum())) > budget:
        if terms.budget is None:
            raise Unusable(reason(TOO_FEW, count=terms.count, least=len(keep)))
        raise Unusable(reason(KEPT_COST, cost=cost, budget=budget))
    free = [at for at, name in enumerate(points.names) if name not in barred]
    if not budget > 0 or (not keep and (not free or float(costs[free].min()) > budget)):
        if not free:
            name, why = next(iter(barred.items()))
            raise Unusable(reason(NO_SITE_LEFT, count=len(barred), name=name, why=why))
        if terms.budget is None:
            raise Unusable(reason(TOO_FEW, count=terms.count, least=1))
        raise Unusable(reason(BUYS_NOTHING, budget=budget, least=float(costs[free].min())))
    most = int(np.searchsorted(np.cumsum(np.sort(costs[free])), budget * (1 + 1e-12), side="right"))
    if terms.times > most:
        raise Unusable(reason(TIMES, times=terms.times, count=most))
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
    start = tuple(range(min(terms.count, len(points.names)))) if inputs.sites is None else ()
    choice = choose(visible, weights, limits, terms.gap, seconds, progress, start=start)
    fuels = terms.errors.fuels if terms.errors else None
    files = (inputs.terrain, inputs.sites, inputs.cells, terms.areas, table, fuels, *(terms.access or ())[:2])
    digests: dict[str, str] = {}
    for path in filter(None, (*files, terms.against)):
        digests[str(path) if path.name in digests else path.name] = _digest(path)
    record = _record(choice, digests, loaded, weights, barred, inputs.as_is, inputs.sites is None)
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
    at = [points.names.index(name) for name in record.sites]
    places = tuple(zip(points.x[at].tolist(), points.y[at].tolist(), strict=True))
    record = replace(record, places=places, terms=_options(inputs, terms))
    record = _priced(record, loaded, away, terms.access.per_km if terms.access else 0.0)
    if then is not None and terms.against:
        columns = {"weight": weights, **loaded.cells.columns}
        comparison = compare(
            terms.against.name,
            then,
            at,
            points.names,
            loaded.sites.costs,
            loaded.cells.points.names,
            visible.matrix(),
            columns,
            terms.times,
        )
        record = replace(record, against=comparison)
    return record, loaded


def _propose(
    inputs: Inputs,
    terms: Terms,
    loaded: Loaded,
    weights: npt.NDArray[np.float64],
    progress: Callable[[str], None],
) -> Points:
    """Return candidates at centres of the terrain, where no area is in the way."""
    terrain = loaded.terrain
    allowed = ~np.isnan(terrain.heights)
    if terms.areas:
        x = terrain.west + terrain.step_x * np.arange(allowed.shape[1])
        y = terrain.north - terrain.step_y * np.arange(allowed.shape[0])
        for area, why in read_shapes(terms.areas, terrain):
            shapely.prepare(area)
            allowed &= ~shapely.intersects_xy(area, *np.meshgrid(x, y))
            if not allowed.any():
                raise Unusable(reason(NO_PLACE_LEFT, file=terms.areas.name, why=why))
    try:
        sites = propose(
            terrain,
            loaded.cells.points,
            weights,
            terms.count,
            inputs.mast,
            inputs.reach,
            allowed,
            progress=progress,
        )
    except OutsideError as error:
        raise Unusable(error.reason) from None
    if not sites.names:
        raise Unusable(reason(TOO_STEEP, file=inputs.terrain.name))
    return sites


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
        "proposed": inputs.sites is None,
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
    doubt = doubt_of(errors, loaded.terrain)
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


def _record(
    choice: Choice,
    digests: dict[str, str],
    loaded: Loaded,
    weights: npt.NDArray[np.float64],
    barred: dict[str, str],
    as_is: bool,
    proposed: bool,
) -> Plan:
    names = loaded.sites.points.names
    notes = cautions(loaded.terrain, loaded.repairs, as_is) + notes_of_sites(loaded)
    if proposed:
        notes = (*notes, reason(PROPOSED, count=len(names)))
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


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _barred(loaded: Loaded, terms: Terms) -> dict[str, str]:
    """Return sites in which no tower may stand, with the reason."""
    points = loaded.sites.points
    barred = {points.names[at]: "--forbid" for at in numbers_of(points, terms.forbid, "--forbid")}
    if terms.areas:
        places = shapely.points(points.x, points.y)
        for area, why in read_shapes(terms.areas, loaded.terrain):
            barred |= {points.names[at]: why for at in np.flatnonzero(shapely.intersects(area, places))}
    return barred
