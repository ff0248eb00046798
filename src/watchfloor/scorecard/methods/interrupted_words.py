"""What an interrupted time series says, and why one is refused."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from watchfloor.records.messages import Message, declare
from watchfloor.scorecard.findings import Interval
from watchfloor.scorecard.methods.seasons import signed
from watchfloor.scorecard.periods import named
from watchfloor.scorecard.said import Said, joined, number, percent, said

if TYPE_CHECKING:
    from watchfloor.scorecard.methods.interrupted import Interrupted

NO_CONTROL: Final = declare("scorecard.interrupted-no-control")
GAP: Final = declare("scorecard.interrupted-gap", "month")
CONTROL_GAP: Final = declare("scorecard.interrupted-control-gap", "month")
NOT_YET: Final = declare("scorecard.interrupted-not-yet", "month", "last")
TOO_SHORT: Final = declare("scorecard.interrupted-short", "before", "month", "after")
ZEROS: Final = declare("scorecard.interrupted-zeros", "zeros", "months")
FOUND: Final = declare(
    "scorecard.interrupted-found",
    "at",
    "ours",
    "step",
    "theirs",
    "level",
    "low",
    "high",
    "before",
    "after",
    "verdict",
)
NOTHING: Final = declare("scorecard.interrupted-nothing")
FELL: Final = declare("scorecard.interrupted-fell")
ROSE: Final = declare("scorecard.interrupted-rose")
MEAN: Final = declare("scorecard.interrupted-mean", "after", "mean", "low", "high")
PARALLEL: Final = declare("scorecard.interrupted-parallel", "drift", "low", "high")
APART: Final = declare("scorecard.interrupted-apart", "drift", "low", "high")
PLACEBO: Final = declare("scorecard.interrupted-placebo", "dates", "larger")
NO_PLACEBO: Final = declare("scorecard.interrupted-no-placebo")
LEFT: Final = declare("scorecard.interrupted-left", "p")
HALVES: Final = declare("scorecard.interrupted-halves")
CHANGED: Final = declare("scorecard.interrupted-changed", "month", "what")

UNLIKELY: Final = 0.05


def told(found: "Interrupted", names: tuple[Said, Said], changed: Mapping[int, Said]) -> "Interrupted":
    """The same with its sentences."""
    mean = [] if found.slope is None else [_mean(found)]
    parts = [_found(found, names), *mean, _drift(found), _placebo(found)]
    if found.left < UNLIKELY:
        parts.append(said(LEFT, p=number(found.left, 3)))
    if found.halves:
        parts.append(said(HALVES))
    parts += [
        said(CHANGED, month=named(month), what=what)
        for month, what in sorted(changed.items())
        if found.first <= month <= found.last
    ]
    return replace(found, text=joined(parts, " "))


def _found(found: "Interrupted", names: tuple[Said, Said]) -> Said:
    return said(
        FOUND,
        at=named(found.at),
        ours=names[0],
        theirs=names[1],
        step=signed(found.step),
        level=percent(found.step_interval.level, 0),
        before=number(found.at - found.first),
        after=number(found.last - found.at + 1),
        verdict=said(_verdict(found.step_interval)),
        **_ends(found.step_interval),
    )


def _verdict(interval: Interval) -> Message:
    if interval.low <= 0 <= interval.high:
        return NOTHING
    return FELL if interval.high < 0 else ROSE


def _mean(found: "Interrupted") -> Said:
    after = number(found.last - found.at + 1)
    return said(MEAN, after=after, mean=signed(found.mean), **_ends(found.mean_interval))


def _drift(found: "Interrupted") -> Said:
    parallel = found.drift_interval.low <= 0 <= found.drift_interval.high
    message = PARALLEL if parallel else APART
    return said(message, drift=signed(found.drift), **_ends(found.drift_interval))


def _placebo(found: "Interrupted") -> Said:
    if found.placebo is None:
        return said(NO_PLACEBO)
    return said(PLACEBO, dates=number(found.placebo.dates), larger=number(found.placebo.larger))


def _ends(interval: Interval) -> dict[str, Said]:
    return {"low": signed(interval.low), "high": signed(interval.high)}
