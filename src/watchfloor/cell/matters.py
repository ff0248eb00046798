"""Matters: the signals that belong together, and in words why they do.

`cell.linking` joins by number; here are the subjects, the identifiers that the records share, the names that
fit and the judgements of people, and the sentences that tell a reader what joined what.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.cell.linking import Named, Pairs, Rules, link
from watchfloor.cell.merges import Pair
from watchfloor.cell.namesakes import Namesake
from watchfloor.records.messages import Reason, declare, reason

Row = Mapping[str, Any]

JUDGED: Final = 64.0
"""Bits of a judgement that two subjects are one: more than any rule's, so that it is joined first."""

NAMED: Final = 10.0
"""Bits of a name that fits with its birth date: one pair of strangers in a thousand shares as much."""

SHARED = declare(
    "cell.joined-by-key", en="{subjects} subjects give {key}", fr="{subjects} sujets donnent {key}"
)
DECIDED = declare(
    "cell.joined-by-person",
    en="{by} joined {one} and {other} on {day}: {why}",
    fr="{by} a réuni {one} et {other} le {day} : {why}",
)
CALLED = declare(
    "cell.joined-by-name",
    en="{one} and {other} have one name (score {score}) and nothing speaks against it",
    fr="{one} et {other} portent un même nom (score {score}) et rien ne s’y oppose",
)
HUB = declare(
    "cell.hub",
    en="{key} is named with {parties} different subjects, too many to join anybody",
    fr="{key} est donné avec {parties} sujets différents, trop pour réunir qui que ce soit",
)
HELD = declare(
    "cell.held-apart",
    en="{by} held {one} and {other} apart on {day}: {why}",
    fr="{by} a séparé {one} et {other} le {day} : {why}",
)


@dataclass(frozen=True, slots=True)
class Context:
    """What joins signals besides the subjects they name.

    Attributes:
        keys: identifiers in each record of evidence, as typed keys.
        pairs: judgements about two subjects that stand.
        namesakes: subjects with one name.
    """

    keys: Mapping[bytes, tuple[str, ...]] = field(default_factory=dict)
    pairs: Sequence[Pair] = ()
    namesakes: Sequence[Namesake] = ()


@dataclass(frozen=True, slots=True)
class Matter:
    """Signals that belong together.

    Attributes:
        subject: the anchor: the foremost subject of the signal that could be known first.
        subjects: all of them, by key.
        rows: the signals.
        chances: different subjects that the signals are about; each had its chance to raise one.
        joins: why they belong together, one sentence a link.
        hubs: what its signals name and what was too common to join, or was held apart.
        markings: of the judgements that shaped it.
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
        signals: rows of `records.derived.SIGNAL`, one revision each.
        context: what joins them besides their subjects.
        rules: thresholds of `cell.linking`.
    """
    rows = sorted(signals.to_pylist(), key=lambda row: row["row_id"])
    named = [_named(row, context.keys) for row in rows]
    subjects = sorted({subject for names in named for subject in names})
    number = {subject: i for i, subject in enumerate(subjects)}
    sizes = np.array([0, *map(len, named)], np.int64)
    flat = np.array([number[subject] for names in named for subject in names], np.int64)
    found = link(
        Named(np.cumsum(sizes), flat),
        len(subjects),
        pairs=_pairs(context, number),
        apart=_apart(context, number),
        rules=rules or Rules(),
    )
    common = {subjects[i]: int(found.parties[i]) for i in found.hubs}
    members = [rows_of(found.signals[a:b], rows) for a, b in pairwise(found.start.tolist())]
    theirs: defaultdict[int, list[str]] = defaultdict(list)
    for subject, lead in zip(subjects, found.lead.tolist(), strict=True):
        theirs[lead].append(subject)
    made = [_matter(mine, theirs[lead], context, common) for lead, mine in enumerate(members) if mine]
    return sorted(made, key=lambda matter: (matter.subject, matter.subjects))


def rows_of(places: Iterable[int], rows: Sequence[Row]) -> tuple[Row, ...]:
    """The signals at some places, in the order in which they could be known."""
    return tuple(sorted((rows[i] for i in places), key=lambda row: (row["at"], row["row_id"])))


def _named(row: Row, keys: Mapping[bytes, tuple[str, ...]]) -> tuple[str, ...]:
    """What a signal names: its own subjects, then the identifiers in the records that it rests on."""
    given = (key for record in row["evidence"] for key in keys.get(record, ()))
    return tuple(dict.fromkeys([*row["subjects"], *given]))


def _pairs(context: Context, number: Mapping[str, int]) -> Pairs:
    """Judgements and names as links between subjects that some signal names."""
    judged = ((pair.one, pair.other, JUDGED) for pair in context.pairs if pair.verdict == "same")
    called = ((found.one, found.other, NAMED) for found in context.namesakes if found.joins)
    known = [(number[a], number[b], bits) for a, b, bits in (*judged, *called) if a in number and b in number]
    one, other, bits = zip(*known, strict=True) if known else ((), (), ())
    return Pairs(np.array(one, np.int64), np.array(other, np.int64), np.array(bits, np.float64))


def _apart(context: Context, number: Mapping[str, int]) -> npt.NDArray[np.int64]:
    held = [(pair.one, pair.other) for pair in context.pairs if pair.verdict == "different"]
    known = [(number[one], number[other]) for one, other in held if one in number and other in number]
    return np.array(known, np.int64).reshape(-1, 2)


def _matter(
    rows: tuple[Row, ...], subjects: Sequence[str], context: Context, common: Mapping[str, int]
) -> Matter:
    foremost = {row["subjects"][0] for row in rows}
    mine = {*subjects, *foremost}
    pairs = sorted(context.pairs, key=lambda pair: (pair.one, pair.other))
    joining = [pair for pair in pairs if pair.verdict == "same" and {pair.one, pair.other} <= mine]
    holding = [pair for pair in pairs if pair.verdict == "different" and pair.of(mine)]
    called = [found for found in context.namesakes if found.joins and {found.one, found.other} <= foremost]
    named = defaultdict(set)
    for row in rows:
        for key in _named(row, context.keys)[1:]:
            named[key].add(row["subjects"][0])
    shared = [(key, len(who)) for key, who in sorted(named.items()) if len(who) > 1 and key not in common]
    return Matter(
        rows[0]["subjects"][0],
        tuple(sorted(mine)),
        rows,
        _chances(foremost, joining),
        (
            *(reason(DECIDED, **_said(pair)) for pair in joining),
            *(reason(SHARED, key=key, subjects=count) for key, count in shared),
            *(reason(CALLED, one=f.one, other=f.other, score=f"{f.score:.2f}") for f in called),
        ),
        (
            *(reason(HELD, **_said(pair)) for pair in holding),
            *(reason(HUB, key=key, parties=common[key]) for key in sorted(named) if key in common),
        ),
        tuple(pair.marking for pair in (*joining, *holding)),
    )


def _said(pair: Pair) -> dict[str, str]:
    """What the sentences about a judgement say."""
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
