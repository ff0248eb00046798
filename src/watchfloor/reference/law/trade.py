"""Trade names of substances, and numbers for them: names in several scripts, CAS, UNII, UN, HS.

`trade.toml` holds the facts. `by_name` finds them in running text, such as the goods of a declaration.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec
from stdnum import casrn

from watchfloor.reference.law.matching import Beside, Matcher, Name, Strength, TextMatch

FILE: Final = "trade.toml"
EDITION: Final = "HS 2022"
"""Edition of the Harmonized System whose subheadings are given, in force from 1 January 2022."""


class Substance(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One substance of trade; the fields are explained at the head of `trade.toml`."""

    id: str
    names: Mapping[str, tuple[str, ...]]
    smiles: str = ""
    inchikey: str = ""
    cas: tuple[str, ...] = ()
    cas_checked: str = ""
    salts: Mapping[str, str] = {}
    unii: str = ""
    un: tuple[str, ...] = ()
    hs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    stem: bool = False


class Device(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device of Schedule IX."""

    id: str
    items: tuple[str, ...]
    hs: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]]


class Euphemism(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words that stand in place of a name; `source` says who reports it, or `judgement`."""

    words: Mapping[str, tuple[str, ...]]
    source: str


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A subheading: `2933.39`, what it is in our words, and whether it takes what no other line names.

    A `broad` one names a kind of substance and not the ones of this table.
    """

    code: str
    title: str
    residual: bool = False
    broad: bool = False
    was: str = ""
    new: bool = False


class National(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A country's own subdivision that names some of ours."""

    code: str
    country: str
    title: str
    substances: tuple[str, ...]
    citation: str
    checked: str


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[beside]`."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    salts: tuple[str, ...]
    stereo: tuple[str, ...]


class Trade(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    substance: tuple[Substance, ...]
    device: tuple[Device, ...]
    euphemism: tuple[Euphemism, ...]
    line: tuple[Line, ...]
    national: tuple[National, ...]
    beside: Words


class Named(msgspec.Struct, frozen=True):
    """A name found in a text.

    Attributes:
        strength: `name` (the head name), `synonym`, `cas`, `un`, `within` (inside a longer chemical name: a
            derivative, or something else), `short` (an abbreviation), `euphemism`.
        text: as it is written, folded.
        start: its first character in the folded text.
        id: the substance's or device's id in `trade.toml`; of a euphemism the word itself.
        inchikey: of the substance; empty where it has no structure.
        items: keys of the items of the Act that name it, or (`within`) whose derivatives it may be.
        lang: of the name; empty for a number.
        citation: what the name or number rests on.
    """

    strength: Strength
    text: str
    start: int
    id: str
    inchikey: str
    items: tuple[str, ...]
    lang: str
    citation: str


class HsLine(msgspec.Struct, frozen=True):
    """A subheading that matters.

    Attributes:
        code: `2933.39`; of a national subdivision all its digits.
        edition: of the Harmonized System, or the country.
        title: in our words.
        ids: substances and devices of `trade.toml` that sit there.
        inchikeys: those of them that have a structure.
        residual: whether it takes what no other line names: most of what sits there is something else.
        was: where the same goods stood in the edition of 2017, where that was elsewhere.
        citation: of a national subdivision; else the edition.
    """

    code: str
    edition: str
    title: str
    ids: tuple[str, ...]
    inchikeys: tuple[str, ...]
    residual: bool
    was: str
    citation: str


class Numbers(msgspec.Struct, frozen=True):
    """Numbers of one substance: CAS (of itself, then of its salts), UNII, UN."""

    cas: tuple[str, ...] = ()
    unii: str = ""
    un: tuple[str, ...] = ()
    salts: Mapping[str, str] = {}
    checked: str = ""


@cache
def load() -> Trade:
    """The table that comes with the package."""
    return msgspec.toml.decode((files(__package__) / FILE).read_bytes(), type=Trade)


@cache
def substances() -> Mapping[str, Substance]:
    """Substances by id."""
    return {one.id: one for one in load().substance}


@cache
def matcher() -> Matcher:
    """All names, compiled."""
    return Matcher.build(names(), beside())


def beside() -> Beside:
    """Words next to a name that change what it says."""
    words = load().beside
    return Beside(words.before, words.after, words.salts, words.stereo)


def names() -> Iterator[Name]:
    """Every name and number of the table."""
    trade = load()
    for one in trade.substance:
        yield from _names(one)
    for device in trade.device:
        for lang, said in device.names.items():
            yield from (Name(text, device.id, _rank(at), lang) for at, text in enumerate(said))
    for euphemism in trade.euphemism:
        for lang, said in euphemism.words.items():
            yield from (Name(text, text, "euphemism", lang) for text in said)


def _names(one: Substance) -> Iterator[Name]:
    for lang, said in one.names.items():
        for at, text in enumerate(said):
            rank: Strength = "short" if text in one.short else _rank(at)
            yield Name(text, one.id, rank, lang, text in one.alone, one.stem)
    yield from (Name(text, one.id, "short") for text in one.short)
    yield from (Name(number, one.id, "cas") for number in (*one.cas, *one.salts))
    yield from (Name(number, one.id, "un") for number in one.un)


def _rank(at: int) -> Strength:
    return "synonym" if at else "name"


def by_name(text: str) -> tuple[Named, ...]:
    """Find the substances, devices and euphemisms that a text names, in order."""
    return tuple(_named(found) for found in matcher().find(text))


def _named(found: TextMatch) -> Named:
    one, device = substances().get(found.what), _devices().get(found.what)
    items = one.items or one.near if one else device.items if device else ()
    citation = f"{FILE}, {found.name}"
    if found.strength == "euphemism":
        citation = _sources()[found.what]
    elif one and found.strength == "cas":
        citation = f"CAS registry number, checked: {one.cas_checked}"
    elif found.strength == "un":
        citation = "UN Model Regulations, Dangerous Goods List"
    key = one.inchikey if one else ""
    return Named(found.strength, found.text, found.start, found.what, key, items, found.lang, citation)


@cache
def _devices() -> Mapping[str, Device]:
    return {one.id: one for one in load().device}


@cache
def _sources() -> Mapping[str, str]:
    return {
        word: euphemism.source
        for euphemism in load().euphemism
        for said in euphemism.words.values()
        for word in said
    }


def digits(code: str) -> str:
    """The digits of an HS code, however it is written."""
    return re.sub(r"\D", "", code)


def by_hs(code: str) -> tuple[HsLine, ...]:
    """The lines of a code: the national subdivision that names it whole, then its subheading.

    A code of fewer than six digits gives every line under it; one that is none gives nothing.
    """
    wanted = digits(code)
    if len(wanted) < 4:
        return ()
    nationals = (_national(one) for one in load().national if one.code == wanted)
    lines = (line for line in _lines() if digits(line.code).startswith(wanted[:6]))
    return (*nationals, *lines)


@cache
def _lines() -> tuple[HsLine, ...]:
    trade = load()
    things: tuple[Substance | Device, ...] = (*trade.substance, *trade.device)
    return tuple(
        HsLine(
            line.code,
            EDITION,
            line.title,
            tuple(one.id for one in things if line.code in one.hs),
            tuple(one.inchikey for one in trade.substance if line.code in one.hs and one.inchikey),
            line.residual,
            line.was,
            f"{EDITION}, {line.code}",
        )
        for line in trade.line
    )


def _national(one: National) -> HsLine:
    keys = tuple(substances()[id_].inchikey for id_ in one.substances)
    return HsLine(one.code, one.country, one.title, one.substances, keys, False, "", one.citation)


@cache
def by_inchikey() -> Mapping[str, Substance]:
    """Substances by InChIKey."""
    return {one.inchikey: one for one in load().substance if one.inchikey}


def numbers(inchikey: str) -> Numbers:
    """The numbers of a substance; empty where the table does not have it."""
    one = by_inchikey().get(inchikey)
    if one is None:
        return Numbers()
    return Numbers(one.cas, one.unii, one.un, one.salts, one.cas_checked)


def by_cas(number: str) -> Substance | None:
    """The substance of a CAS number, or the one whose salt it is; None where the table does not have it."""
    if not casrn.is_valid(number):
        return None
    plain = casrn.compact(number)
    return next((one for one in load().substance if plain in one.cas or plain in one.salts), None)
