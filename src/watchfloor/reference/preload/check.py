"""Declarations against every rule of the table: findings as rows, and how many waybills were looked at."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchfloor.core.kinds import column
from watchfloor.formats.cargo.waybills.airports import country_of
from watchfloor.reference.hs import check_many
from watchfloor.reference.preload import vague_words
from watchfloor.reference.preload.checks import NAMES, TEXTS, Check
from watchfloor.reference.preload.rules import rules
from watchfloor.reference.preload.waybills import AWB, LIKE_AWB, Mask, Waybills, in_scope, standing

# The check of each rule that looks at numbers, counts, ways and times, or at several waybills at once.


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
    amounts = (_codes(waybills.floats(name)[rows]) for name in ("pieces", "mass"))
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
        both &= waybills.text[name].match_normal(vague_words.within("forwarder"))
    quiet = ~waybills.marked & ~waybills.described & ~_has_houses(waybills)
    return {"": both & waybills.own & quiet}


def _exceeding(waybills: Waybills) -> dict[str, Mask]:
    """A master whose house waybills, each counted once, have more pieces than it."""
    document, master = waybills.numbers["document"], waybills.numbers["master"]
    pieces = waybills.floats("pieces")
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
        pieces = waybills.floats("pieces")
        return {
            "pieces": {"missing": np.isnan(pieces), "none": pieces < 1, "many": pieces > MOST}[test],
        }

    return check


def _mass(test: str) -> Check:
    def check(waybills: Waybills) -> dict[str, Mask]:
        mass, pieces = waybills.floats("mass"), waybills.floats("pieces")
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


# The checks of codes of the Harmonized System, in the edition of the day of the message.


OWN: Final = r"^9[89]"
"""Chapters that the system leaves to countries: they are in no edition, and nothing is wrong with them."""


def _states(waybills: Waybills) -> pa.Table:
    day = waybills.rows["observed_at"].cast(pa.date32(), safe=False).combine_chunks()
    return check_many(waybills.rows["hs"].combine_chunks(), day)


def _are(states: pa.Table, state: str) -> Mask:
    flags = pc.fill_null(pc.equal(states["state"].cast(pa.string()), state), False)
    return np.asarray(flags.to_numpy(), bool)


def _withdrawn(waybills: Waybills) -> dict[str, Mask]:
    return {"hs": _are(_states(waybills), "withdrawn")}


def _unknown(waybills: Waybills) -> dict[str, Mask]:
    """Codes of no edition so far, and what is no code; nothing on a day whose edition is not held."""
    states = _states(waybills)
    own = pc.fill_null(pc.match_substring_regex(waybills.rows["hs"], OWN), False).to_numpy()
    held = states["edition"].is_valid().to_numpy()
    return {"hs": _are(states, "malformed") | (_are(states, "unknown") & held & ~own)}


TARIFF: Final[Mapping[str, Check]] = {"hs-withdrawn": _withdrawn, "hs-unknown": _unknown}
"""The checks of tariff codes by the ids of their rules."""


CHECKS: Final = {**TEXTS, **SHIPMENTS, **TARIFF}
SHOWN: Final = 80
"""Characters of a value that a finding shows."""

FINDINGS: Final = pa.schema(
    [
        column("row", pa.int64(), "row of the declarations, from 0", nullable=False),
        column("document", pa.string(), "number of the waybill"),
        column("master", pa.string(), "number of the one that it is part of"),
        column("subject", pa.string(), "typed key of the consignment"),
        column("rule", pa.string(), "id of the rule that it breaks", nullable=False),
        column("severity", pa.string(), "must or should", nullable=False),
        column("field", pa.string(), "the column; empty: the waybill as a whole", nullable=False),
        column("value", pa.string(), "what stands there, its first characters"),
        column("answer", pa.string(), "what an authority would answer", nullable=False),
        column("message", pa.string(), "code of its error or hold; empty: none", nullable=False),
    ]
)


class Checked(NamedTuple):
    """Result of a check.

    Attributes:
        findings: see FINDINGS, in order of rows, then of the table of rules.
        rows: declarations looked at.
        left: declarations that the guidance is not about: mail, exports, other ways, lines of manifests.
        replaced: declarations of which a later message of the same document is here.
        waybills: different waybills among `rows`; a line of goods is no waybill of its own.
        failing: of these, how many break a must.
    """

    findings: pa.Table
    rows: int
    left: int
    replaced: int
    waybills: int
    failing: int


def check(declarations: pa.Table, *, everything: bool = False) -> Checked:
    """Check declarations against the table.

    Args:
        declarations: rows of the kind `declaration`.
        everything: also those that the guidance is not about, as if it were.
    """
    whole = declarations.combine_chunks()
    scope = np.ones(whole.num_rows, bool) if everything else in_scope(whole)
    inside = scope & standing(whole)
    kept = np.flatnonzero(inside)
    waybills = Waybills(whole if inside.all() else whole.filter(pa.array(inside)))
    found = _findings(waybills, kept)
    bad = found.filter(pc.equal(found["severity"], "must"))
    apart = (int((~scope).sum()), int((scope & ~inside).sum()))
    return Checked(found, len(kept), *apart, _different(waybills.rows), _different(bad))


def _different(rows: pa.Table) -> int:
    """How many waybills rows are of."""
    keys = ["master", "document", "subject"]
    return int(rows.select(keys).group_by(keys).aggregate([]).num_rows)


def _findings(waybills: Waybills, kept: np.ndarray[Any, np.dtype[np.int64]]) -> pa.Table:
    parts = [
        _part(waybills, kept, rule, field, broken)
        for rule in rules()
        for field, broken in CHECKS[rule](waybills).items()
        if broken.any()
    ]
    if not parts:
        return FINDINGS.empty_table()
    table = pa.concat_tables(parts)
    return table.take(np.argsort(table["row"].to_numpy(), kind="stable"))


def _part(
    waybills: Waybills, kept: np.ndarray[Any, np.dtype[np.int64]], rule: str, field: str, broken: Mask
) -> pa.Table:
    """The findings of a rule in one field."""
    said, at = rules()[rule], np.flatnonzero(broken)
    of = waybills.rows.take(pa.array(at))
    same = {
        "rule": rule,
        "severity": said.severity,
        "field": field,
        "answer": said.answer,
        "message": said.code(field),
    }
    arrays = {name: pa.repeat(text, len(at)) for name, text in same.items()}
    arrays |= {name: of[name].combine_chunks() for name in ("document", "master", "subject")}
    arrays["row"] = pa.array(kept[at])
    arrays["value"] = _value(of, field)
    return pa.Table.from_arrays([arrays[name] for name in FINDINGS.names], schema=FINDINGS)


def _value(of: pa.Table, field: str) -> pa.Array:
    if not field:
        return pa.nulls(of.num_rows, pa.string())
    values = of[field].combine_chunks()
    if pa.types.is_list(values.type):
        return pc.binary_join(values, "-")
    return pc.utf8_slice_codeunits(values.cast(pa.string()), 0, SHOWN)
