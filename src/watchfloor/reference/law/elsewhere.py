"""Who controls a substance, since when: the UN conventions, the United States, China; Canada by its items.

`elsewhere.toml` holds the facts, each with a citation and with how it was checked. Silence says that the
table has no such fact, not that nobody controls it.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import msgspec

from watchfloor.reference.law import items, structures, trade

FILE: Final = "elsewhere.toml"
JURISDICTIONS: Final = ("UN", "US", "CN")

Class = Literal["fentanyls", "nitazenes", "cannabinoids"]


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One decision, rule or notice; the fields are explained at the head of `elsewhere.toml`."""

    jurisdiction: str
    list: str
    since: str
    until: str | None = None
    citation: str
    checked: Literal["text", "memory"]
    substances: tuple[str, ...] = ()
    controlled_class: Class | None = msgspec.field(default=None, name="class")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    measure: tuple[Measure, ...]


class Elsewhere(msgspec.Struct, frozen=True):
    """One fact about one substance.

    Attributes:
        jurisdiction: `UN`, `US`, `CN`; `CA` for items of the Act.
        list: schedule or list of that law.
        since: first day in force, ISO 8601 to the precision known: `2024-12-03`, `1992-11`, `1964`.
        until: last day in force, likewise; None while in force.
        citation: what to look up.
        checked: `text` (read for this table), `memory` (look the day up before relying on it), `law` (of our
            own tables of the law).
        how: `listed`; `stereo` where the fact is of the substance without stated stereo, or the reverse.
    """

    jurisdiction: str
    list: str
    since: str
    until: str | None
    citation: str
    checked: Literal["text", "memory", "law"]
    how: Literal["listed", "stereo"] = "listed"

    def on(self, day: date) -> bool | None:
        """Whether it is in force on a day; None where the dates are not known finely enough to say."""
        begun = _passed(self.since, day)
        ended = _ended(self.until, day) if self.until else False
        if begun is False or ended is True:
            return False
        return None if begun is None or ended is None else True


def _passed(since: str, day: date) -> bool | None:
    """Whether a day known to some precision is that day or before it."""
    same = day.isoformat()[: len(since)]
    if same != since:
        return same > since
    return True if len(since) == len("2024-12-03") else None


def _ended(until: str, day: date) -> bool | None:
    same = day.isoformat()[: len(until)]
    if same != until:
        return same > until
    return False if len(until) == len("2024-12-03") else None


@cache
def measures() -> tuple[Measure, ...]:
    """All measures that come with the package."""
    return msgspec.toml.decode((files(__package__) / FILE).read_bytes(), type=_File).measure


def controlled_elsewhere(inchikey: str) -> tuple[Elsewhere, ...]:
    """Who controls a substance, Canada first, then by jurisdiction and day.

    A key without stereo, a fact about a substance named without, and the other form of one item of the Act
    fit on connectivity alone, and say so in `how`; other stereoisomers never do.
    """
    found = [(one, how) for one, how in _alike(inchikey)]
    facts = [
        fact
        for one, how in found
        for fact in (*_canada(one), *_facts().get(one.id, ()))
        for fact in (msgspec.structs.replace(fact, how=how),)
    ]
    order = ("CA", *JURISDICTIONS)
    return tuple(sorted(facts, key=lambda fact: (order.index(fact.jurisdiction), fact.since)))


def of_class(controlled_class: Class) -> tuple[Elsewhere, ...]:
    """Who controls a class of substances as such."""
    return tuple(_fact(one) for one in measures() if one.controlled_class == controlled_class)


_FLAT: Final = "UHFFFAOYSA"
"""Second block of the InChIKey of a substance without stereo and isotopes."""


def _alike(inchikey: str) -> Iterator[tuple[trade.Substance, Literal["listed", "stereo"]]]:
    skeleton, _, rest = inchikey.partition("-")
    for key, one in trade.by_inchikey().items():
        if key == inchikey:
            yield one, "listed"
        elif key.startswith(f"{skeleton}-") and (_FLAT in rest or _FLAT in key or _of_item(one, inchikey)):
            yield one, "stereo"


def _of_item(one: trade.Substance, inchikey: str) -> bool:
    """Whether an item that names the substance has this structure too, such as the other mirror image."""
    named = structures.structures()
    return any(inchikey == mine.inchikey for key in one.items for mine in named.get(key, ()))


@cache
def _facts() -> Mapping[str, tuple[Elsewhere, ...]]:
    found: dict[str, tuple[Elsewhere, ...]] = {}
    for one in measures():
        for id_ in one.substances:
            found[id_] = (*found.get(id_, ()), _fact(one))
    return found


def _fact(one: Measure) -> Elsewhere:
    return Elsewhere(one.jurisdiction, one.list, one.since, one.until, one.citation, one.checked)


def _canada(one: trade.Substance) -> Iterator[Elsewhere]:
    for item in items.items():
        if item.key in one.items and item.sort != "repealed":
            until = item.until.isoformat() if item.until else None
            where = f"Schedule {item.schedule}" + (f", Part {item.part}" if item.part else "")
            yield Elsewhere("CA", where, item.since.isoformat(), until, item.citation, "law")
