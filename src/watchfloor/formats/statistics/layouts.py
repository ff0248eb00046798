"""Layouts of published tables: columns, which of them make the cell, and which are numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.tabular import measures
from watchfloor.formats.tabular.lexicon import Cell, Lexicon
from watchfloor.formats.tabular.values import Column


def columns(**words: tuple[str, ...]) -> Lexicon:
    """Columns of a table by our words, with those that say when."""
    years = {
        "fiscal": ("Fiscal Year", "FY"),
        "calendar": ("Calendar Year", "CY"),
        "month": ("Month (abbv)", "Month", "Month (abbr)", "Month abbreviation", "Month name"),
    }
    known = {word: Cell(names) for word, names in {**years, **words}.items()}
    return Lexicon("a table of statistics", known, plainest=True)


def counts(texts: pa.Array) -> Column:
    """Whole numbers, 0 or more; `3.0`, as programs write it that do not know counts, is 3."""
    return measures.natural(pc.replace_substring_regex(texts, r"^(\d+)\.0+$", r"\1"))


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of each row: its word in `Layout.lexicon`, its measure, its unit, and how its text is read."""

    word: str
    measure: str
    unit: str | None
    read: Callable[[pa.Array], Column]


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the ways in which a table is published, each a series of its own.

    Attributes:
        series: the series.
        needed: words of its columns, beside those of the layout.
        without: words of columns that it does not have.
    """

    series: str
    needed: tuple[str, ...]
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """Layout of a table.

    Attributes:
        lexicon: of its dimensions, measures and times.
        needed: words of the columns that every variant has.
        variants: the ways in which it is published; of two that fit equally, the first.
        dimensions: words that make the cell, where their columns are there.
        measures: numbers of a row.
        same: by dimension, published names of one thing, as `lexicon.plain` writes them, and that name.
    """

    lexicon: Lexicon
    needed: tuple[str, ...]
    variants: tuple[Variant, ...]
    dimensions: tuple[str, ...]
    measures: tuple[Measure, ...]
    same: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def variant(self, found: Mapping[str, str]) -> Variant:
        """The variant that a table with these columns lacks the fewest columns of."""
        fit = [one for one in self.variants if not any(word in found for word in one.without)]
        return min(fit, key=lambda one: sum(word not in found for word in one.needed))

    def columns(self, found: Mapping[str, str]) -> list[str]:
        """Words of all columns that such a table has."""
        year = "calendar" if "calendar" in found and "fiscal" not in found else "fiscal"
        return [year, "month", *self.needed, *self.variant(found).needed]

    def lacks(self, found: Mapping[str, str]) -> list[str]:
        """Words that have no column."""
        return [word for word in self.columns(found) if word not in found]
