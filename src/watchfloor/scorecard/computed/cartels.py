"""The seven cartels on the Criminal Code's list of entities: which of them stood on it on a day.

An item is known by the identifier that Justice Laws keeps for it across versions (`lims:fid`), never by a
name: three aliases belong to two of the seven at once, and the name of one is an alias of the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import pyarrow.compute as pc

from watchfloor.policy.policy import Reader
from watchfloor.scorecard.bilingual import Text, day, fill, joined, same
from watchfloor.scorecard.computed import messages
from watchfloor.scorecard.computed.result import Computed, ids, marked, record
from watchfloor.scorecard.findings import Evidence
from watchfloor.store.floor import Floor

ENGLISH, FRENCH = "SOR/2002-284", "DORS/2002-284"
LISTS: Final = (ENGLISH, FRENCH)
ADDED_BY: Final = "SOR/2025-31, s. 1"
"""The instrument that put the seven onto the list."""
IN_FORCE: Final = date(2025, 2, 19)
"""Day from which all seven items are in force, as the consolidations have it."""


class Cartel(NamedTuple):
    """One of the seven, as the list has it.

    Attributes:
        english, french: identifier of its item in each language's text.
        name: the primary name.
        names: published names by which a text names this one and nobody else; short ones that mean other
            things too (CU, CDG, CDS, TdA) and those of two entities are left out, but for the two acronyms
            that stand for themselves.
    """

    english: int
    french: int
    name: str
    names: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, str]:
        """Its `entity_id` in either list."""
        return f"{ENGLISH}#{self.english}", f"{FRENCH}#{self.french}"


CARTELS: Final = (
    Cartel(
        1515762, 1503709, "El Cartel del Golfo", ("El Cartel del Golfo", "Gulf Cartel", "Cartel du Golfe")
    ),
    Cartel(1515763, 1503710, "La Familia Michoacana", ("La Familia Michoacana",)),
    Cartel(1515764, 1503711, "La Mara Salvatrucha", ("La Mara Salvatrucha", "MS-13")),
    Cartel(1515765, 1503712, "Cárteles Unidos", ("Cárteles Unidos", "United Cartel", "Cartel Tepalcatepec")),
    Cartel(
        1515766,
        1503713,
        "El Cartel de Sinaloa",
        ("El Cartel de Sinaloa", "Sinaloa Cartel", "Sinaloa Organized Crime Group"),
    ),
    Cartel(1515767, 1503714, "Tren de Aragua", ("Tren de Aragua",)),
    Cartel(
        1515768,
        1503715,
        "Cartel Jalisco Nueva Generación",
        ("Cartel Jalisco Nueva Generación", "CJNG", "Jalisco Cartel New Generation"),
    ),
)
"""Source: Justice Laws XML of SOR/2002-284 and DORS/2002-284, editions of 2025-02-19 to 2026-06-14."""


class Edition(NamedTuple):
    """One edition of the list: first and last day it speaks for, and the ids of its items."""

    list_id: str
    first: date
    last: date | None
    entities: frozenset[str]


_ALL: Final = frozenset(key for one in CARTELS for key in one.keys)
EDITIONS: Final = tuple(
    Edition(list_id, date.fromisoformat(first), date.fromisoformat(last), _ALL if held else frozenset())
    for list_id in LISTS
    for first, last, held in (
        ("2024-11-28", "2024-12-23", False),
        ("2025-02-19", "2025-03-03", True),
        ("2025-12-08", "2025-12-10", True),
        ("2026-06-09", "2026-06-14", True),
    )
)
"""The editions that were read for the package, of the seven only."""

_COLUMNS: Final = (
    *("record_id", "marking", "list_id", "entity_id", "name", "in_force", "ceased"),
    *("window_from", "window_until"),
)


class ListHoldings(NamedTuple):
    """The list as held: rows of the seven, editions, and whether that is the package's table."""

    rows: list[dict[str, Any]]
    editions: Sequence[Edition]
    packaged: bool


def cartels_listed(floor: Floor | None, reader: Reader | None, on: date) -> Computed:
    """How many of the seven were listed entities on a day.

    Args:
        floor: whose listings are read; where it has no edition that began by then, the package's table.
        reader: who asks, where there is a floor.
        on: the day.
    """
    return listed(_held(floor, reader, on), on)


def listed(held: ListHoldings, on: date) -> Computed:
    """How many of the seven stood on a list on a day, by its newest edition that had begun."""
    edition = _newest(held.editions, on)
    if edition is None:
        return Computed(0.0, fill(messages.NO_EDITION, day=day(on), first=day(EDITIONS[0].first)))
    stand = standing(held, on)
    rows = [] if held.packaged else list(stand.values())
    evidence = tuple(_told(one, row, bool(rows)) for one, row in stand.items())
    told = _sentence(stand, held, edition, on)
    return Computed(float(len(stand)), told, evidence, ids(rows), marking=marked(rows))


def _sentence(stand: dict[Cartel, dict[str, Any]], held: ListHoldings, edition: Edition, on: date) -> Text:
    window = {"first": day(edition.first), "last": day(edition.last or edition.first)}
    by = fill(messages.BY_PACKAGE if held.packaged else messages.BY_LIST, **window)
    covers = edition.last is not None and on <= edition.last
    tail = Text("", "") if covers else fill(messages.NOT_COVERED, last=window["last"])
    if not stand:
        return fill(messages.NONE_LISTED, day=day(on), by=by, tail=tail)
    since = joined(map(day, sorted({row["in_force"] for row in stand.values()})))
    return fill(
        messages.LISTED, count=len(stand), of=len(CARTELS), day=day(on), since=since, by=by, tail=tail
    )


def standing(held: ListHoldings, on: date) -> dict[Cartel, dict[str, Any]]:
    """The row of each of the seven that stood on the list on a day, as its newest version by then has it."""
    newest = {list_id: _newest(held.editions, on, list_id) for list_id in LISTS}
    here = frozenset().union(*(one.entities for one in newest.values() if one))
    return {one: row for one in CARTELS if (row := _version(held.rows, one, here, on)) is not None}


def _version(
    rows: Iterable[dict[str, Any]], one: Cartel, here: frozenset[str], on: date
) -> dict[str, Any] | None:
    mine = [
        row
        for row in rows
        if row["entity_id"] in one.keys
        and row["entity_id"] in here
        and row["in_force"] is not None
        and row["in_force"] <= on
        and not (row["ceased"] and row["ceased"] <= on)
    ]
    return min(mine, key=lambda row: (row["list_id"] != ENGLISH, -row["in_force"].toordinal()), default=None)


def _newest(editions: Iterable[Edition], on: date, list_id: str = "") -> Edition | None:
    """The last edition that had begun by a day: a later one says nothing of it."""
    begun = [one for one in editions if one.first <= on and list_id in ("", one.list_id)]
    return max(begun, key=lambda one: (one.first, one.list_id == ENGLISH), default=None)


def held_by(floor: Floor, reader: Reader) -> ListHoldings:
    """Return the list as a floor holds it, for this reader."""
    rows = _mine(floor.read("listing", reader, columns=_COLUMNS))
    columns = ("list_id", "window_from", "window_until", "entities")
    found = floor.read("consolidation", reader, columns=columns)
    editions = found.filter(pc.is_in(found["list_id"], value_set=_lists())).to_pylist()
    made = [
        Edition(row["list_id"], row["window_from"], row["window_until"], frozenset(row["entities"]))
        for row in editions
        if row["window_from"]
    ]
    return ListHoldings([row for row in rows if row["entity_id"] in _ALL], made, packaged=False)


def _held(floor: Floor | None, reader: Reader | None, on: date) -> ListHoldings:
    if floor is not None and reader is not None:
        held = held_by(floor, reader)
        if _newest(held.editions, on) is not None:
            return held
    return packaged()


def packaged() -> ListHoldings:
    """The package's own table."""
    rows = [
        {"list_id": ENGLISH, "entity_id": one.keys[0], "name": one.name, "in_force": IN_FORCE, "ceased": None}
        for one in CARTELS
    ]
    return ListHoldings(rows, EDITIONS, packaged=True)


def _mine(rows: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = rows.filter(pc.is_in(rows["list_id"], value_set=_lists())).to_pylist()
    return found


def _lists() -> Any:
    import pyarrow as pa

    return pa.array(LISTS)


def _told(one: Cartel, row: Mapping[str, Any], recorded: bool) -> Evidence:
    if recorded:
        return record(row, fill(messages.ITEM, name=same(one.name)), row["in_force"])
    what = fill(messages.NUMBERED, name=same(one.name), item=str(one.english))
    return Evidence(what, f"Justice Laws, {ENGLISH}, {ADDED_BY}", row["in_force"])
