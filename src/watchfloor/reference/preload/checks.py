"""The check of each rule that looks at texts: which rows break it, field by field.

Each takes `Waybills` of n rows and gives bool[n] for every field it looks at. Patterns are matched against
distinct texts by RE2, whose time is linear in their length: a description of 64 kB costs what its bytes cost.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchfloor.formats.lists.countries import country_code
from watchfloor.reference.preload import vague_words
from watchfloor.reference.preload.rules import FIELDS
from watchfloor.reference.preload.waybills import Mask, Text, Waybills

# Whether an address names a country. Which one is neither asked nor kept.


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


Check = Callable[[Waybills], Mapping[str, Mask]]

NAMES: Final = ("shipper_name", "consignee_name")
ADDRESSES: Final = ("shipper_address", "consignee_address")

LONGEST: Final = 1600
"""Bytes of a message in Cargo-IMP (guide 3.2.2)."""

BOX: Final = (
    r"^(?:(?:p ?o|post(?:al)?|post office|gpo) ?box|casier postal|case postale|boite postale|cp|bp|postfach"
    r"|apartado(?: postal)?) ?(?:no )?[0-9]+"
)
STREET: Final = (
    r"(?:^| |[0-9])(?:street|str|st|road|rd|avenue|ave|av|rue|boulevard|blvd|bd|boul|drive|dr|lane|ln|way"
    r"|chemin|ch|calle|via|strasse|building|bldg|floor|unit|suite|industrial|zone|park|highway|hwy|route|rang"
    r"|km)(?: |$)"
)
"""A box, and what says that an address has more than one, in normal texts."""

ALIKE: Final = "[АВЕЅІЈКМНОРСТУХаеорсухіјѕԁһԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧο]"
"""Letters that only look Latin."""
MIXED: Final = f"[A-Za-z]{ALIKE}|{ALIKE}[A-Za-z]"
LOST: Final = (
    r"[^\P{L}\p{Latin}]"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}\x{feff}]"
)
"""Letters that are not Latin, and what nobody sees. Accents and other signs can be written without."""


def each(fields: tuple[str, ...], wrong: Callable[[Text], Mask]) -> Check:
    """One test of several fields."""
    return lambda waybills: {name: wrong(waybills.text[name]) for name in fields}


def _of_letterless(pattern: str) -> Callable[[Text], Mask]:
    """A test of the values without a letter, which are few."""

    def wrong(text: Text) -> Mask:
        flags = ~text.lettered
        few = text.values.filter(pa.array(flags))
        flags[flags] = pc.match_substring_regex(few, pattern).to_numpy(zero_copy_only=False)
        return text.rows(flags)

    return wrong


def _one_symbol(text: Text) -> Mask:
    """All characters are equal where the text without its first is the text without its last."""
    long = pc.greater_equal(pc.utf8_length(text.values), 3)
    flags = np.array(long.to_numpy(zero_copy_only=False), bool)
    some = text.values.filter(pa.array(flags))
    flags[flags] = pc.equal(pc.utf8_slice_codeunits(some, 1), pc.utf8_slice_codeunits(some, 0, -1)).to_numpy(
        zero_copy_only=False
    )
    digits = pc.match_substring_regex(text.values, r"^\p{Nd}+$").to_numpy(zero_copy_only=False)
    return text.rows(flags & ~digits)


def _extension(text: Text) -> Mask:
    """`.wpx`, and `WPX.`; but a word such as OIL before a full stop is none."""
    listed = "|".join(vague_words.phrases("extension"))
    return text.match(rf"^(?:\.[A-Za-z0-9]{{2,4}}|(?i:{listed})\.)$")


def _placeholder(text: Text) -> Mask:
    return text.match_normal(vague_words.starting("placeholder"))


def _unacceptable(waybills: Waybills) -> dict[str, Mask]:
    return {"goods": waybills.text["goods"].match_normal(vague_words.alone("unacceptable"))}


def _general(waybills: Waybills) -> dict[str, Mask]:
    goods = waybills.text["goods"]
    flags = goods.match_normal(vague_words.alone("general", "unacceptable"))
    return {"goods": flags & ~goods.match_normal(vague_words.alone("unacceptable"))}


def _disclaimer(waybills: Waybills) -> dict[str, Mask]:
    goods = waybills.text["goods"]
    alone = goods.match_normal(vague_words.alone("unacceptable"))
    return {"goods": goods.match_normal(vague_words.within("disclaimer")) & ~alone}


def _party(waybills: Waybills) -> dict[str, Mask]:
    """Goods that say what a name or an address of the same waybill says."""
    goods = _normal_rows(waybills.text["goods"])
    flags = np.zeros(len(goods), bool)
    for name in (*NAMES, *ADDRESSES):
        flags |= pc.equal(goods, _normal_rows(waybills.text[name])).to_numpy(zero_copy_only=False)
    return {"goods": flags & pc.not_equal(goods, "").to_numpy(zero_copy_only=False)}


def _normal_rows(text: Text) -> pa.Array:
    return text.normal.take(pa.array(text.index))


def _number(waybills: Waybills) -> dict[str, Mask]:
    """Goods that are the number of the document or of its master."""
    goods, document, master = (waybills.numbers[name] for name in ("goods", "document", "master"))
    return {"goods": (goods >= 0) & ((goods == document) | (goods == master))}


def _handling(waybills: Waybills) -> dict[str, Mask]:
    listed = "|".join(vague_words.phrases("handling"))
    return {"goods": waybills.text["goods"].match_normal(f"^(?:{listed})(?: (?:{listed}))*$")}


def _long(waybills: Waybills) -> dict[str, Mask]:
    goods = waybills.text["goods"]
    return {"goods": goods.rows(pc.greater(pc.binary_length(goods.values), LONGEST))}


def _box(text: Text) -> Mask:
    return text.match_normal(BOX) & ~text.match_normal(STREET)


def _countryless(waybills: Waybills) -> dict[str, Mask]:
    """The country of a party may stand apart: where the goods are sent from or to."""
    found = {}
    for name, apart in (("shipper_address", "departure"), ("consignee_address", "destination")):
        text = waybills.text[name]
        told = waybills.rows[apart].is_valid().to_numpy()
        found[name] = ~text.blank & ~told & ~text.rows(country_named(text.values))
    return found


TEXTS: Final[Mapping[str, Check]] = {
    "name-missing": each(NAMES, lambda text: text.blank),
    "address-missing": each(ADDRESSES, lambda text: text.blank),
    "address-without-country": _countryless,
    "address-without-line": each(ADDRESSES, lambda text: text.rows(country_alone(text.values))),
    "placeholder": each((*NAMES, *ADDRESSES), _placeholder),
    "box-alone": each(ADDRESSES, _box),
    "only-numbers": each(FIELDS, _of_letterless(r"^\p{Nd}[\p{Nd}\s]*$")),
    "only-extension": each(FIELDS, _extension),
    "one-symbol": each(FIELDS, _one_symbol),
    "only-blanks": each(FIELDS, _of_letterless(r"^[.\-\s\"'“”_]+$")),
    "only-special": each(FIELDS, _of_letterless(r"^[^\p{N}]*[^\p{N}.\-\s\"'“”_][^\p{N}]*$")),
    "numbers-and-special": each(FIELDS, _of_letterless(r"(?s)\p{N}.*[^\p{N}\s]|[^\p{N}\s].*\p{N}")),
    "goods-missing": each(("goods",), lambda text: text.blank),
    "goods-unacceptable": _unacceptable,
    "goods-party": _party,
    "goods-number": _number,
    "goods-handling-code": _handling,
    "goods-said-to-contain": _disclaimer,
    "goods-general": _general,
    "goods-characters": each(("goods",), lambda text: text.match(LOST)),
    "goods-mixed-word": each(("goods",), lambda text: text.match(MIXED)),
    "goods-long": _long,
}
"""The checks of texts by the ids of their rules."""
