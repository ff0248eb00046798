"""Whether an address names a country. Which one is neither asked nor kept."""

from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchfloor.formats.countries import country_code

LAST: tuple[str, ...] = (
    r"(?P<tail>[^\s,;/]+)$",
    r"(?P<tail>[^,;/\n]+)$",
    r"(?P<tail>[^\s,;/]+\s[^\s,;/]+)$",
    r"(?P<tail>[^\s,;/]+\s[^\s,;/]+\s[^\s,;/]+)$",
)
"""What may be the country at the end of an address: a word, what follows the last comma, two words, three."""

WIDEST = 60
"""Bytes of the longest name of a country, with some to spare."""


@lru_cache(maxsize=1 << 16)
def _is_country(text: str) -> bool:
    return not any(letter.isdigit() for letter in text) and country_code(text) is not None


def country_named(addresses: pa.Array) -> NDArray[np.bool_]:
    """For each of m addresses, whether its end names a country in English, French or a code of ISO 3166-1."""
    ends = pc.utf8_rtrim(pc.utf8_slice_codeunits(addresses, -WIDEST), " .,;\n")
    found = np.zeros(len(addresses), bool)
    for pattern in LAST:
        left = np.flatnonzero(~found)
        tails = pc.struct_field(pc.extract_regex(ends.take(pa.array(left)), pattern), "tail")
        found[left] = _each(tails)
    return found


def country_alone(addresses: pa.Array) -> NDArray[np.bool_]:
    """For each of m addresses, whether it is the name of a country and nothing else."""
    short = np.array(pc.less(pc.binary_length(addresses), WIDEST).to_numpy(zero_copy_only=False), bool)
    lettered = pc.match_substring_regex(addresses, r"^[^0-9,]+[.,]?$").to_numpy(zero_copy_only=False)
    some = short & lettered
    found = np.zeros(len(addresses), bool)
    found[some] = _each(pc.utf8_rtrim(addresses.filter(pa.array(some)), " .,"))
    return found


def _each(tails: pa.Array) -> NDArray[np.bool_]:
    """Each distinct tail is looked up once: ends of addresses are few, whatever stands before them."""
    coded = pc.dictionary_encode(pc.fill_null(tails, ""))
    told = np.array([bool(tail) and _is_country(tail) for tail in coded.dictionary.to_pylist()], bool)
    return told[coded.indices.to_numpy()] if len(told) else np.zeros(len(tails), bool)
