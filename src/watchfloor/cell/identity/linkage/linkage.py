"""Linkage of the rows of some tables: pairs that are of one person, each with its reasons in bits.

Rules of blocking are chosen from the data (`blocking`), pairs compared (`comparisons`), a model fitted
(`mixture`), rivals set against each other (`consistency`). Pairs are kept from the likeliest down while their
expected precision stays above the one asked for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.cell.identity.linkage import blocking, mixture
from watchfloor.cell.identity.linkage.comparisons import Comparer
from watchfloor.cell.identity.linkage.consistency import rivalry
from watchfloor.cell.identity.linkage.records import Records, records_of
from watchfloor.cell.identity.linkage.tables import PersonTable

Array = npt.NDArray[Any]
Say = Callable[[str], object]

PRECISION: Final = 0.999
"""Share of the kept pairs that are expected to be right."""

MARGIN: Final = 0.4
"""Part of the allowed errors that the model's own doubt may fill: it takes fields for more independent than
they are. Measured on pseudopeople, seed 1."""

DRAWN: Final = 1_000_000
"""Pairs of rows that strangers' levels are counted on."""

REPEATED: Final = 0.05
"""Share of a table's rows that are of a person met before, to begin with."""


@dataclass(frozen=True, slots=True)
class Linkage:
    """The result of linking some tables.

    Attributes:
        records: the rows.
        one, other: rows of each pair that is kept, likeliest first.
        bits: log2-odds of each, rivals counted.
        rules: of blocking, with the pairs that each gave.
        looked_at: pairs that were compared.
        precision: expected share of right ones among the pairs kept.
        threshold: bits of the last pair that is kept.
        rounds: of the fit.
    """

    tables: Sequence[PersonTable]
    records: Records
    one: Array
    other: Array
    bits: Array
    taken: Array
    rules: list[blocking.Rule]
    looked_at: int
    precision: float
    threshold: float
    rounds: int
    pairs: mixture.Pairs | None = None
    model: mixture.Model | None = None


def link(
    tables: Sequence[PersonTable],
    *,
    within: bool = True,
    across: bool = True,
    precision: float = PRECISION,
    say: Say = lambda _: None,
) -> Linkage:
    """Link the rows of tables.

    Args:
        tables: one or several.
        within: whether pairs of rows of one table are wanted.
        across: whether pairs of rows of two tables are wanted.
        precision: share of the kept pairs that should be right.
        say: takes what is being done.
    """
    say("reading the fields")
    records = records_of(tables)
    say("choosing pairs")
    found = _candidates(records)
    if not len(found.one):
        none = np.empty(0, np.int32)
        return Linkage(tables, records, none, none, none, none, found.rules, 0, 1.0, 0.0, 0)
    say(f"comparing {len(found.one):,} pairs")
    comparer = Comparer(records)
    compared = comparer.compare(found.one, found.other)
    drawn = blocking.sample(records, within=True, across=True, size=DRAWN)
    u = mixture.chances(comparer.compare(drawn["one"], drawn["other"]))
    group, universe, expected = _groups(records, found, len(tables))
    pairs = mixture.Pairs.beside(compared, group, universe)
    model = mixture.fit(pairs, u, expected, lambda what: say(f"fitting, {what}"))
    bits = mixture.score(pairs, model).bits
    first = len(bits) - len(records.copies)  # copies of one row are no rivals of each other
    taken = np.zeros(len(bits))
    taken[:first] = rivalry(found.one[:first], found.other[:first], bits[:first], len(records))
    bits = bits - taken
    same = records.table[found.one] == records.table[found.other]
    kept = np.flatnonzero(((same & within) | (~same & across)) & (bits > 0))
    kept = kept[np.lexsort((found.other[kept], found.one[kept], -bits[kept]))]
    number, share = _threshold(bits[kept], precision)
    kept = kept[:number]
    return Linkage(
        tables,
        records,
        found.one[kept],
        found.other[kept],
        bits[kept],
        taken[kept],
        found.rules,
        len(found.one),
        share,
        float(bits[kept[-1]]) if number else 0.0,
        model.rounds,
        pairs[kept],
        model,
    )


def _candidates(records: Records) -> blocking.Candidates:
    """Return the pairs to compare. A row in very many copies is looked at once, and each copy beside it."""
    once, place, repeats = records.once()
    found = blocking.candidates(once, within=True, across=True)
    copies = np.flatnonzero(repeats != np.arange(len(records), dtype=np.int32)).astype(np.int32)
    if not len(copies):
        return found
    records.notes.append(("repeated", "", f"{len(copies)}"))
    records.copies = copies
    for what, values in records.fields.items():
        values.counts = once.fields[what].counts  # copies make a value no more common
    one, other = repeats[copies], copies
    return blocking.Candidates(
        np.concatenate([place[found.one], one]), np.concatenate([place[found.other], other]), found.rules
    )


def _groups(records: Records, found: blocking.Candidates, tables: int) -> tuple[Array, Array, Array]:
    """Return the group of each pair, and each group's number of pairs and of pairs of one person expected."""
    sizes = np.bincount(records.table, minlength=tables).astype(np.float64)
    group = records.table[found.one].astype(np.int64) * tables + records.table[found.other]
    universe, expected = np.outer(sizes, sizes), np.minimum.outer(sizes, sizes) / 2
    inside = np.arange(tables)
    universe[inside, inside] = sizes * (sizes - 1) / 2
    expected[inside, inside] = sizes * REPEATED
    return group, universe.ravel(), np.minimum(expected, universe / 2).ravel()


def _threshold(bits: Array, precision: float) -> tuple[int, float]:
    """Return how many of the likeliest pairs are kept, and the share of them expected to be right."""
    if not len(bits):
        return 0, 1.0
    wrong = np.cumsum(1.0 / (1.0 + np.exp2(bits))) / np.arange(1, len(bits) + 1)
    good = np.flatnonzero(wrong <= (1.0 - precision) * MARGIN)
    number = int(good[-1]) + 1 if len(good) else 0
    return number, 1.0 - float(wrong[number - 1]) if number else 1.0
