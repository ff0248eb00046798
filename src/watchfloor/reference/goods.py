"""References to read descriptions of goods by: names to look for, and the law on each, since when.

Made of `reference.law`: the names and HS lines of `trade.toml`, the items of the Act with their dates. Desks
get it whole, as the reference `goods`.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, Literal

import msgspec

from watchfloor.core.subjects import subject
from watchfloor.reference.law import items, trade
from watchfloor.reference.law.items import Item
from watchfloor.reference.law.matching import Beside, Matcher, Name

Rule = Literal["controlled-goods", "precursor-goods", "class-b-goods", "device-goods"]

RULES: Final[tuple[Rule, ...]] = ("controlled-goods", "precursor-goods", "class-b-goods", "device-goods")
"""A drug (Schedules I to IV, V Part 1), a class A or temporary precursor, a class B precursor, a device."""


class Window(msgspec.Struct, frozen=True):
    """One wording of one item that a thing is under.

    Attributes:
        rule: what it is in law.
        schedule: Roman numeral.
        part: of the schedule; empty where it has none.
        item: its number.
        since: first day; the first of all where it was there before any stored edition tells.
        until: last day; None while in force.
        near: the item does not name it; its "derivatives" or "analogues" may cover it: a person decides.
    """

    rule: Rule
    schedule: str
    part: str
    item: str
    since: date
    until: date | None
    near: bool

    def on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


class Thing(msgspec.Struct, frozen=True):
    """A substance or device: what it is called in both languages, its key where it has a number, its law."""

    label: str
    substance: str
    windows: tuple[Window, ...]


class Line(msgspec.Struct, frozen=True):
    """An HS subheading, six digits, with the class A precursors that sit there.

    Attributes:
        named: whether the subheading is for them; else most of what sits there is something else.
        things: ids of the precursors.
    """

    named: bool
    things: tuple[str, ...]


class Goods(msgspec.Struct, frozen=True):
    """The whole reference."""

    names: tuple[Name, ...]
    beside: Beside
    things: Mapping[str, Thing]
    lines: Mapping[str, Line]

    def matcher(self) -> Matcher:
        """Its names, compiled."""
        return Matcher.build(self.names, self.beside)


def content() -> bytes:
    """The reference as desks get it: JSON, the same bytes for the same law."""
    return msgspec.json.encode(goods(), order="deterministic")


def load(content: bytes) -> Goods:
    """Back from `content`."""
    return msgspec.json.decode(content, type=Goods)


def goods() -> Goods:
    """Made of the tables that come with the package."""
    things = dict(_things())
    names = tuple(one for one in trade.names() if one.what in things or one.strength == "euphemism")
    return Goods(names, trade.beside(), things, dict(_lines(things)))


def _things() -> Iterator[tuple[str, Thing]]:
    for one in trade.load().substance:
        windows = (*_windows(one.items, near=False), *_windows(one.near, near=True))
        if windows:
            key = subject("substance", "cas", one.cas[0]) if one.cas else ""
            yield one.id, Thing(_label(one.names), key, windows)
    for device in trade.load().device:
        yield device.id, Thing(_label(device.names), "", tuple(_windows(device.items, near=False)))


def _windows(keys: tuple[str, ...], *, near: bool) -> Iterator[Window]:
    for item in items.items():
        if item.key in keys and item.sort != "repealed" and not (near and not _beyond(item)):
            since = items.began(item) or date.min
            number = item.item or "–"
            yield Window(_rule(item), item.schedule, item.part, number, since, item.until, near)


def _beyond(item: Item) -> bool:
    """Whether a wording covers more than what it names."""
    return bool(item.covers & {"derivatives", "analogues"})


def _rule(item: Item) -> Rule:
    if item.schedule == "IX":
        return "device-goods"
    if item.precursor_class == "B":
        return "class-b-goods"
    if item.schedule == "VI" or (item.schedule == "V" and item.part != "1"):
        return "precursor-goods"
    return "controlled-goods"


def _label(names: Mapping[str, tuple[str, ...]]) -> str:
    en = names["en"][0]
    fr = names.get("fr", (en,))[0]
    return en if en == fr else f"{en} / {fr}"


def _lines(things: Mapping[str, Thing]) -> Iterator[tuple[str, Line]]:
    precursors = {id_ for id_, one in things.items() if any(w.rule == "precursor-goods" for w in one.windows)}
    rows = {one.id: one.hs for one in trade.load().substance if one.id in precursors}
    for line in trade.load().line:
        here = tuple(id_ for id_, codes in rows.items() if line.code in codes)
        if here:
            yield trade.digits(line.code), Line(not (line.residual or line.broad), here)
