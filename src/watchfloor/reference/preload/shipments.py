"""The check of each rule that looks at numbers, counts, ways and times, or at several waybills at once."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchfloor.formats.waybills.airports import country_of
from watchfloor.reference.preload import words
from watchfloor.reference.preload.checks import NAMES, Check
from watchfloor.reference.preload.waybills import AWB, LIKE_AWB, Mask, Waybills

HOME: Final = "CA"
HEAVIEST: Final = 250_000.0
"""Kilograms: the largest freighter that ever flew lifted about as much."""
LIGHTEST: Final = 0.01
MOST: Final = 9_999
LONGEST_NUMBER: Final = 35


def _number_missing(waybills: Waybills) -> dict[str, Mask]:
    return {"": waybills.text["document"].blank & ~waybills.house}


def _numbers(waybills: Waybills) -> dict[str, Mask]:
    """Where the number of an air waybill stands: `master` of a house waybill, `document` of any other."""
    return {"document": waybills.own, "master": waybills.house}


def _form(waybills: Waybills) -> dict[str, Mask]:
    return {name: rows & ~waybills.text[name].match(AWB) for name, rows in _numbers(waybills).items()}


def _check_digit(waybills: Waybills) -> dict[str, Mask]:
    found = {}
    for name, rows in _numbers(waybills).items():
        text = waybills.text[name]
        like = pc.match_substring_regex(text.values, LIKE_AWB)
        digits = pc.replace_substring_regex(text.values, r"[\s-]", "")
        serial = pc.cast(pc.utf8_slice_codeunits(pc.if_else(like, digits, "00000000000"), 3), pa.int64())
        number = serial.to_numpy()
        wrong = (number // 10 % 7 != number % 10) & like.to_numpy(zero_copy_only=False)
        found[name] = rows & text.rows(wrong)
    return found


def _house_missing(waybills: Waybills) -> dict[str, Mask]:
    return {"document": waybills.house & waybills.text["document"].blank}


def _house_long(waybills: Waybills) -> dict[str, Mask]:
    document = waybills.text["document"]
    return {
        "document": ~waybills.own & document.rows(pc.greater(pc.utf8_length(document.values), LONGEST_NUMBER))
    }


def _master_not_told(waybills: Waybills) -> dict[str, Mask]:
    return {"master": ~waybills.house & ~waybills.own & ~waybills.text["document"].blank}


def _house_twice(waybills: Waybills) -> dict[str, Mask]:
    """A number that comes again with the same goods, or with other parties: no line of goods explains it."""
    text = waybills.text
    house = waybills.house & ~text["document"].blank
    rows = np.flatnonzero(house)
    numbered = _packed(text["master"].index[rows], text["document"].index[rows])
    flags = np.zeros(len(house), bool)
    again = _counts(numbered) > 1
    rows, numbered = rows[again], numbered[again]
    parties = _packed(numbered, *(text[name].index[rows] for name in NAMES))
    amounts = (_codes(waybills.of(name)[rows]) for name in ("pieces", "mass"))
    line = _packed(parties, text["goods"].index[rows], *amounts)
    flags[rows] = (_counts(line) > 1) | (_counts(numbered) > _counts(parties))
    return {"document": flags}


def _codes(values: NDArray[np.generic]) -> NDArray[np.int64]:
    return np.asarray(np.unique(values, return_inverse=True)[1], np.int64)


def _packed(*codes: NDArray[np.integer]) -> NDArray[np.int64]:
    """One number for each distinct combination of codes."""
    packed = codes[0].astype(np.int64)
    for more in codes[1:]:
        packed = _codes(packed * (int(more.max(initial=0)) + 1) + more)
    return packed


def _counts(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many rows have the code of each row."""
    return np.asarray(np.bincount(codes)[codes] if len(codes) else codes, np.int64)


def _has_houses(waybills: Waybills) -> Mask:
    """Air waybills that some row names as its master."""
    document, master = waybills.numbers["document"], waybills.numbers["master"]
    named = np.isin(document, master[waybills.house]) & (document >= 0)
    return np.asarray(waybills.own & named, bool)


def _houses_missing(waybills: Waybills) -> dict[str, Mask]:
    consolidation = waybills.own & (waybills.marked | waybills.described)
    return {"": consolidation & ~_has_houses(waybills)}


def _unmarked(waybills: Waybills) -> dict[str, Mask]:
    return {"goods": waybills.own & waybills.described & ~waybills.marked}


def _on_house(waybills: Waybills) -> dict[str, Mask]:
    return {"goods": ~waybills.own & waybills.described}


def _forwarders(waybills: Waybills) -> dict[str, Mask]:
    both = np.ones(waybills.rows.num_rows, bool)
    for name in NAMES:
        both &= waybills.text[name].match_normal(words.within("forwarder"))
    quiet = ~waybills.marked & ~waybills.described & ~_has_houses(waybills)
    return {"": both & waybills.own & quiet}


def _exceeding(waybills: Waybills) -> dict[str, Mask]:
    """A master whose house waybills, each counted once, have more pieces than it."""
    document, master = waybills.numbers["document"], waybills.numbers["master"]
    pieces = waybills.of("pieces")
    rows = np.flatnonzero(waybills.house & (master >= 0) & ~np.isnan(pieces))
    house = _packed(master[rows], document[rows] + 1)
    most = np.full(int(house.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(most, house, pieces[rows])
    of = np.zeros(len(most), np.int64)
    of[house] = master[rows]
    total = np.bincount(of, most, minlength=int(document.max(initial=-1)) + 1)
    own = np.flatnonzero(_has_houses(waybills))
    flags = np.zeros(len(document), bool)
    flags[own] = total[document[own]] > pieces[own]
    return {"pieces": flags}


def _pieces(test: str) -> Check:
    def check(waybills: Waybills) -> dict[str, Mask]:
        pieces = waybills.of("pieces")
        return {
            "pieces": {"missing": np.isnan(pieces), "none": pieces < 1, "many": pieces > MOST}[test],
        }

    return check


def _mass(test: str) -> Check:
    def check(waybills: Waybills) -> dict[str, Mask]:
        mass, pieces = waybills.of("mass"), waybills.of("pieces")
        light = (mass > 0) & (pieces >= 1) & (mass < LIGHTEST * pieces)
        tests = {
            "missing": np.isnan(mass),
            "none": mass <= 0,
            "absurd": mass > HEAVIEST,
            "light": light,
        }
        return {"mass": tests[test]}

    return check


def _elsewhere(waybills: Waybills) -> dict[str, Mask]:
    """A way of which every place is known and none lies in Canada."""
    route = waybills.rows["route"].combine_chunks()
    flags = np.zeros(len(route), bool)
    if route.null_count == len(route):
        return {"route": flags}
    places = pc.dictionary_encode(route.flatten())
    where = [_country(place) for place in places.dictionary.to_pylist()]
    known = np.array([country not in (None, HOME) for country in where], bool)[places.indices.to_numpy()]
    parents = pc.list_parent_indices(route).to_numpy()
    told = np.bincount(parents, minlength=len(route))
    foreign = np.bincount(parents[known], minlength=len(route))
    home = pc.fill_null(pc.equal(waybills.rows["destination"], HOME), False).to_numpy()
    return {"route": (told > 0) & (foreign == told) & ~home}


def _country(place: str | None) -> str | None:
    """Of an IATA code, or of a UN/LOCODE, which begins with its country."""
    if place is None:
        return None
    return place[:2] if len(place) == 5 and place.isalnum() else country_of(place)


def _late(waybills: Waybills) -> dict[str, Mask]:
    late = pc.greater_equal(waybills.rows["observed_at"], waybills.rows["expected_at"])
    return {"observed_at": np.asarray(pc.fill_null(late, False).to_numpy(), bool)}


SHIPMENTS: Final[Mapping[str, Check]] = {
    "number-missing": _number_missing,
    "number-form": _form,
    "number-check-digit": _check_digit,
    "house-number-missing": _house_missing,
    "house-number-long": _house_long,
    "master-not-told": _master_not_told,
    "house-twice": _house_twice,
    "houses-missing": _houses_missing,
    "consolidation-unmarked": _unmarked,
    "consolidation-on-house": _on_house,
    "forwarders-unmarked": _forwarders,
    "houses-exceed-master": _exceeding,
    "pieces-missing": _pieces("missing"),
    "pieces-none": _pieces("none"),
    "pieces-many": _pieces("many"),
    "weight-missing": _mass("missing"),
    "weight-none": _mass("none"),
    "weight-absurd": _mass("absurd"),
    "weight-light": _mass("light"),
    "routing-elsewhere": _elsewhere,
    "late": _late,
}
"""The checks of numbers and of whole consignments by the ids of their rules."""
