"""Scoring of a surveillance desk's alerts against the true happenings: which alert is of which.

An alert may be of a happening where both are of one rule, their times overlap or are at most `SLACK` seconds
apart, and the alert's place is at most `NEAR` metres, or its own radius up to `FARTHEST`, from where the
happening is told or from where one of its objects then was. An officer is told once: each alert is of one
happening at most and each happening has one alert at most, so that as many as possible are paired, and of
such pairings the nearest in place and time (Kuhn 1955, the assignment problem). An alert that is of something
that another one told already is a repeat, and no hit.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.optimize import linear_sum_assignment

from watchfloor.cell.learning.calibration import Share, jeffreys
from watchfloor.exercise.surveillance.geometry import towards
from watchfloor.exercise.surveillance.truth import Happening

Floats = npt.NDArray[np.float64]
Paths = Mapping[int, Floats]
"""Of each object the seconds since 1970, latitude and longitude of its turning points."""

FORETOLD: Final = {"predicted-crossing": ("border-crossing", 900.0)}
"""Rules that say what will happen: the rule of what then does, and within how many seconds."""
SLACK: Final = 300.0
NEAR: Final = 1_500.0
FARTHEST: Final = 3_000.0
"""Metres beyond which no radius reaches: an alert of nowhere in particular is of nothing."""


class Alert(NamedTuple):
    """An alert of a desk: rule, first and last moment, place in degrees, radius in metres."""

    rule: str
    since: datetime
    until: datetime
    latitude: float
    longitude: float
    radius: float = 0.0


class Worth(NamedTuple):
    """Precision and recall of the alerts of one rule.

    Attributes:
        precision: share of alerts that are of a happening of their own.
        recall: share of happenings that have an alert.
        repeats: alerts of what another alert told, which count as false.
    """

    precision: Share
    recall: Share
    repeats: int


def paths_of(table: pa.Table) -> dict[int, Floats]:
    """Paths from the rows of `paths.parquet`."""
    columns = [table["observed_at"].cast(pa.int64()), table["latitude"], table["longitude"]]
    rows = np.stack([np.asarray(one.to_numpy(), np.float64) for one in columns], 1)
    rows[:, 0] /= 1e6
    objects = table["object"].to_numpy()
    return {int(one): rows[objects == one] for one in pc.unique(table["object"]).to_pylist()}


def metres_apart(alert: Alert, one: Happening, paths: Paths) -> float | None:
    """How far an alert is from a happening that it may be of; None where it is of another."""
    rule, seconds = FORETOLD.get(alert.rule, (alert.rule, SLACK))
    slack, ahead = timedelta(seconds=SLACK), timedelta(seconds=seconds)
    if one.rule != rule or one.since - ahead > alert.until or alert.since - slack > one.until:
        return None
    here = alert.latitude, alert.longitude
    metres = min(towards(here, place)[1] for place in _places(one, alert, paths))
    return metres if metres <= min(max(NEAR, alert.radius), FARTHEST) else None


def _places(one: Happening, alert: Alert, paths: Paths) -> Iterator[tuple[float, float]]:
    """Where a happening is told, and where its objects were when the alert began and ended."""
    yield one.latitude, one.longitude
    for object_ in one.objects:
        path = paths[object_]
        for at in (alert.since.timestamp(), alert.until.timestamp()):
            yield float(np.interp(at, path[:, 0], path[:, 1])), float(np.interp(at, path[:, 0], path[:, 2]))


def pairs(
    told: Sequence[Sequence[Alert]], happenings: Sequence[Happening], paths: Paths
) -> tuple[dict[int, int], set[int]]:
    """The happening of each that was told and has one of its own, by their numbers; and which are repeats.

    What was told may be several alerts of one matter, such as that a track will cross and that it did.
    """
    cost = np.full((len(told), len(happenings)), NEVER)
    for a, alerts in enumerate(told):
        for h, one in enumerate(happenings):
            cost[a, h] = min(_cost(alert, one, paths) for alert in alerts)
    rows, columns = linear_sum_assignment(cost)
    own = {int(a): int(h) for a, h in zip(rows, columns, strict=True) if cost[a, h] < NEVER}
    some = np.flatnonzero(np.any(cost < NEVER, axis=1)).tolist()
    return own, set(some) - own.keys()


NEVER: Final = 1e6
"""Cost of a pair that cannot be: more than any number of pairs that can."""


def _cost(alert: Alert, one: Happening, paths: Paths) -> float:
    metres = metres_apart(alert, one, paths)
    return NEVER if metres is None else metres / NEAR + _seconds_apart(alert, one) / SLACK


def _seconds_apart(alert: Alert, one: Happening) -> float:
    """Seconds between the middles of both."""
    middle = (alert.since + (alert.until - alert.since) / 2) - (one.since + (one.until - one.since) / 2)
    return abs(middle.total_seconds())


def worth(alerts: Sequence[Alert], happenings: Sequence[Happening], paths: Paths) -> dict[str, Worth]:
    """Precision and recall by rule, with their intervals."""
    rules = sorted({*(one.rule for one in alerts), *(one.rule for one in happenings)})
    return {rule: _worth(rule, alerts, happenings, paths) for rule in rules}


def _worth(rule: str, alerts: Sequence[Alert], happenings: Sequence[Happening], paths: Paths) -> Worth:
    mine = [one for one in happenings if one.rule == FORETOLD.get(rule, (rule,))[0]]
    told = [one for one in alerts if one.rule == rule]
    own, repeats = pairs([(one,) for one in told], mine, paths)
    return Worth(jeffreys(len(own), len(told)), jeffreys(len(own), len(mine)), len(repeats))
