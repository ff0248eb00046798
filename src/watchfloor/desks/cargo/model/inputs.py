"""Inputs of a model of declarations: words, numbers, and pairs of words.

Words are coded boxes, headings, parties by their keys, and numbers cut at quantiles; pairs are words that
mean more together, such as an importer with a heading. Names, addresses, telephones and descriptions are no
words. Countries, and codes that tell them, are words only where a fit asks for routes.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

COLUMNS: Final = (
    *("importer", "consignee", "shipper", "declarant", "handler", "carrier", "office", "page"),
    *("mode", "direction", "category", "currency"),
)
"""Columns that are words as they are."""
HEADINGS: Final = {"hs2": 2, "hs4": 4, "hs6": 6}
"""Words of the code of goods, by its digits."""
TELLING: Final = frozenset({"tax", "origin-mark"})
"""Codes that tell a country: a preferential rate is that of an agreement with one."""
COUNTRIES: Final = ("departure", "origin", *(f"code:{name}" for name in sorted(TELLING)))
"""Words that are of a country, or tell it."""
CUT: Final = {"value": (6, 20), "mass": (6, 20), "unit": (6, 20)}
"""Numbers that are words too, cut at so many quantiles: `value/6`, `value/20`."""

PAIRS: Final = (
    *(("hs2", f"{number}/6") for number in CUT),
    *(("hs4", f"{number}/6") for number in ("value", "mass")),
    ("value/20", "mass/20"),
    ("hs4", "rate"),
    ("hs6", "rate"),
    ("importer", "hs4"),
    ("importer", "shipper"),
    ("shipper", "hs4"),
    ("declarant", "office"),
    ("declarant", "hs4"),
    ("office", "hs4"),
    ("page", "handler"),
)
ROUTES: Final = (
    ("departure", "origin"),
    ("hs2", "apart"),
    ("hs2", "origin"),
    ("hs4", "origin"),
    ("origin", "value/6"),
    ("origin", "mass/6"),
    ("apart", "value/20"),
    ("apart", "mass/20"),
    ("apart", "code:tax"),
)
"""Pairs that are of a country; `apart` says whether goods leave from another country than they come from."""


class ModelInputs(NamedTuple):
    """Inputs of declarations: numbered words, null as an empty one, and numbers with NaN."""

    words: Mapping[str, pa.DictionaryArray]
    numbers: Mapping[str, Floats]


def build(rows: pa.Table, routes: bool, currency: str | None = None) -> ModelInputs:
    """Words and numbers of declarations.

    Args:
        rows: kind `declaration`.
        routes: whether countries are words.
        currency: that values are read in; those in another count as not declared. None: whatever it is.
    """
    words = {name: _word(rows[name]) for name in COLUMNS}
    hs = _word(rows["hs"])
    words |= {
        name: _over(hs, pc.utf8_slice_codeunits(hs.dictionary, 0, digits))
        for name, digits in HEADINGS.items()
    }
    words["rate"] = _word(pc.cast(rows["rate"], pa.string()))
    words |= {name: word for name, word in _codes(rows["codes"]).items() if routes or name not in COUNTRIES}
    if routes:
        words |= {name: _word(rows[name]) for name in ("departure", "origin")}
        same = pc.equal(rows["departure"], rows["origin"])
        words["apart"] = _word(pc.if_else(same, "same", "apart"))
    return ModelInputs(words, _numbers(rows, currency))


def _numbers(rows: pa.Table, currency: str | None) -> dict[str, Floats]:
    value = pc.cast(rows["value"], pa.float64())
    if currency is not None:
        value = pc.if_else(pc.equal(pc.fill_null(rows["currency"], ""), currency), value, None)
    money, mass = _array(value), _array(rows["mass"])
    made = {"value": _log(money, 1.0), "mass": _log(mass, 0.01), "rate": _array(rows["rate"])}
    made["unit"] = made["value"] - made["mass"]
    made["value digits"], made["mass digits"] = _digits(money, 2), _digits(mass, 3)
    return made


def _array(column: pa.ChunkedArray) -> Floats:
    return np.asarray(pc.fill_null(pc.cast(column, pa.float64()), np.nan).to_numpy(), np.float64)


def _log(values: Floats, least: float) -> Floats:
    """Decimal logarithms; what is less than `least` counts as that."""
    return np.asarray(np.log10(np.maximum(values, least)))


def _digits(values: Floats, decimals: int) -> Floats:
    """How many digits are left of a number when the noughts at its end are gone: 1 for 4000, 3 for 41.5."""
    whole = np.rint(np.where(np.isfinite(values), np.minimum(values, 1e14), 0.0) * 10**decimals).astype(
        np.int64
    )
    length = np.floor(np.log10(np.maximum(whole, 1))) + 1
    noughts = np.zeros(len(whole))
    for power in range(1, 17):
        noughts += (whole % 10**power == 0) & (whole > 0)
    return np.asarray(np.where(np.isfinite(values), np.maximum(length - noughts, 0), np.nan), np.float64)


def _word(column: pa.ChunkedArray | pa.Array) -> pa.DictionaryArray:
    coded = pc.dictionary_encode(pc.fill_null(column, ""))
    return coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded


def _over(coded: pa.DictionaryArray, named: pa.Array) -> pa.DictionaryArray:
    """The codes under other names, of which several may be one."""
    again = pc.dictionary_encode(named)
    return pa.DictionaryArray.from_arrays(again.indices.take(coded.indices), again.dictionary)


def _codes(column: pa.ChunkedArray) -> dict[str, pa.DictionaryArray]:
    """The coded boxes `name=value`, a word each under `code:name`; of a box named twice the last counts."""
    lists = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    flat = pc.dictionary_encode(pc.list_flatten(lists))
    rows = pc.list_parent_indices(lists).to_numpy()
    split = pc.split_pattern(flat.dictionary, "=", max_splits=1).to_pylist()
    names = [f"code:{one[0]}" if len(one) == 2 else "" for one in split]
    indices = pc.fill_null(flat.indices, 0).to_numpy()
    made = {}
    for name in sorted(set(names) - {""}):
        mine = np.array([one == name for one in names])
        values = ["", *(one[1] for one, there in zip(split, mine, strict=True) if there)]
        place = np.where(mine, np.cumsum(mine), 0).astype(np.int32)
        codes = np.zeros(len(lists), np.int32)
        here = mine[indices]
        codes[rows[here]] = place[indices[here]]
        made[name] = pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(values, pa.string()))
    return made


def taken(seen: ModelInputs, rows: Codes) -> ModelInputs:
    """Some of the declarations."""
    places = pa.array(rows)
    words = {name: word.take(places) for name, word in seen.words.items()}
    return ModelInputs(words, {name: values[rows] for name, values in seen.numbers.items()})


def goods(seen: ModelInputs) -> Codes:
    """One number for all declarations of the same goods: heading, rate, mass, value, and origin where seen.

    A declaration of which any of heading, mass or value is not known is alone.
    """
    hs = seen.words["hs6"]
    stated = np.array([bool(one) for one in hs.dictionary.to_pylist()], bool)
    known = np.isfinite(seen.numbers["mass"]) & np.isfinite(seen.numbers["value"])
    known &= stated[hs.indices.to_numpy()] if len(stated) else False
    made = np.where(known, 0, np.arange(1, len(known) + 1))
    for name in ("hs6", "rate", "origin"):
        if name in seen.words:
            made = _with(made, seen.words[name].indices.to_numpy().astype(np.int64))
    for name in ("mass", "value"):
        made = _with(made, numbers_of(np.nan_to_num(seen.numbers[name]))[1])
    return made


def _with(group: Codes, codes: Codes) -> Codes:
    """Groups cut by codes."""
    return numbers_of(group * (int(codes.max(initial=0)) + 1) + codes)[1]


def numbers_of(keys: Codes | Floats) -> tuple[Codes, Codes]:
    """The distinct keys, and the number of each row's among them."""
    coded = pc.dictionary_encode(pa.array(keys))
    return coded.dictionary.to_numpy(), coded.indices.to_numpy().astype(np.int64)
