"""Alerts that a surveillance desk raises in a day, with those of one matter as one.

A signal is an alert once it is at least `possible`, whether it is taken back later or not: who was called
once has been called. What stands for it is the strongest of its revisions. That a track will cross the line,
and that it did, is one matter; so is that a number jumps, and that two share it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final, NamedTuple

import pyarrow as pa

from watchfloor.exercise.alerts import Alert

BANDS: Final = ("certain", "likely", "possible")
"""Strengths that alert somebody; what is `unlikely` waits in the queue."""
MATTERS: Final = {
    "predicted-crossing": "crossing of the line",
    "border-crossing": "crossing of the line",
    "identity-jump": "identity that is not its own",
    "identity-shared": "identity that is not its own",
}
"""Rules that speak of one matter; any other rule is one of its own."""
TOGETHER: Final = timedelta(seconds=1_200)
"""Two alerts of one matter and track that begin closer are one: a prediction looks ten minutes ahead."""


class Raised(NamedTuple):
    """An alert that was raised.

    Attributes:
        alert: what it says, by its strongest revision.
        strength: then.
        taken_back: whether the desk took it back in the end.
        subjects: typed keys of what it is about, the foremost first.
    """

    alert: Alert
    strength: str
    taken_back: bool
    subjects: tuple[str, ...]


def raised(history: pa.Table) -> list[Raised]:
    """The alerts of a desk's signals, with all their revisions, in the order in which they began."""
    revisions: defaultdict[bytes, list[dict[str, Any]]] = defaultdict(list)
    for row in history.to_pylist():
        revisions[row["row_id"]].append(row)
    found = [one for mine in revisions.values() if (one := _raised(mine))]
    return sorted(found, key=lambda one: (one.alert.since, one.alert.rule, one.subjects))


def _raised(revisions: Sequence[dict[str, Any]]) -> Raised | None:
    stood = [row for row in revisions if not row["retracted"] and row["strength"] in BANDS]
    if not stood:
        return None
    best = max(stood, key=lambda row: row["score"] or 0.0)
    alert = Alert(
        best["rule"],
        best["since"],
        best["until"] or best["at"],
        best["latitude"],
        best["longitude"],
        best["radius"] or 0.0,
    )
    return Raised(alert, best["strength"], revisions[-1]["retracted"], tuple(best["subjects"]))


def matter_of(rule: str) -> str:
    """The matter that a rule speaks of."""
    return MATTERS.get(rule, rule)


def matters(alerts: Sequence[Raised]) -> Iterator[tuple[Raised, ...]]:
    """Alerts of one matter about one object that follow one another, together.

    An alert of a track that took up another names both: they are one object.
    """
    whole = _objects(alerts)
    by_object: defaultdict[tuple[str, str], list[Raised]] = defaultdict(list)
    for one in alerts:
        by_object[matter_of(one.alert.rule), whole[one.subjects[0]]].append(one)
    for mine in by_object.values():
        yield from _runs(mine)


def _objects(alerts: Iterable[Raised]) -> dict[str, str]:
    """One track for all that are of one object; rules about two tracks join nothing."""
    root: dict[str, str] = {}

    def found(track: str) -> str:
        while root.setdefault(track, track) != track:
            track = root[track]
        return track

    for one in alerts:
        first, *others = [subject for subject in one.subjects if subject.startswith("track:")]
        for other in others if one.alert.rule not in PAIRS else ():
            root[found(other)] = found(first)
        found(first)
    return {track: found(track) for track in list(root)}


PAIRS: Final = ("rendezvous", "drop-and-pick-up", "identity-jump", "identity-shared")
"""Rules whose alerts are about two tracks."""


def _runs(alerts: Sequence[Raised]) -> Iterator[tuple[Raised, ...]]:
    """Stretches of alerts that begin soon after one another, no rule twice in one."""
    first = 0
    for n, (one, other) in enumerate(pairwise(alerts), 1):
        rules = {each.alert.rule for each in alerts[first:n]}
        if other.alert.since - one.alert.since > TOGETHER or other.alert.rule in rules:
            yield tuple(alerts[first:n])
            first = n
    yield tuple(alerts[first:])
