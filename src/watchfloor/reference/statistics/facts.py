"""The packaged monthly facts and their sources; `design/statistics.py` makes the table from published files.

Three series, every vintage of each. A cell that a vintage leaves out of a month that it has is zero there.
"""

import gzip
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from watchfloor.core.kinds import STATISTIC

FILE: Final = "facts.tsv.gz"
SOURCES: Final = "sources.toml"
PUBLISHER: Final = "US Customs and Border Protection"

COLUMNS: Final = (
    *("observed_at", "until", "series", "publisher", "published", "dated", "cell", "measure", "unit"),
    *("value", "to_date"),
)
"""Columns of `packaged`, as the kind `statistic` has them."""


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence or a name in both languages."""

    en: str
    fr: str


class Dimension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dimension of cells; `values`: all that it has in the package, where they are few."""

    en: str
    fr: str
    values: tuple[str, ...] = ()


class Vintage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A published file: its name, by when it was public, its first and last month, and how it is dated."""

    file: str
    published: str
    first: str
    last: str
    dated: str


class Break(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why numbers on both sides of a time, or of two vintages, do not compare: months `since` to `until`."""

    en: str
    fr: str
    since: str = ""
    until: str = ""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A series: who publishes it, what it counts, and what to know before one compares.

    Attributes:
        publisher: who publishes it.
        title: of the table.
        unit: what its measures are in, by measure.
        licence: under which it is published.
        where: the page on which it is published.
        packaged: which part of it the package has.
        region: what a region is in it.
        zeros: what a missing cell means.
        cell: its dimensions.
        vintages: the files that the package's rows are from.
        breaks: known ones.
    """

    publisher: str
    title: Words
    unit: dict[str, Words]
    licence: Words
    where: str
    packaged: Words
    region: Words
    zeros: Words
    cell: dict[str, Dimension]
    vintages: tuple[Vintage, ...]
    breaks: tuple[Break, ...] = ()


@cache
def packaged() -> pa.Table:
    """The facts: `COLUMNS`, typed as the kind `statistic` has them, a row each number.

    Periods are calendar months, from the first moment of one to that of the next, UTC.
    """
    text = gzip.decompress((files(__package__) / FILE).read_bytes())
    types = dict.fromkeys(("series", "published", "dated", "measure", "unit", "to_date", "month", "cell"), "")
    found = csv.read_csv(
        pa.BufferReader(text),
        csv.ReadOptions(use_threads=False),
        csv.ParseOptions(delimiter="\t", quote_char=False),
        csv.ConvertOptions(
            column_types={**dict.fromkeys(types, pa.string()), "value": pa.float64()},
            null_values=[""],
            strings_can_be_null=True,
        ),
    )
    month = np.array(found["month"].to_pylist(), "datetime64[M]")
    made = {
        **{name: found[name] for name in ("series", "dated", "cell", "measure", "unit", "value")},
        "observed_at": pa.array(month.astype("datetime64[us]")),
        "until": pa.array((month + np.timedelta64(1, "M")).astype("datetime64[us]")),
        "publisher": pa.repeat(PUBLISHER, found.num_rows),
        "published": pa.array(np.array(found["published"].to_pylist(), "datetime64[us]")),
        "to_date": pc.is_valid(found["to_date"]),
    }
    schema = pa.schema([STATISTIC.schema.field(name) for name in COLUMNS])
    return pa.table([pc.cast(made[one.name], one.type) for one in schema], schema=schema)


@cache
def sources() -> dict[str, Source]:
    """Read the source of each series, by its name."""
    return msgspec.toml.decode((files(__package__) / SOURCES).read_bytes(), type=dict[str, Source])
