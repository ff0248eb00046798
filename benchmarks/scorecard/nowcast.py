"""Nowcasts against what came, beside statsforecast's AutoETS and AutoTheta and statsmodels' ETS.

Every rule sees the months before and nothing else, is fitted anew each month, and is asked for the next three
with a 90 % interval. Settings were chosen on northern apprehensions of fiscal years 2000 to 2010; what was
changed after a look at other rows is told in docs/scorecard-methods.md.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from benchmarks.scorecard import public
from watchfloor.scorecard.methods import nowcast
from watchfloor.scorecard.methods.revisions import revised
from watchfloor.scorecard.methods.series import Monthly
from watchfloor.scorecard.periods import month

LEVEL = 0.9
AHEAD = nowcast.AHEAD
Rule = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]
Rules = tuple[tuple[bool, float], ...]


class Case(NamedTuple):
    """A series and the first month whose forecasts are counted."""

    name: str
    logs: np.ndarray
    start: int
    first: int


def cases() -> list[Case]:
    north = public.apprehensions("northern")
    early = north.until(month(2010, 9))
    found = [
        Case("dev: northern apprehensions FY2000–10", public.logs(early), north.start, 0),
        Case("northern apprehensions FY2011–20", public.logs(north), north.start, 132),
    ]
    for border in ("southwest", "coastal"):
        series = public.apprehensions(border)
        found.append(Case(f"{border} apprehensions FY2000–20", public.logs(series), series.start, 0))
    for border in ("Northern", "Southwest", "Other"):
        series = public.encounters(border)
        found.append(Case(f"{border} encounters FY2020–26", public.logs(series), series.start, 0))
    return found


SEASONAL = ((True, 0.7),)


def ours(
    logs: np.ndarray, steering: float = nowcast.STEERING, rules: Rules = nowcast.RULES
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points and ends at each month, `nan` where there are none; with other settings, for comparison."""
    before = nowcast.STEERING, nowcast.RULES
    nowcast.STEERING, nowcast.RULES = steering, rules
    try:
        tested = nowcast.backtest(logs, AHEAD, LEVEL)
    finally:
        nowcast.STEERING, nowcast.RULES = before
    came = targets(logs)
    point, reach = came - tested.errors, tested.reach[:-1]
    return point, point - reach, point + reach


def targets(logs: np.ndarray) -> np.ndarray:
    padded = np.r_[logs, np.full(AHEAD, np.nan)]
    return np.column_stack([padded[h : h + len(logs)] for h in range(AHEAD)])


def rolled(rule: Rule, logs: np.ndarray, first: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A rule asked anew at each month from `first` on."""
    found = np.full((3, len(logs), AHEAD), np.nan)
    for at in range(first, len(logs)):
        found[:, at] = rule(logs[:at])
    return found[0], found[1], found[2]


def statsforecast_rule(name: str) -> Rule:
    from statsforecast.models import AutoETS, AutoTheta

    def rule(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        model = {"AutoETS": AutoETS, "AutoTheta": AutoTheta}[name](season_length=12)
        said = model.forecast(y=logs, h=AHEAD, level=[90])
        return said["mean"], said["lo-90"], said["hi-90"]

    return rule


def damped_ets(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """statsmodels: additive errors, damped trend, additive season."""
    import pandas as pd
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    dated = pd.Series(logs, index=pd.period_range("2000-01", periods=len(logs), freq="M"))
    fitted = ETSModel(
        dated, error="add", trend="add", damped_trend=True, seasonal="add", seasonal_periods=12
    ).fit(disp=False)
    said = fitted.get_prediction(start=len(logs), end=len(logs) + AHEAD - 1).summary_frame(alpha=1 - LEVEL)
    return tuple(said[c].to_numpy() for c in ("mean", "pi_lower", "pi_upper"))


def naive(logs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The newest month again, normal intervals of its own changes over as many months."""
    ahead = np.arange(1, AHEAD + 1)
    spread = 1.645 * np.array([np.std(logs[h:] - logs[:-h]) for h in ahead])
    point = np.repeat(logs[-1], AHEAD)
    return point, point - spread, point + spread


def scored(said: tuple[np.ndarray, ...], logs: np.ndarray, counted: np.ndarray) -> tuple[str, ...]:
    """Coverage, width, interval score and absolute error for each month ahead."""
    point, low, high = said
    came = targets(logs)
    held = np.where(counted, (low <= came) & (came <= high), np.nan)
    width = np.where(counted, high - low, np.nan)
    beyond = np.maximum(low - came, 0) + np.maximum(came - high, 0)
    score = width + 2 / (1 - LEVEL) * beyond
    error = np.where(counted, np.abs(came - point), np.nan)
    columns = [np.nanmean(held, axis=0), np.nanmedian(width, axis=0), np.nanmean(score, axis=0)]
    columns.append(np.nanmean(error, axis=0))
    return (f"{np.nanmean(held):.3f}", *(" ".join(f"{v:.3f}" for v in column) for column in columns))


def counted_months(case: Case) -> np.ndarray:
    """Where ours has an interval and the month came; the same for every rule."""
    point, low, _ = ours(case.logs)
    counted = ~np.isnan(point) & ~np.isnan(low)
    counted[: case.first] = False
    return counted


def compare(case: Case, peers: dict[str, Rule]) -> None:
    counted = counted_months(case)
    first = int(np.flatnonzero(counted.any(axis=1))[0])
    rows = []
    variants = {
        "ours": (nowcast.STEERING, nowcast.RULES),
        "ours, not steered": (0.0, nowcast.RULES),
        "ours, one seasonal rule": (nowcast.STEERING, SEASONAL),
    }
    for name, settings in variants.items():
        began = time.perf_counter()
        said = ours(case.logs, *settings)
        rows.append((name, *scored(said, case.logs, counted), f"{time.perf_counter() - began:.1f}"))
    for name, rule in peers.items():
        began = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            said = rolled(rule, case.logs, first)
        rows.append((name, *scored(said, case.logs, counted), f"{time.perf_counter() - began:.1f}"))
    cases_counted = " ".join(str(n) for n in counted.sum(axis=0))
    columns = "rule | held | held 1 2 3 | width | interval score | error | seconds"
    public.printed(f"{case.name}: {cases_counted} forecasts 1, 2, 3 months ahead", columns, rows)


def missed(case: Case) -> None:
    """Which months the intervals missed."""
    said = nowcast.backtest(case.logs, AHEAD, LEVEL)
    found: dict[int, int] = {}
    for at, ahead in zip(*np.nonzero(said.held == 0), strict=True):
        if at >= case.first:
            year = (case.start + at + ahead) // 12
            found[year] = found.get(year, 0) + 1
    print("missed by year: " + ", ".join(f"{year}: {n}" for year, n in sorted(found.items())))


def past_revisions() -> None:
    rows = []
    for border in ("Northern", "Southwest", "Other"):
        pairs = zip(public.ENCOUNTERS, public.ENCOUNTERS[1:], strict=False)
        both = [[_encounters(file, border) for file in pair] for pair in pairs]
        rows.append((f"{border} encounters", _range(np.concatenate([revised(a, b) for a, b in both]))))
    for border in ("Northern", "Southwest", "Coastal"):
        found = revised(*(public.events(file, border) for file in public.DRUGS))
        rows.append((f"{border} seizures of drugs, events", _range(found)))
    public.printed("Revisions of the three newest months of a vintage", "series | revisions", rows)


def _encounters(file: str, border: str) -> Monthly:
    return Monthly.from_months(public.vintage(file, "Land Border Region", border, "Encounter Count"))


def _range(found: np.ndarray) -> str:
    return ", ".join(f"{v:+.1%}" for v in np.expm1(found))


def late_reports(worlds: int = 40, months: int = 120) -> None:
    """Made-up counts whose three newest months grow later as CBP's events did; is the final number held?"""
    held = {"revisions known": [], "not known": []}
    for world in range(worlds):
        rng = np.random.default_rng(world)
        season = 0.3 * np.cos(2 * np.pi * np.arange(months) / 12)
        final = np.exp(7 + rng.normal(0, 0.05, months).cumsum() + season + rng.normal(0, 0.1, months)).round()
        for last in range(60, months - AHEAD, 6):
            known = final[:last].copy()
            known[-3:] /= np.exp(rng.normal(0.2, 0.06, 3))
            past = rng.normal(0.2, 0.06, 9)
            for name, revisions in (("revisions known", past), ("not known", None)):
                said = nowcast.nowcast(Monthly(month(2000, 1), known.round()), revised=revisions)
                came = final[last : last + AHEAD]
                held[name].append((said.low <= came) & (came <= said.high))
    rows = [(name, len(h), *(float(v) for v in np.mean(h, axis=0))) for name, h in held.items()]
    public.printed("Newest months revised by +22 % (made up)", "revisions | cases | held 1 | 2 | 3", rows)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--ours", action="store_true", help="without the peers: under a minute, not ten")
    alone = options.parse_args().ours
    public.there()
    print(public.versions(*(() if alone else ("statsmodels", "statsforecast", "pandas"))))
    peers: dict[str, Rule] = {"newest month again": naive}
    if not alone:
        peers |= {name: statsforecast_rule(name) for name in ("AutoETS", "AutoTheta")}
        peers["ETS, damped"] = damped_ets
    for case in cases():
        compare(case, peers)
        missed(case)
    past_revisions()
    late_reports()


if __name__ == "__main__":
    main()
