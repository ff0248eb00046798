"""Columns of text that become the text of a declaration's fields: masses, addresses, codes, countries."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import IDENTIFIER
from watchfloor.formats.cargo import manifests
from watchfloor.formats.lists.countries import country_code
from watchfloor.formats.tabular.values import by_distinct, escape

CATEGORIES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("gift", "cadeau", "31"), "gift"),
    **dict.fromkeys(("sale of goods", "sale", "vente de marchandises", "11"), "sale"),
    **dict.fromkeys(
        ("commercial sample", "sample", "echantillon commercial", "échantillon commercial", "32"), "sample"
    ),
    **dict.fromkeys(("documents", "document", "91"), "documents"),
    **dict.fromkeys(
        ("returned goods", "return", "retour de marchandises", "retour de marchandise", "21"), "return"
    ),
    **dict.fromkeys(("other", "others", "autre", "autres", "991", "999"), "other"),
}
"""Boxes of CN 22 and CN 23, and their codes in postal data (from memory)."""

MODES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("air", "aerien", "aérien", "1"), "air-cargo"),
    **dict.fromkeys(("highway", "road", "truck", "routier", "route", "2"), "vehicle"),
    **dict.fromkeys(("rail", "train", "ferroviaire", "6"), "rail"),
    **dict.fromkeys(("marine", "sea", "maritime", "9"), "vessel"),
    **dict.fromkeys(("mail", "post", "poste"), "post"),
    "courier": "courier",
    "messagerie": "courier",
}
"""Modes as Canadian forms write them; the numbers are those of CBSA's code table (from memory)."""

_UNITS: Final = {"KGS": "KG", "KILOGRAM": "KG", "KILOGRAMS": "KG", "LBS": "LB", "POUNDS": "LB", "G": "GRM"}


def worded(words: Mapping[str, str]) -> Callable[[pa.Array], pa.Array]:
    """A change of words to ours; others stay as they are, and are refused where a field has a closed set."""
    return lambda texts: (
        by_distinct(texts, lambda text: words.get(text.strip().lower(), text), pa.string()).values
    )


def kilograms(masses: pa.Array, units: pa.Array) -> pa.Array:
    """Masses as kilograms; what is no number or no unit stays as it is, and is refused as a measure."""
    pairs = pc.binary_join_element_wise(masses, pc.fill_null(units, "KG"), "\x1f")
    return by_distinct(pairs, _kilograms, pa.string()).values


def _kilograms(pair: str) -> str:
    mass, _, unit = pair.partition("\x1f")
    code = unit.strip().upper()
    factor = manifests.KILOGRAMS.get(_UNITS.get(code, code))
    if factor is None:
        return f"{mass} {unit}"
    if factor == 1:
        return mass
    try:
        return f"{Decimal(mass.strip()) * factor:f}"
    except ArithmeticError:
        return mass


def country(texts: pa.Array) -> pa.Array:
    """ISO 3166-1 alpha-2; null for a text that is no country, which its own field tells."""
    return by_distinct(texts, country_code, pa.string()).values


def directions(departure: pa.Array, destination: pa.Array) -> pa.Array:
    """Which way goods go between two countries."""
    pairs = pc.binary_join_element_wise(pc.fill_null(departure, ""), pc.fill_null(destination, ""), " ")
    return by_distinct(pairs, _direction, pa.string()).values


def _direction(pair: str) -> str | None:
    departure, _, destination = pair.partition(" ")
    return manifests.direction(departure or None, destination or None, ())


def joined(columns: Iterable[pa.Array], separator: str = ", ") -> pa.Array:
    """Texts joined, without those that are null; null where all are.

    Not by `null_handling="skip"`: in pyarrow 26 that drops the rows in which all are null.
    """
    each = (pc.fill_null(pc.binary_join_element_wise(separator, one, ""), "") for one in columns)
    text = pc.utf8_slice_codeunits(pc.binary_join_element_wise(*each, ""), len(separator))
    return pc.if_else(pc.equal(text, ""), None, text)


def codes(columns: Mapping[str, pa.Array]) -> pa.Array:
    """`name=value` for each column that is filled, as a list in one text."""
    written = [pc.binary_join_element_wise(f"{name}=", escape(text), "") for name, text in columns.items()]
    return joined(written, ";")


def identifiers(columns: Mapping[str, pa.ChunkedArray]) -> pa.Array:
    """Lists of identifiers, one for each column that is filled; by system, in the order of the columns."""
    texts = [column.combine_chunks() for column in columns.values()]
    filled = np.column_stack([pc.is_valid(text).to_numpy(zero_copy_only=False) for text in texts])
    row, column = np.nonzero(filled)
    systems = pa.array(list(columns)).take(pa.array(column))
    numbers = pa.concat_arrays(texts).take(pa.array(column * len(filled) + row))
    each = pa.StructArray.from_arrays(
        [systems, numbers, pa.nulls(len(row), pa.string())], fields=list(IDENTIFIER)
    )
    ends = np.concatenate([[0], np.cumsum(filled.sum(1))])
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), each, pa.list_(IDENTIFIER))
