"""Matters: the signals that belong together, and in words why they do.

`cell.linking` joins by number; here are the subjects, the identifiers that the records share, the names that
fit and the judgements of people, and the sentences that tell a reader what joined what.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.cell.identity.merges import Pair
from watchfloor.cell.identity.namesakes import Namesake
from watchfloor.cell.identity.shared import Bridge, Shared
from watchfloor.cell.linking import Floats, Named, Pairs, Rules, link, link_bits
from watchfloor.cell.nearby import LASTS, apart, beside, near
from watchfloor.core.messages import Reason, declare, reason

Row = Mapping[str, Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

JUDGED: Final = 64.0
"""Bits of a judgement that two subjects are one: more than any rule's, so that it is joined first."""

NAMED: Final = 10.0
"""Bits of a name that fits with its birth date: one pair of strangers in a thousand shares as much."""

CRAFTS: Final = frozenset({"aircraft", "vessel"})
"""Kinds of subjects that a track tells by its radio: what it is a track of."""

BRIDGED: Final = 20.0
"""Bits of a record that names both, where neither is common."""

SHARED = declare("cell.joined-by-key", "subjects", "key")
DECIDED = declare("cell.joined-by-person", "by", "one", "other", "day", "why")
CALLED = declare("cell.joined-by-name", "one", "other", "score")
BOTH = declare("cell.joined-by-record", "source", "one", "other")
NEAR = declare("cell.joined-by-place", "one", "other", "metres", "minutes")
BESIDE = declare("cell.joined-by-ground", "place", "since", "until", "metres", "day")
HUB = declare("cell.joins-nobody", "key", "parties")
HELD = declare("cell.held-apart", "by", "one", "other", "day", "why")


@dataclass(frozen=True, slots=True)
class Context:
    """Links between signals besides the subjects they name.

    Attributes:
        shared: identifiers that records share.
        pairs: judgements about two subjects that stand.
        namesakes: subjects with one name.
        texts: of reports that name no origin, by record: what says nearly the same may be one report.
        findings: what came of leads, by the lead's id: the last outcome of each report.
    """

    shared: Shared = field(default_factory=Shared)
    pairs: Sequence[Pair] = ()
    namesakes: Sequence[Namesake] = ()
    texts: Mapping[bytes, str] = field(default_factory=dict)
    findings: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Matter:
    """Signals that belong together.

    Attributes:
        subject: the anchor: the foremost subject of the signal that speaks of the earliest moment, of what
            lies on the ground (`nearby.LASTS`) only where nothing came by. No decision changes it, so the
            lead keeps its id.
        subjects: all of them, by key.
        rows: the signals.
        chances: different subjects that the signals are about; each had its chance to raise one. Tracks
            that tell the number of one craft are one.
        joins: why they belong together, one sentence a link.
        hubs: what its signals name and what was too common to join, or was held apart.
        markings: of the judgements and records that shaped it.
    """

    subject: str
    subjects: tuple[str, ...]
    rows: tuple[Row, ...]
    chances: int
    joins: tuple[Reason, ...]
    hubs: tuple[Reason, ...]
    markings: tuple[str, ...]


def matters(signals: pa.Table, context: Context, rules: Rules | None = None) -> list[Matter]:
    """The matters of standing signals, by their anchors.

    Args:
        signals: rows of `core.derived.SIGNAL`, one revision each.
        context: what joins them besides their subjects.
        rules: thresholds of `cell.linking`.
    """
    rows = sorted(signals.to_pylist(), key=lambda row: row["row_id"])
    named = [_named(row, context.shared.keys) for row in rows]
    subjects = sorted({subject for names in named for subject in names})
    number = {subject: i for i, subject in enumerate(subjects)}
    sizes = np.array([0, *map(len, named)], np.int64)
    flat = np.array([number[subject] for names in named for subject in names], np.int64)
    close, caps = _near(rows), _caps(subjects, context.shared)
    found = link(
        Named(np.cumsum(sizes), flat),
        len(subjects),
        caps,
        _together(_pairs(context, number, caps), close, len(subjects)),
        apart=_held(context, number),
        rules=rules or Rules(),
    )
    bearers = context.shared.bearers
    common = {subjects[i]: max(int(found.parties[i]), bearers.get(subjects[i], 0)) for i in found.hubs}
    members: defaultdict[int, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (moment_of(row), row["row_id"])):
        members[int(found.lead[number[row["subjects"][0]]])].append(row)
    theirs: defaultdict[int, list[str]] = defaultdict(list)
    for subject, lead in zip(subjects, found.lead.tolist(), strict=True):
        theirs[lead].append(subject)
    near_by = ((rows[i], rows[j]) for i, j in zip(close.one.tolist(), close.other.tolist(), strict=True))
    known = _known(context, common, near_by)
    made = [_matter(tuple(mine), theirs[lead], known) for lead, mine in members.items()]
    return sorted(made, key=lambda matter: (matter.subject, matter.subjects))


def _named(row: Row, keys: Mapping[bytes, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the subjects of a signal, then the identifiers in the records that it rests on."""
    given = (key for record in row["evidence"] for key in keys.get(record, ()))
    return tuple(dict.fromkeys([*row["subjects"], *given]))


def _caps(subjects: Sequence[str], shared: Shared) -> Floats:
    """Return the most bits that each subject may be worth as a link: its rarity among all records."""
    bearers = np.array([shared.bearers.get(subject, 0) for subject in subjects], np.int64)
    return link_bits(bearers, shared.records, Rules().world)


def _pairs(context: Context, number: Mapping[str, int], caps: Floats) -> Pairs:
    """Judgements, names and records as links between subjects that some signal names."""
    judged = ((pair.one, pair.other, JUDGED) for pair in context.pairs if pair.verdict == "same")
    called = ((found.one, found.other, NAMED) for found in context.namesakes if found.joins)
    known = [(number[a], number[b], bits) for a, b, bits in (*judged, *called) if a in number and b in number]
    bridged = [
        (number[b.one], number[b.other]) for b in context.shared.bridges if {b.one, b.other} <= number.keys()
    ]
    known += [(a, b, min(float(caps[a]), float(caps[b]), BRIDGED)) for a, b in bridged]
    return Pairs(
        np.array([a for a, _, _ in known], np.int64),
        np.array([b for _, b, _ in known], np.int64),
        np.array([bits for _, _, bits in known], np.float64),
    )


def _near(rows: Sequence[Row]) -> Pairs:
    """Signals, by number, that could be about one thing because it could have been at both."""
    places = np.array([[row["latitude"], row["longitude"], row["radius"]] for row in rows], np.float64)
    latitude, longitude, radius = places.reshape(-1, 3).T
    at = np.array([moment_of(row) for row in rows], np.int64)
    until = np.array([_lies_until(row) for row in rows], np.int64)
    numbers = {key: n for n, key in enumerate(dict.fromkeys(row["subjects"][0] for row in rows))}
    foremost = np.array([numbers[row["subjects"][0]] for row in rows], np.int64)
    passing = np.where(until < 0, latitude, np.nan)  # what lies on the ground came at no moment
    moving = near(passing, longitude, radius, at)
    lying = beside(latitude, longitude, radius, at, until, foremost)
    return Pairs(*(np.concatenate(parts) for parts in zip(moving, lying, strict=True)))


def _lies_until(row: Row) -> int:
    """Return until when what a signal speaks of lies on the ground, as `moment_of`; -1 where it does not."""
    if row["rule"] not in LASTS:
        return -1
    return int(((row["until"] or row["at"]) + LASTS[row["rule"]] - _EPOCH) // timedelta(microseconds=1))


def moment_of(row: Row) -> int:
    """When what a signal is about began, or could be known, in microseconds since 1970."""
    return int(((row["since"] or row["at"]) - _EPOCH) // timedelta(microseconds=1))


def _together(pairs: Pairs, close: Pairs, count: int) -> Pairs:
    """Pairs of subjects and pairs of signals, the latter numbered after the former's `count` subjects."""
    return Pairs(
        np.concatenate([pairs.one, close.one + count]),
        np.concatenate([pairs.other, close.other + count]),
        np.concatenate([pairs.bits, close.bits]),
    )


def _held(context: Context, number: Mapping[str, int]) -> npt.NDArray[np.int64]:
    held = [(pair.one, pair.other) for pair in context.pairs if pair.verdict == "different"]
    known = [(number[one], number[other]) for one, other in held if one in number and other in number]
    return np.array(known, np.int64).reshape(-1, 2)


@dataclass(frozen=True, slots=True)
class _Known:
    """Sources of a case's sentences, by subject or signal."""

    keys: Mapping[bytes, tuple[str, ...]]
    common: Mapping[str, int]
    judged: Mapping[str, list[Pair]]
    called: Mapping[str, list[Namesake]]
    bridges: Mapping[str, list[Bridge]]
    near: Mapping[bytes, list[Row]]


def _known(context: Context, common: Mapping[str, int], near: Iterable[tuple[Row, Row]]) -> _Known:
    judged: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in sorted(context.pairs, key=lambda pair: (pair.one, pair.other)):
        judged[pair.one].append(pair)
        judged[pair.other].append(pair)
    called: defaultdict[str, list[Namesake]] = defaultdict(list)
    for found in context.namesakes:
        if found.joins:
            called[found.one].append(found)
    bridges: defaultdict[str, list[Bridge]] = defaultdict(list)
    for bridge in context.shared.bridges:
        if bridge.one not in common and bridge.other not in common:
            bridges[bridge.one].append(bridge)
    nearby: defaultdict[bytes, list[Row]] = defaultdict(list)
    for one, other in near:
        nearby[one["row_id"]].append(other)
    return _Known(context.shared.keys, common, judged, called, bridges, nearby)


def _matter(rows: tuple[Row, ...], subjects: Sequence[str], known: _Known) -> Matter:
    foremost = {row["subjects"][0] for row in rows}
    # What lies on the ground joined what came by: it is no anchor of that, and its nearness paid for chance.
    came = [row for row in rows if row["rule"] not in LASTS] or rows
    mine = tuple(sorted({*subjects, *foremost}))
    judged = list(dict.fromkeys(pair for subject in mine for pair in known.judged.get(subject, ())))
    joining = [pair for pair in judged if pair.verdict == "same" and {pair.one, pair.other} <= set(mine)]
    holding = [pair for pair in judged if pair.verdict == "different"]
    named: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        for key in _named(row, known.keys)[1:]:
            named[key].add(row["subjects"][0])
    hubs = [key for key in sorted(named) if key in known.common]
    bridges = [b for subject in mine for b in known.bridges.get(subject, ()) if b.other in mine]
    return Matter(
        came[0]["subjects"][0],
        mine,
        rows,
        _chances({_looked_at(row, known.common) for row in came}, joining),
        (
            *(reason(DECIDED, **_said(pair)) for pair in joining),
            *_joins(rows, mine, named, known),
            *(reason(BOTH, source=b.source, one=b.one, other=b.other) for b in bridges),
        ),
        (
            *(reason(HELD, **_said(pair)) for pair in holding),
            *(reason(HUB, key=key, parties=known.common[key]) for key in hubs),
        ),
        (*(pair.marking for pair in (*joining, *holding)), *(bridge.marking for bridge in bridges)),
    )


def _looked_at(row: Row, common: Mapping[str, int]) -> str:
    """Return what a signal is about; of a track, the craft whose radio it is.

    One aircraft that was lost and found nine times did not have nine chances to look bad.
    """
    crafts = (one for one in row["subjects"] if one.partition(":")[0] in CRAFTS and one not in common)
    return str(next(crafts, row["subjects"][0]))


def _joins(
    rows: Iterable[Row], mine: Iterable[str], named: Mapping[str, set[str]], known: _Known
) -> Iterator[Reason]:
    """Yield the reasons for which rules joined signals: identifiers, names, places."""
    for key, who in sorted(named.items()):
        if len(who) > 1 and key not in known.common:
            yield reason(SHARED, key=key, subjects=len(who))
    here = set(mine)
    for found in (f for subject in mine for f in known.called.get(subject, ()) if f.other in here):
        yield reason(CALLED, one=found.one, other=found.other, score=f"{found.score:.2f}")
    signals = {row["row_id"] for row in rows}
    for row in rows:
        for other in known.near.get(row["row_id"], ()):
            if other["row_id"] in signals:
                yield _nearness(row, other)


def _nearness(row: Row, other: Row) -> Reason:
    """Return the sentence about two signals whose places joined them."""
    metres = round(apart((row["latitude"], row["longitude"]), (other["latitude"], other["longitude"])))
    places = [f"{one['latitude']:.3f} {one['longitude']:.3f}" for one in (row, other)]
    if row["rule"] in LASTS or other["rule"] in LASTS:
        ground, came = (row, other) if row["rule"] in LASTS else (other, row)
        since, until = ((ground[name] or ground["at"]).date().isoformat() for name in ("since", "until"))
        place, day = places[ground is other], (came["since"] or came["at"]).date().isoformat()
        return reason(BESIDE, place=place, since=since, until=until, metres=metres, day=day)
    minutes = round(abs(moment_of(row) - moment_of(other)) / 60e6)
    return reason(NEAR, one=places[0], other=places[1], metres=metres, minutes=minutes)


def _said(pair: Pair) -> dict[str, str]:
    """Return the parameters of the sentences about a judgement."""
    day = pair.at.date().isoformat()
    return {"by": pair.by, "one": pair.one, "other": pair.other, "day": day, "why": pair.why}


def _chances(foremost: set[str], joining: Iterable[Pair]) -> int:
    """Subjects that the signals are about, those that a person says are one counted once."""
    parent = {subject: subject for subject in foremost}

    def root(subject: str) -> str:
        while parent.setdefault(subject, subject) != subject:
            subject = parent[subject]
        return subject

    for pair in joining:
        one, other = sorted((root(pair.one), root(pair.other)))
        parent[other] = one
    return len({root(subject) for subject in foremost})
