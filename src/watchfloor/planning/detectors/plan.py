"""A placement of teams for the next season: where, why here, what is not covered, and two other plans."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final

import numpy as np
from msgspec import Struct

from watchfloor.cell.acts import Unusable
from watchfloor.cell.wording.dates import moment
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.formats.settings import read_text
from watchfloor.planning.detectors.history import (
    History,
    PortRow,
    TableFile,
    read_history,
    read_ports,
    spelling,
)
from watchfloor.planning.detectors.kinds import Kind, ready_kinds
from watchfloor.planning.detectors.placement import (
    TENTH,
    Counts,
    Limits,
    beside,
    found,
    place_kinds,
    place_kinds_robust,
)
from watchfloor.planning.detectors.rates import Floats, Rates, rates
from watchfloor.planning.detectors.reasons import Area, Presence, why
from watchfloor.planning.detectors.record import Alternative, KindPlacement, Plan, Port, Region, Terms
from watchfloor.planning.patrols import operations

NO_TEAMS = declare("detectors.no-teams", "count", "most")
TEAMS_OR_DETECTORS = declare("detectors.teams-or-detectors")
READINESS_ALONE = declare("detectors.readiness-alone")
BAD_SHARE = declare("detectors.bad-share", "option", "value")
NO_REGIONS = declare("detectors.no-regions", "least")
LEAST_TOO_MANY = declare("detectors.least-too-many", "least", "regions", "teams")
TOO_MANY_PRESENT = declare("detectors.too-many-present", "now", "teams")

ZERO_IS_ABSENT = declare("detectors.zero-is-absent")
ABSENT_IS_UNKNOWN = declare("detectors.absent-is-unknown", "count")
NO_EFFORT = declare("detectors.no-effort")
ALL_ZERO = declare("detectors.all-zero")
GAPS = declare("detectors.gaps", "count")
ONE_SEASON = declare("detectors.one-season")
NO_REGION = declare("detectors.no-region", "count", "area")

MOST: Final = 1000
"""Teams, at most."""
DRAWS: Final = 1000
"""Draws of the rates, for intervals and for the robust plan."""
WORK: Final = 2e8
"""Draws times areas times teams, at most: some seconds."""
ENDS: Final = (5, 95)
"""Percentiles of an interval of 90 %."""


class _Basis(Struct, frozen=True):
    """Areas of history and ports together, with what is known of each."""

    names: tuple[str, ...]
    history: History
    found: Floats
    exposure: Floats
    ports: tuple[PortRow, ...]
    notes: tuple[Reason, ...]


def plan(history: TableFile, terms: Terms, progress: Callable[[str], None] = lambda _: None) -> Plan:
    """Place teams for a season by the seasons before it.

    Raises:
        Unusable: a file or a term cannot be used.
    """
    _check(terms)
    progress("reading")
    basis = _load(history, terms)
    progress("estimating")
    posterior = rates(basis.found, basis.exposure, basis.history.steps)
    rng = np.random.default_rng([terms.seed, *spelling(terms.season).encode()])
    ties = rng.permutation(len(basis.names))
    kinds, told = ready_kinds(terms.detectors, terms.hit, _ready(terms)) if terms.detectors else ([], ())
    limits, regions, notes = _limits(basis, terms, kinds)
    teams = sum(one.teams for one in limits)
    shares = posterior.mean / posterior.mean.sum()
    placed, exploring = explore(posterior, limits, terms.explore, rng, ties)
    progress("comparing plans")
    count = int(np.clip(WORK / (len(ties) * teams), 50, DRAWS))
    drawn = posterior.draws(count, rng)
    draws = drawn / drawn.sum(1, keepdims=True)
    last = _last(basis)
    believed = last / last.sum() if last.sum() else shares
    chosen = _alternative(basis.names, placed, shares, shares, draws, limits)
    robust = place_kinds_robust(draws, limits, ties)
    optimistic = place_kinds(believed, limits, ties)
    free = [replace(one, regions=None) for one in limits]
    bound, best = (float(shares @ found(one, place_kinds(shares, one, ties))) for one in (limits, free))
    ports = _ports(basis, posterior, shares, drawn, placed, exploring, limits, kinds)
    bare = [port for port in ports if not port.teams]
    return Plan(
        season=terms.season,
        teams=teams,
        hit=terms.hit,
        placement=chosen.placement,
        expected=chosen.expected,
        worst_tenth=chosen.worst_tenth,
        moves=chosen.moves,
        exploring=int(exploring.sum()),
        explore_share=terms.explore,
        seed=terms.seed,
        hazard=posterior.hazard,
        ports=ports,
        kinds=_kinds(basis, kinds, placed),
        not_covered=tuple(port.area for port in bare),
        not_covered_share=sum(port.share for port in bare),
        regions=_regions(regions, limits, placed, shares),
        fairness_cost=max(best - bound, 0.0),
        robust=_alternative(basis.names, robust, shares, shares, draws, limits),
        optimistic=_alternative(basis.names, optimistic, believed, shares, draws, limits),
        read=basis.history.seasons,
        basis=basis.history.digest,
        notes=(*basis.notes, *notes, *told),
        version=version("watchfloor"),
    )


def explore(
    posterior: Rates, kinds: Sequence[Limits], share: float, rng: np.random.Generator, ties: Counts
) -> tuple[list[Counts], Counts]:
    """Return the teams of each kind by area, and how many in each area explore.

    The share is kept on average: of nine teams and .1 one explores in nine of ten seasons. Those that
    explore go to areas without a team, by one draw of all rates (W. R. Thompson, Biometrika 25, 1933): an
    area that is little known is drawn as often as it may be the best.
    """
    few = [int(share * one.teams + rng.random()) for one in kinds]
    shares = posterior.mean / posterior.mean.sum()
    known = [replace(one, teams=one.teams - less) for one, less in zip(kinds, few, strict=True)]
    placed = place_kinds(shares, known, ties)
    drawn = posterior.draws(1, rng)[0]
    exploring = np.zeros(len(ties), np.int64)
    for kind, count in enumerate(few):
        for left in range(count, 0, -1):
            given = beside(kinds, placed, kind)
            gains = drawn * given.gains(placed[kind])
            allowed = given.open(placed[kind], left)
            bare = allowed & (placed[kind] + given.others == 0)
            gains = np.where(bare if bare.any() else allowed, gains, -1.0)
            at = ties[np.argmax(gains[ties])]
            placed[kind][at] += 1
            exploring[at] += 1
    return placed, exploring


def _ready(terms: Terms) -> dict[str, list[Reason]] | None:
    """Return why each detector of a statement is not ready, by its spelling; None without statements."""
    if terms.readiness is None:
        return None
    at = moment(terms.on, first=True) if terms.on else datetime.now(UTC)
    states = operations.read(read_text(terms.readiness), terms.readiness.name).ready(at)
    return {spelling(name): one.within(at, at) for name, one in states.items()}


def _check(terms: Terms) -> None:
    if terms.readiness and not terms.detectors:
        raise Unusable(reason(READINESS_ALONE))
    if (terms.teams is None) == (terms.detectors is None):
        raise Unusable(reason(TEAMS_OR_DETECTORS))
    if terms.teams is not None and not 1 <= terms.teams <= MOST:
        raise Unusable(reason(NO_TEAMS, count=terms.teams, most=MOST))
    for option, value, above in (
        ("--hit", terms.hit, 0.0 < terms.hit <= 1.0),
        ("--explore", terms.explore, 0.0 <= terms.explore <= 1.0),
        ("--move", terms.move, 0.0 <= terms.move <= 1.0),
        ("--dependence", terms.dependence, 0.0 <= terms.dependence <= 1.0),
    ):
        if not above:
            raise Unusable(reason(BAD_SHARE, option=option, value=value))


def _load(path: TableFile, terms: Terms) -> _Basis:
    """Read history and ports, and decide what a cell without a row means."""
    rows = read_ports(terms.ports) if terms.ports else []
    history = read_history(path, terms.season)
    at = {spelling(one.area): one for one in rows}
    keys = [spelling(one) for one in history.areas]
    further = [one for one in rows if spelling(one.area) not in set(keys)]
    nothing = PortRow("", "", np.nan, np.nan)
    ports = (*(at.get(key, nothing) for key in keys), *further)
    names = (*history.areas, *(one.area for one in further))
    notes = []
    # A list of events has no rows for none; a file that writes zeros means something else by a row left out.
    zeros = bool((history.found[history.reported] == 0).any())
    absent = int((~history.reported).sum())
    effort = history.effort
    known = bool(np.isfinite(effort).any())
    if known:
        exposure = np.where(np.isfinite(effort), 1.0 - (1.0 - terms.hit) ** np.nan_to_num(effort), 0.0)
        exposure = np.where(np.isnan(effort) & history.reported, 1.0, exposure)
    else:
        exposure = (history.reported | (not zeros)).astype(float)
        notes.append(reason(NO_EFFORT))
    if absent:
        unknown = zeros or known
        notes.append(reason(ABSENT_IS_UNKNOWN, count=absent) if unknown else reason(ZERO_IS_ABSENT))
    if gaps := int((history.steps - 1).sum()):
        notes.append(reason(GAPS, count=gaps))
    if len(history.seasons) == 1:
        notes.append(reason(ONE_SEASON))
    if not history.found.any():
        notes.append(reason(ALL_ZERO))
    blank = np.zeros((len(further), len(history.seasons)))
    return _Basis(
        names,
        history,
        np.concatenate([history.found, blank]),
        np.concatenate([exposure, blank]),
        ports,
        tuple(notes),
    )


def _limits(
    basis: _Basis, terms: Terms, kinds: Sequence[Kind]
) -> tuple[list[Limits], tuple[str, ...], tuple[Reason, ...]]:
    """Return the limits of each kind, the names of the regions, and cautions about them."""
    notes: tuple[Reason, ...] = ()
    teams = terms.teams or sum(len(one.detectors) for one in kinds)
    if teams > MOST:
        raise Unusable(reason(NO_TEAMS, count=teams, most=MOST))
    of_port = [one.region for one in basis.ports]
    regions = tuple(sorted({one for one in of_port if one}))
    if terms.least and not regions:
        raise Unusable(reason(NO_REGIONS, least=terms.least))
    if terms.least * len(regions) > teams:
        raise Unusable(reason(LEAST_TOO_MANY, least=terms.least, regions=len(regions), teams=teams))
    lost = [name for name, region in zip(basis.names, of_port, strict=True) if not region]
    if regions and lost:
        notes = (reason(NO_REGION, count=len(lost), area=lost[0]),)
    number = np.array([regions.index(one) if one else len(regions) for one in of_port])
    now = np.array([one.now for one in basis.ports])
    present = None
    if np.isfinite(now).any() and not kinds:
        present = np.nan_to_num(now).astype(np.int64)
        if present.sum() > teams:
            raise Unusable(reason(TOO_MANY_PRESENT, now=int(present.sum()), teams=teams))
    common = Limits(
        teams,
        terms.hit,
        present,
        terms.move,
        number if regions else None,
        (*(terms.least for _ in regions), 0),
    )
    if not kinds:
        return [common], regions, notes
    flows = np.array([one.flow for one in basis.ports])
    known = any(any(one.at) for one in kinds)
    return (
        [
            replace(
                common,
                teams=len(one.detectors),
                hit=one.hits(flows),
                now=_present(basis.names, one.at) if known else None,
                dependence=terms.dependence if len(kinds) > 1 else 0.0,
            )
            for one in kinds
        ],
        regions,
        notes,
    )


def _present(names: tuple[str, ...], at: Sequence[str]) -> Counts:
    """Return how many detectors are in each area; one that is elsewhere has to move."""
    places = [spelling(one) for one in at]
    return np.array([places.count(spelling(name)) for name in names])


def _kinds(basis: _Basis, kinds: Sequence[Kind], placed: Sequence[Counts]) -> tuple[KindPlacement, ...]:
    flows = np.array([one.flow for one in basis.ports])
    rows = []
    for one, counts in zip(kinds, placed, strict=False):
        alarms = None
        if one.false is not None and one.capacity is not None:
            examined = np.where(np.isnan(flows), one.capacity, np.minimum(one.capacity, flows))
            alarms = float(one.false * (counts * examined).sum())
        rows.append(
            KindPlacement(
                kind=one.kind,
                detectors=one.detectors,
                hit=one.hit,
                low=one.low,
                high=one.high,
                tests=one.tests,
                capacity=one.capacity,
                placement=dict(zip(basis.names, counts.tolist(), strict=True)),
                false_alarms=alarms,
            )
        )
    return tuple(rows)


def _last(basis: _Basis) -> Floats:
    """Return the finds of the last season of each area in which somebody looked."""
    looked = basis.exposure > 0
    last = looked.shape[1] - 1 - looked[:, ::-1].argmax(1)
    at = np.arange(len(last))
    effort = np.where(looked[at, last], basis.exposure[at, last], 1.0)
    return np.where(looked[at, last], basis.found[at, last] / effort, 0.0)


def _alternative(
    names: tuple[str, ...],
    placed: Sequence[Counts],
    believed: Floats,
    shares: Floats,
    draws: Floats,
    limits: Sequence[Limits],
) -> Alternative:
    covered = found(limits, placed)
    worst = np.sort(draws @ covered)[: max(1, round(TENTH * len(draws)))]
    moves = [
        int(np.maximum(teams - one.now, 0).sum())
        for one, teams in zip(limits, placed, strict=True)
        if one.now is not None
    ]
    return Alternative(
        placement=dict(zip(names, np.sum(placed, axis=0).tolist(), strict=True)),
        expected=float(shares @ covered),
        worst_tenth=float(worst.mean()),
        believed=float(believed @ covered),
        moves=sum(moves) if moves else None,
    )


def _ports(
    basis: _Basis,
    posterior: Rates,
    shares: Floats,
    drawn: Floats,
    by_kind: Sequence[Counts],
    exploring: Counts,
    limits: Sequence[Limits],
    kinds: Sequence[Kind],
) -> tuple[Port, ...]:
    placed = np.sum(by_kind, axis=0)
    present = [one.now for one in limits if one.now is not None]
    now_at = np.sum(present, axis=0) if present else None
    low, high = np.percentile(drawn, ENDS, axis=0)
    mean, variance = posterior.mean, posterior.variance
    # A gamma of the same mean and variance: a season of full effort adds 1 to its exposure.
    held = mean / variance
    effort = found(limits, [np.maximum(one, 1) if not at else one for at, one in enumerate(by_kind)])
    learned = 1.0 - np.sqrt(held / (held + effort))
    covered = found(limits, by_kind)
    usual = float(mean.mean())
    flows = any(not np.isnan(one.flow) for one in basis.ports)
    ports = []
    for at, (name, row) in enumerate(zip(basis.names, basis.ports, strict=True)):
        now = None if now_at is None else int(now_at[at])
        here = {one.kind: int(some[at]) for one, some in zip(kinds, by_kind, strict=False) if some[at]}
        flow = None if np.isnan(row.flow) else float(row.flow)
        figures = (float(mean[at]), float(low[at]), float(high[at]), float(shares[at]))
        ports.append(
            Port(
                area=name,
                region=row.region,
                teams=int(placed[at]),
                exploring=int(exploring[at]),
                rate=figures[0],
                low=figures[1],
                high=figures[2],
                share=figures[3],
                covered=float(covered[at]),
                learned=float(learned[at]),
                flow=flow,
                now=now,
                kinds=here,
                why=why(
                    Area(
                        rate=figures[0],
                        low=figures[1],
                        high=figures[2],
                        share=figures[3],
                        learned=float(learned[at]),
                        flow=flow,
                        flows=flows,
                        usual=usual,
                        found=basis.found[at],
                        exposure=basis.exposure[at],
                        seasons=basis.history.seasons,
                    ),
                    Presence(int(placed[at]), int(exploring[at]), figures[3] * float(covered[at]), now, here),
                ),
            )
        )
    return tuple(sorted(ports, key=lambda one: (-one.teams, -one.share, one.area)))


def _regions(
    names: tuple[str, ...], limits: Sequence[Limits], by_kind: Sequence[Counts], shares: Floats
) -> tuple[Region, ...]:
    number = limits[0].regions
    if number is None:
        return ()
    placed, covers = np.sum(by_kind, axis=0), found(limits, by_kind)
    rows = []
    for at, name in enumerate(names):
        inside = number == at
        share = float(shares[inside].sum())
        covered = float((shares * covers)[inside].sum())
        rows.append(
            Region(
                region=name,
                teams=int(placed[inside].sum()),
                share=share,
                covered=covered / share if share else 0.0,
                least=limits[0].least[at],
            )
        )
    return tuple(rows)
