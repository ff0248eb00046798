"""A batch of declarations as columns of numbers: who, what, how much, by which way.

Names of people count as a number each, to tell one spelling from another; what they are is not looked at.
The country of departure is a part of the way alone, and the country of origin no part of anything.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.cargo.goods_norms import Norms
from watchfloor.desks.cargo.hashing import Hashes, addresses, exact, mixed, phones, plain, words

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

CONSIGNEE, SHIPPER = 0, 3
"""Where the three keys of a party begin among the chains."""
KEY, ADDRESS, PHONE = 0, 1, 2
ITEM, PLACE, SAME, PAGE, NAMES = 6, 7, 8, 9, 10
CHAINS: Final = 12
"""What lines are joined by: key, address and phone of either party, the item, the report that a correction
replaces, equal goods with equal mass and value, the seller's page, and the two names."""

PACKET: Final = 31
"""The bit of `small` of a light packet whose value nothing can be held against."""
LIGHT: Final = 2.0
"""Kilograms: the most that a small packet weighs (Universal Postal Convention)."""
JUST_UNDER: Final = 0.5
"""Share of a threshold from which on a value is just under it. Judgement."""

UNITS: Final = ("value", "mass")
"""What is held against norms: value a kilogram, and kilograms a piece."""


class Lines(NamedTuple):
    """Columns of [n] lines, and what is by chain as [n, `CHAINS`].

    Attributes:
        time: µs since 1970.
        keys: numbers of what joins lines; 0 where a line has none.
        goods: number of the words of the description.
        heading: first four digits of the HS code; -1: none.
        small: a bit for each threshold of value that the line is just under.
        mass, cad: kilograms, and Canadian dollars; not a number where unknown.
        norms: [n, 4] keys of the norms for value and mass by heading and by chapter; -1: none.
        bins: [n, 2] value a kilogram and mass a piece on the scale of `norms`; -1: none.
        measured: [n, 2] the same as they are.
        lane: number of the shipper, by the best it is known by.
        ways: [n, 2] numbers of the way and of who took the goods in.
    """

    time: Integers
    keys: Hashes
    goods: Hashes
    heading: npt.NDArray[np.int32]
    small: npt.NDArray[np.uint32]
    mass: Floats
    cad: Floats
    norms: Integers
    bins: npt.NDArray[np.int16]
    measured: Floats
    lane: Hashes
    ways: Hashes


BINS: Final = 96
_LOWEST: Final = -4
_A_DECADE: Final = 8


def bins_of(measured: Floats) -> npt.NDArray[np.int16]:
    """Place on a scale of eight steps a decade, from 10⁻⁴ to 10⁸; -1 where there is nothing to place."""
    known = np.isfinite(measured) & (measured > 0)
    places = np.floor((np.log10(np.where(known, measured, 1.0)) - _LOWEST) * _A_DECADE)
    return np.where(known, np.clip(places, 0, BINS - 1), -1).astype(np.int16)


def middle_of(place: int) -> float:
    """The middle of a step of the scale."""
    return float(10 ** ((place + 0.5) / _A_DECADE + _LOWEST))


def lines_of(seed: np.uint64, norms: Norms, rows: pa.Table) -> Lines:
    """The columns of some declarations."""
    value = _floats(rows["value"].cast(pa.float64()))
    mass = _floats(rows["mass"])
    mass = np.where(np.isfinite(mass) & (mass > 0), mass, np.nan)
    cad = np.where(value > 0, value * _rates(norms, rows["currency"]), np.nan)
    heading = _heading(rows["hs"])
    goods = words(rows["goods"], seed)
    keys = _keys(seed, rows, goods, value, mass)
    pieces = np.maximum(np.nan_to_num(_floats(rows["pieces"].cast(pa.float64())), nan=1.0), 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        measured = np.column_stack((np.where(value > 0, value, np.nan) / mass, mass / pieces))
    return Lines(
        time=np.asarray(rows["observed_at"].cast(pa.int64()).to_numpy(), np.int64),
        keys=keys,
        goods=goods,
        heading=heading,
        small=_small(norms, rows, cad, mass),
        mass=mass,
        cad=cad,
        norms=_norm_keys(heading, seed, rows),
        bins=np.column_stack([bins_of(measured[:, k]) for k in range(2)]),
        measured=measured,
        lane=_lane(keys, exact(rows["direction"], seed)),
        ways=_ways(seed, rows),
    )


def _floats(column: Any) -> Floats:
    return np.asarray(pc.fill_null(column, np.nan).to_numpy(), np.float64)


def _rates(norms: Norms, currency: pa.ChunkedArray) -> Floats:
    known = pa.array(list(norms.rates), pa.string())
    at = pc.index_in(currency, known)
    rates = np.array([*norms.rates.values(), np.nan])
    return np.asarray(rates[pc.fill_null(at, len(known)).to_numpy()], np.float64)


def _heading(hs: pa.ChunkedArray) -> npt.NDArray[np.int32]:
    """First four digits; -1 where there are none."""
    told = (hs.combine_chunks() if isinstance(hs, pa.ChunkedArray) else hs).dictionary_encode()
    digits = pc.utf8_slice_codeunits(pc.replace_substring_regex(told.dictionary, r"[ .]", ""), 0, 4)
    good = pc.match_substring_regex(digits, r"^\d{4}$")
    each = np.array(
        [*pc.fill_null(pc.if_else(good, digits, None).cast(pa.int32()), -1).to_pylist(), -1], np.int32
    )
    return np.asarray(each[pc.fill_null(told.indices, len(each) - 1).to_numpy()], np.int32)


def _keys(seed: np.uint64, rows: pa.Table, goods: Hashes, value: Floats, mass: Floats) -> Hashes:
    """Compute the keys that join lines. A party's are the same on either side: who received may send."""
    keys = np.zeros((rows.num_rows, CHAINS), np.uint64)
    for number, (side, start) in enumerate((("consignee", CONSIGNEE), ("shipper", SHIPPER))):
        keys[:, start + KEY] = exact(rows[side], seed)
        keys[:, start + ADDRESS] = addresses(rows[f"{side}_address"], seed ^ np.uint64(1))
        keys[:, start + PHONE] = phones(rows[f"{side}_phone"], seed ^ np.uint64(2))
        keys[:, NAMES + number] = words(rows[f"{side}_name"], seed ^ np.uint64(5))
    keys[:, ITEM] = exact(rows["subject"], seed ^ np.uint64(3))
    reported = exact(rows["report_key"], seed ^ np.uint64(4))
    keys[:, PLACE] = np.where(reported, mixed(reported, exact(rows["source"], seed)), 0)
    told = (goods != 0) & (value > 0) & np.isfinite(mass)
    same = mixed(goods, np.nan_to_num(value * 100).astype(np.int64), mass.view(np.int64))
    keys[:, SAME] = np.where(told, mixed(same, exact(rows["currency"], seed)), 0)
    keys[:, PAGE] = pages(rows["page"], seed)
    return keys


def pages(texts: pa.ChunkedArray, seed: np.uint64) -> Hashes:
    """A number for each page, whatever scheme, query and fragment; 0 for a bare host, which is no page."""
    if texts.null_count == len(texts):
        return np.zeros(len(texts), np.uint64)
    path = pc.replace_substring_regex(
        pc.utf8_lower(plain(texts)), r"^\s*(?:https?://)?(?:www\.|m\.)?|[?#].*$|[/\s]+$", ""
    )
    return exact(pa.chunked_array([pc.if_else(pc.match_substring(path, "/"), path, None)]), seed)


def _small(norms: Norms, rows: pa.Table, cad: Floats, mass: Floats) -> npt.NDArray[np.uint32]:
    """A bit for each threshold that a value is just under; values are for duty, which exports do not owe."""
    inbound = _is(rows["direction"], ("inbound",)) | ~np.asarray(rows["direction"].is_valid().to_numpy())
    bits = np.zeros(rows.num_rows, np.uint32)
    for bit, one in enumerate(norms.threshold):
        near = (cad > JUST_UNDER * one.cad) & (cad <= one.cad)
        bits |= np.where(near & inbound & _is(rows["mode"], one.modes), np.uint32(1 << bit), np.uint32(0))
    light = (mass <= LIGHT) & (~np.isfinite(cad) | ~inbound)
    return np.asarray(bits | np.where(light, np.uint32(1 << PACKET), np.uint32(0)), np.uint32)


def _is(column: pa.ChunkedArray, values: tuple[str, ...]) -> Any:
    return np.asarray(pc.is_in(column, pa.array(values, pa.string())).to_numpy(), np.bool_)


def _norm_keys(heading: npt.NDArray[np.int32], seed: np.uint64, rows: pa.Table) -> Integers:
    """Value by currency, mass by mode; by heading, then by chapter. The low bits tell the four apart."""
    keys = np.full((rows.num_rows, 4), -1, np.int64)
    for k, name in enumerate(("currency", "mode")):
        kind = (exact(rows[name], seed) >> np.uint64(24)).astype(np.int64) << 16
        known = (heading >= 0) & ((kind != 0) | (name == "mode"))
        for deep, code in enumerate((heading, heading // 100)):
            keys[:, 2 * k + deep] = np.where(known, kind + code * 4 + 2 * k + deep, -1)
    return keys


def _lane(keys: Hashes, direction: Hashes) -> Hashes:
    """The shipper by its key, else its phone, else its address, one way; 0 where nothing tells."""
    best = np.zeros(len(keys), np.uint64)
    for one in (ADDRESS, PHONE, KEY):
        mine = keys[:, SHIPPER + one]
        best = np.where(mine, mine, best)
    return np.where(best, mixed(best, direction), 0).astype(np.uint64)


def _ways(seed: np.uint64, rows: pa.Table) -> Hashes:
    departure, handler = exact(rows["departure"], seed), exact(rows["handler"], seed)
    mode = exact(rows["mode"], seed)
    return np.column_stack(
        (np.where(departure, mixed(departure, mode), 0), np.where(handler, mixed(handler, mode), 0))
    ).astype(np.uint64)
