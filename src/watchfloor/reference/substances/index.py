"""Index of the substances that the law names, by name, CAS number, InChIKey and skeleton.

Nothing here needs RDKit: a name, a number or a key answers in well under a millisecond.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, Literal, TypeVar

import msgspec

from watchfloor.reference.law import items as law
from watchfloor.reference.law import structures as drawn
from watchfloor.reference.law import trade
from watchfloor.reference.law.items import Item
from watchfloor.reference.substances import novel
from watchfloor.reference.substances.common import BRANDS, COMMON
from watchfloor.reference.substances.names import fold

K = TypeVar("K")
V = TypeVar("V")

Standing = Literal["law", "trade", "near"]
"""Whose name it is: the law's own, that of a substance of trade which the law names, or of one that is only
near to an item (`near` of `trade.toml`: perhaps a derivative)."""

FLAT: Final = "UHFFFAOYSA"
"""Second block of the InChIKey of a structure without configuration and labels."""


class IndexEntry(msgspec.Struct, frozen=True):
    """A substance that a name or number leads to.

    Attributes:
        name: as it is written where it was found.
        standing: whose name that is.
        keys: of the items that name it.
        inchikey: where it has a structure.
        salt: the salt that a CAS number is of.
    """

    name: str
    standing: Standing
    keys: tuple[str, ...]
    inchikey: str = ""
    salt: str = ""


class Listed(msgspec.Struct, frozen=True):
    """A structure that stands for an item."""

    key: str
    smiles: str
    inchikey: str
    stereo: str = ""


class Index(msgspec.Struct, frozen=True):
    """Everything by everything it may be asked by.

    Attributes:
        items: every wording of each item, by key, oldest first.
        names: substances by folded name.
        numbers: substances by CAS number.
        keys: structures by InChIKey.
        skeletons: structures by the first block of the InChIKey.
        children: keys of the items that stand in an item.
    """

    items: Mapping[str, tuple[Item, ...]]
    names: Mapping[str, tuple[IndexEntry, ...]]
    numbers: Mapping[str, tuple[IndexEntry, ...]]
    keys: Mapping[str, tuple[Listed, ...]]
    skeletons: Mapping[str, tuple[Listed, ...]]
    children: Mapping[str, tuple[str, ...]]

    def limits(self, key: str) -> tuple[Item, ...]:
        """Items of the Precursor Control Regulations that name the same substance as an item of the Act."""
        own = {fold(name) for item in self.items.get(key, ()) for name in item.names_en[:1]}
        found = (known for name in own for known in self.names.get(name, ()) if known.standing == "law")
        keys = dict.fromkeys(key for known in found for key in known.keys if key.startswith("PCR/"))
        return tuple(item for key in keys for item in self.items[key])


@cache
def load() -> Index:
    """The index of the tables that come with the package."""
    items: dict[str, tuple[Item, ...]] = {}
    for item in law.items():
        if item.sort != "repealed":
            items[item.key] = (*items.get(item.key, ()), item)
    structures = tuple(_structures(items))
    by_key = _grouped((one.inchikey, one) for one in structures)
    return Index(
        items=items,
        names=_grouped((*_law_names(items, structures), *_trade_names(), *_common_names(structures))),
        numbers=_grouped((*_law_numbers(), *_trade_numbers())),
        keys=by_key,
        skeletons=_grouped((one.inchikey[:14], one) for one in structures),
        children=_grouped((item.under, item.key) for item in law.items() if item.under and item.key in items),
    )


def _grouped(pairs: Iterable[tuple[K, V]]) -> Mapping[K, tuple[V, ...]]:
    found: dict[K, dict[V, None]] = {}
    for key, value in pairs:
        found.setdefault(key, {})[value] = None
    return {key: tuple(values) for key, values in found.items()}


def _structures(items: Mapping[str, tuple[Item, ...]]) -> Iterable[Listed]:
    """Structures of the law's table, then those of trade for items that the table leaves open."""
    table = drawn.structures()
    for key, several in table.items():
        yield from (Listed(key, one.smiles, one.inchikey, one.stereo) for one in several if one.inchikey)
    for one in trade.load().substance:
        if one.inchikey:
            yield from (
                Listed(key, one.smiles, one.inchikey)
                for key in one.items
                if key in items and not any(known.inchikey for known in table.get(key, ()))
            )


def _law_names(
    items: Mapping[str, tuple[Item, ...]], structures: Iterable[Listed]
) -> Iterable[tuple[str, IndexEntry]]:
    first = {one.key: one.inchikey for one in reversed(tuple(structures))}
    for key, wordings in items.items():
        names = dict.fromkeys(name for item in wordings for name in (*item.names_en, *item.names_fr))
        for name in names:
            yield fold(name), IndexEntry(name, "law", (key,), first.get(key, ""))


def _trade_names() -> Iterable[tuple[str, IndexEntry]]:
    for one in trade.load().substance:
        known = _of_trade(one)
        names = (name for said in one.names.values() for name in said)
        yield from ((fold(name), msgspec.structs.replace(known, name=name)) for name in (*names, *one.short))
    for device in trade.load().device:
        for name in (name for said in device.names.values() for name in said):
            yield fold(name), IndexEntry(name, "trade", device.items)


def _common_names(structures: Iterable[Listed]) -> Iterable[tuple[str, IndexEntry]]:
    first = {one.key: one.inchikey for one in reversed(tuple(structures))}
    for key, several in (*COMMON.items(), *BRANDS.items()):
        yield from ((fold(name), IndexEntry(name, "trade", (key,), first.get(key, ""))) for name in several)


def _of_trade(one: trade.Substance) -> IndexEntry:
    standing: Standing = "trade" if one.items else "near"
    return IndexEntry(one.id, standing, one.items or one.near, one.inchikey)


def _law_numbers() -> Iterable[tuple[str, IndexEntry]]:
    for key, several in drawn.structures().items():
        for one in several:
            if one.cas:
                yield one.cas, IndexEntry(one.cas, "law", (key,), one.inchikey)


def _trade_numbers() -> Iterable[tuple[str, IndexEntry]]:
    for one in trade.load().substance:
        known = _of_trade(one)
        yield from ((number, msgspec.structs.replace(known, name=number)) for number in one.cas)
        for number, salt in one.salts.items():
            yield number, msgspec.structs.replace(known, name=number, salt=salt)


def nearest(name: str, index: Index, count: int = 5) -> tuple[str, ...]:
    """Names that are written most like one, best first; empty where none is like it."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    new = novel.load()
    found = process.extract(
        fold(name), (*index.names, *new), scorer=OSA.normalized_similarity, limit=4 * count, score_cutoff=0.65
    )
    names = dict.fromkeys(
        index.names[key][0].name if key in index.names else new[key][0] for key, _, _ in found
    )
    return tuple(names)[:count]
