"""Totals of seizures by drug, direction, mode and the like, that add nothing twice and say what is unknown.

A row may be part of another (“of which 1.44 kg was bound for the US”). Where the two fall into one group, the
part adds nothing; where they do not, the part goes to its own group and what is left of the whole stays in
that of the whole. A number that nobody stated is None, and never nought.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import hypot
from typing import Any, Final

Row = Mapping[str, Any]
Key = tuple[str | None, ...]

BY: Final = ("operation", "drug", "direction", "other", "mode", "place")
"""What seizures may be grouped by."""
FEW: Final = 20
"""Seizures below which a part of them is given as a count and not as a share: one more or less would move it
by five points."""


DEEP: Final = 50
"""Rows that a row may be part of, one within the other."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The share of one row in one group: count, part of a whole, mass; None where it is not stated."""

    key: Key
    count: int | None
    at_least: bool
    mass: float | None
    variance: float | None
    share: float | None = None
    single: bool = False
    arrests: int | None = None
    open: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A group's totals.

    Attributes:
        key: what it is grouped by, in that order; None where a row does not say.
        rows: how many rows brought something.
        count: seizures, or None where not every row says how many.
        at_least: whether there were more than that.
        counted: seizures of the rows that do say.
        mass: in grams, or None where no row states one; of the rows that do.
        mass_error: its standard uncertainty, or None where not every mass has one.
        unweighed: rows without a mass.
        share: of all seizures, as published or counted; None where they are too few or unknown.
        published: whether the share is as published, not counted here.
        largest: part of the mass that the heaviest single seizure is, or None where that is not known.
        arrests: or None where no row says.
        over: whether parts that went to other groups exceed the row that they are part of.
    """

    key: Key
    rows: int
    count: int | None
    at_least: bool
    counted: int
    mass: float | None
    mass_error: float | None
    unweighed: int
    share: float | None
    published: bool
    largest: float | None
    arrests: int | None
    over: bool


@dataclass(slots=True)
class _Tree:
    """Rows below the rows that they are part of."""

    by: Sequence[str]
    parts: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def spread(self, row: Row, above: Key | None = None) -> list[Piece]:
        """Return the pieces of a row and its parts, each with its group."""
        over = above or (None,) * len(self.by)
        key = tuple(over[n] if row[name] is None else row[name] for n, name in enumerate(self.by))
        below = [piece for part in self.parts.get(row["report_key"], ()) for piece in self.spread(part, key)]
        foreign = [piece for piece in below if piece.key != key]
        own = [piece for piece in below if piece.key == key]
        return [self._rest(row, key, own, foreign), *foreign]

    def _rest(self, row: Row, key: Key, own: list[Piece], foreign: list[Piece]) -> Piece:
        below = [*own, *foreign]
        count, known = _count(row, own, foreign)
        mass, variance = _mass(row, own, foreign)
        return Piece(
            key,
            count,
            bool(row["at_least"]) or known,
            mass,
            variance,
            row["share"],
            single=row["count"] == 1 or (row["count"] is None and row["part_of"] is None and not below),
            arrests=_arrests(row, own, foreign),
            open=count is None,
            over=_over(row, foreign),
        )


def totals(rows: Iterable[Row], by: Sequence[str] = ()) -> list[Group]:
    """Totals of rows by some of `BY`; the heaviest first, what is not weighed after that.

    Args:
        rows: of the kind `seizure`, each report once.
        by: columns to group by; none: everything together.
    """
    given = list(rows)
    tree, tops = _Tree(by), []
    of = {row["report_key"]: row["part_of"] for row in given if row["report_key"]}
    for row in given:
        if row["part_of"] in of and not _cyclic(of, row):
            tree.parts[row["part_of"]].append(row)
        else:
            tops.append(row)
    grouped: defaultdict[Key, list[Piece]] = defaultdict(list)
    for row in tops:
        for piece in tree.spread(row):
            grouped[piece.key].append(piece)
    whole = sum(piece.count or 0 for pieces in grouped.values() for piece in pieces)
    sure = all(not p.open and not p.at_least for pieces in grouped.values() for p in pieces)
    made = [_group(key, pieces, whole if sure else None) for key, pieces in grouped.items()]
    return sorted(made, key=lambda one: (-(one.mass or 0.0), -(one.counted), [str(part) for part in one.key]))


def within(rows: Iterable[Row], since: datetime | None, until: datetime | None) -> list[Row]:
    """Rows that lie in a span of time as a whole; one that reaches over its ends is left out."""
    return [
        row
        for row in rows
        if (since is None or row["observed_at"] >= since)
        and (until is None or (row["until"] or row["observed_at"]) <= until)
    ]


def _count(row: Row, own: list[Piece], foreign: list[Piece]) -> tuple[int | None, bool]:
    """How many seizures stay in a row's own group, and whether there may be more."""
    if row["count"] is None:
        if row["share"] is not None or row["part_of"] is not None:
            return None, False
        counts = [piece.count for piece in own]
        return (sum(each or 0 for each in counts), True) if own else (1, False)
    if any(piece.count is None for piece in foreign):
        return None, False
    return max(0, row["count"] - sum(piece.count or 0 for piece in foreign)), False


def _over(row: Row, foreign: list[Piece]) -> bool:
    """Whether parts in other groups are more than the whole says."""
    mass, count = _sum(piece.mass or 0.0 for piece in foreign), sum(piece.count or 0 for piece in foreign)
    heavier = row["mass"] is not None and mass > row["mass"]
    return heavier or (row["count"] is not None and not row["at_least"] and count > row["count"])


def _arrests(row: Row, own: list[Piece], foreign: list[Piece]) -> int | None:
    """How many arrests stay in a row's own group."""
    whole: int | None = row["arrests"]
    if whole is not None:
        return max(0, whole - sum(piece.arrests or 0 for piece in foreign))
    known = [piece.arrests for piece in own if piece.arrests is not None]
    return sum(known) if known else None


def _mass(row: Row, own: list[Piece], foreign: list[Piece]) -> tuple[float | None, float | None]:
    """The mass that stays in a row's own group, and its variance."""
    if row["mass"] is None:
        known = [piece for piece in own if piece.mass is not None]
        if not known:
            return None, None
        variances = [piece.variance for piece in known if piece.variance is not None]
        return _sum(piece.mass or 0.0 for piece in known), sum(variances) if len(variances) == len(
            known
        ) else None
    taken = [piece for piece in foreign if piece.mass is not None]
    errors = [row["mass_error"], *(None if each.variance is None else each.variance**0.5 for each in taken)]
    variance = None if None in errors else sum(each**2 for each in errors if each is not None)
    return _sum([row["mass"], *(-(piece.mass or 0.0) for piece in taken)]), variance


def _group(key: Key, pieces: list[Piece], whole: int | None) -> Group:
    counted = sum(piece.count or 0 for piece in pieces)
    weighed = [piece for piece in pieces if piece.mass is not None]
    open_ = any(piece.count is None for piece in pieces)
    errors = [piece.variance for piece in weighed]
    published = next((piece.share for piece in pieces if piece.share is not None), None)
    share = counted / whole if whole is not None and whole >= FEW and not open_ else None
    mass = _sum(piece.mass or 0.0 for piece in weighed) if weighed else None
    heaviest = max((piece.mass or 0.0 for piece in weighed), default=0.0)
    singles = bool(weighed) and all(piece.single for piece in weighed)
    arrests = [piece.arrests for piece in pieces if piece.arrests is not None]
    return Group(
        key,
        len(pieces),
        None if open_ else counted,
        any(piece.at_least for piece in pieces),
        counted,
        mass,
        None if not weighed or None in errors else hypot(*(each**0.5 for each in errors if each is not None)),
        len(pieces) - len(weighed),
        published if published is not None else share,
        published is not None,
        heaviest / mass if singles and mass else None,
        sum(arrests) if arrests else None,
        any(piece.over for piece in pieces),
    )


def _sum(values: Iterable[float]) -> float:
    """A sum in which decimal grams stay decimal: to a billionth of a gram."""
    from math import fsum

    return round(fsum(values), 9)


def _cyclic(of: Mapping[str, str | None], row: Row) -> bool:
    """Whether a row is, by way of others, part of itself, or of more than `DEEP` others."""
    seen, at = {row["report_key"]}, row["part_of"]
    while at is not None:
        if at in seen or len(seen) > DEEP:
            return True
        seen.add(at)
        at = of.get(at)
    return False
