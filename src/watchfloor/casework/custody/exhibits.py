"""Exhibits as their acts left them: where each is, under which seal, what is left of it, what the law did.

A world is every exhibit by its id. `apply` adds one act to it and asks nothing; what may be done is in
`rules`. Children stand before the act that split them off, so that the split finds their masses.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar, Final, Literal

from watchfloor.casework.custody import refusals
from watchfloor.casework.custody.masses import NOTHING, Mass, measured, total
from watchfloor.casework.life_cycle import WorkItem
from watchfloor.cell.acts import Row
from watchfloor.core.kinds import EXHIBIT

State = Literal["held", "exhausted", "returned", "destroyed", "used"]
ENDS: Final[Mapping[str, State]] = {"returned": "returned", "destroyed": "destroyed", "used": "used"}
"""Acts after which nothing of an exhibit is here any more."""
SOURCE: Final = "custody"
LATE: Final = "late-application"
"""Doubt of an application for return that came after the last day for one (s. 24(1))."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A weighing that was compared with what should be there.

    Attributes:
        edition: of the act that weighed.
        mass: measured less expected.
        why: what a person says of it, or None. Only a weighing by itself is explained: the reason of a
            split or of a destruction says what that was for, and not why the mass is another.
    """

    edition: int
    mass: Mass
    why: str | None


@dataclass(frozen=True, slots=True)
class Exhibit(WorkItem):
    """An exhibit as its last act left it.

    Attributes:
        history: its acts, oldest first; one whose moment was corrected has the corrected one.
        state: held, or what ended it.
        holder: who has it.
        seal: number of the seal on it, or None.
        offer: the act that offers it to somebody who has not signed yet, or None.
        mass: what is left, or None where nobody weighed it.
        weighed: whether `mass` was measured, not found by subtraction.
        entered: what it was first weighed at; None as `mass`.
        consumed, divided, gone: what analyses used up, what children took, what left with its end.
        differences: of each weighing.
        submitted, certified, reported: such acts.
        applied, forfeited, disposed: the act that stands, or None.
        required: the act of each proceeding that requires it.
        flags: dangers.
        seals: numbers of all the seals that were ever on it, as `folded` has them.
    """

    noun: ClassVar = "exhibit"
    kind: ClassVar = EXHIBIT
    source: ClassVar = SOURCE
    listing: ClassVar = ("exhibit", "cases custody list --all")
    stale: ClassVar = refusals.STALE

    holder: str
    state: State = "held"
    seal: str | None = None
    offer: Row | None = None
    mass: Mass | None = None
    weighed: bool = True
    entered: Mass | None = None
    consumed: Mass = NOTHING
    divided: Mass = NOTHING
    gone: Mass = NOTHING
    differences: tuple[Difference, ...] = ()
    submitted: tuple[Row, ...] = ()
    certified: tuple[Row, ...] = ()
    reported: tuple[Row, ...] = ()
    applied: Row | None = None
    required: tuple[Row, ...] = ()
    forfeited: Row | None = None
    disposed: Row | None = None
    flags: tuple[str, ...] = ()
    seals: frozenset[str] = frozenset()

    @classmethod
    def fold(cls, rows: Iterable[Row]) -> dict[str, Any]:
        """Return every exhibit by its id: folded together, for what was split off stands beside the rest."""
        found: World = {}
        for row in rows:
            apply(found, row)
        return found

    @property
    def dated(self) -> Row:
        """Return the last act that is no correction of a moment: the one that such a correction is about."""
        return next(row for row in reversed(self.history) if row["act"] != "redated")

    @property
    def number(self) -> str:
        """The agency's number of it, or its id."""
        return str(self.first["number"] or self.id)

    @property
    def parent(self) -> str | None:
        """Id of the exhibit that it was split from."""
        found: str | None = self.first["parent"]
        return found

    @property
    def day(self) -> date:
        """The day it was seized or made."""
        found: date = self.first["day"]
        return found

    @property
    def called(self) -> str:
        """Return the name or key of the substance that it is presumed to be."""
        return str(self.first["name"] or self.first["substance"] or "")

    @property
    def children(self) -> tuple[str, ...]:
        """Ids of what was split off it, in order."""
        return tuple(id_ for row in self.history for id_ in row["children"] or ())


World = dict[str, Exhibit]


def apply(found: World, row: Row) -> None:
    """Add an act to a world."""
    before = found.get(row["exhibit"])
    found[row["exhibit"]] = _first(found, row) if before is None else _next(found, before, row)


def same_document(one: Row, other: Row) -> bool:
    """Whether two acts name one document, however its number is typed."""
    return folded(one["document"]) == folded(other["document"])


def folded(text: str | None) -> str:
    """A number as two people would compare it."""
    return " ".join((text or "").split()).casefold()


def required(found: World, one: Exhibit) -> Row | None:
    """A proceeding that requires an exhibit, or what it was split from; None where there is none."""
    return next((row for each in lineage(found, one) for row in each.required), None)


def lineage(found: World, one: Exhibit) -> list[Exhibit]:
    """An exhibit, what it was split from, and so on up to the seizure, as far as can be seen."""
    line = [one]
    while (parent := line[-1].parent) is not None and parent in found and found[parent] not in line:
        line.append(found[parent])
    return line


def root(found: World, one: Exhibit) -> Exhibit:
    """The seizure that an exhibit comes from, as far up as can be seen."""
    return lineage(found, one)[-1]


def expected(found: World, one: Exhibit, row: Row) -> Mass | None:
    """Return the mass that should be left of an exhibit when an act weighs it; None if it is not known."""
    if one.mass is None or row["act"] != "split":
        return one.mass
    taken = [found[id_].entered for id_ in row["children"] or () if id_ in found]
    if None in taken or len(taken) < len(row["children"] or ()):
        return None
    return one.mass - total([each for each in taken if each is not None])


def difference(found: World, one: Exhibit, row: Row) -> Difference | None:
    """Return the mass that an act found less the expected one; None where nothing is compared."""
    if row["act"] not in ("weighed", "split", *ENDS) or (now := reading(row)) is None:
        return None
    before, why = expected(found, one, row), row["why"] if row["act"] == "weighed" else None
    return None if before is None else Difference(row["edition"], now - before, why)


def reading(row: Row) -> Mass | None:
    """Return the mass that an act measured, named after the act; None if it weighed nothing."""
    if row["mass"] is None:
        return None
    return measured(f"{row['exhibit']}:{row['edition']}", row["mass"], row["mass_error"] or 0.0)


def exhausts(row: Row) -> bool:
    """Whether a split says that nothing is left of what was split: a mass of nothing, and no doubt of it."""
    return row["act"] == "split" and row["mass"] == 0 and not row["mass_error"]


def _first(found: World, row: Row) -> Exhibit:
    """A new exhibit; what the law or an analyst was asked of what it was split from, is asked of it too."""
    mass = reading(row)
    flags = tuple(row["flags"] or ())
    made = Exhibit(
        (row,), row["by"], seal=row["seal"], mass=mass, entered=mass, flags=flags, seals=_seals(row)
    )
    parent = found.get(row["parent"])
    if parent is None:
        return made
    taken = {name: getattr(parent, name) for name in ("applied", "required", "forfeited", "submitted")}
    return replace(made, **taken)


def _next(found: World, one: Exhibit, row: Row) -> Exhibit:
    act = row["act"]
    if act == "redated":
        one = _redated(one, row)
    after = replace(one, history=(*one.history, row), seal=row["seal"], flags=tuple(row["flags"] or ()))
    after = _weighed(found, one, replace(after, seals=one.seals | _seals(row)), row)
    if act == "offered":
        return replace(after, offer=row)
    if act == "received":
        return replace(after, offer=None, holder=row["to"])
    if act == "withdrawn":
        return replace(after, offer=None)
    if act == "consumed":
        return _consumed(after, row)
    if act == "released":
        left = tuple(each for each in one.required if not same_document(each, row))
        return replace(after, required=left)
    if act in ENDS:
        return _ended(after, row)
    if act in ("applied", "required", "forfeited", "submitted", "certified", "reported"):
        return _decided(after, row)
    return replace(after, state="exhausted") if exhausts(row) else after


def _redated(one: Exhibit, row: Row) -> Exhibit:
    """An exhibit whose last act was done when a correction says, wherever that act counts.

    `first_at` of that act is the moment that it was recorded with. Of its doubts, what the moment decides is
    as the correction has it.
    """
    wrong = one.dated
    first = wrong.get("first_at", wrong["observed_at"])
    doubts = [*(each for each in wrong["doubts"] if each != LATE), *row["doubts"]]
    right = wrong | {
        "observed_at": row["observed_at"],
        "day": row["day"],
        "first_at": first,
        "doubts": doubts,
    }

    def mended(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(right if each is wrong else each for each in value)
        return right if value is wrong else value

    return replace(one, **{name: mended(getattr(one, name)) for name in ACTS_OF})


ACTS_OF: Final = (
    "history",
    "offer",
    "submitted",
    "certified",
    "reported",
    "applied",
    "required",
    "forfeited",
    "disposed",
)
"""Attributes of an exhibit that hold acts on it."""


def _seals(row: Row) -> frozenset[str]:
    return frozenset({folded(row["seal"])} if row["seal"] else ())


def _decided(after: Exhibit, row: Row) -> Exhibit:
    """Return an exhibit with an act of the law, an analyst or a report added."""
    changes: dict[str, Any] = {row["act"]: row}
    if row["act"] in ("required", "submitted", "certified", "reported"):
        changes = {row["act"]: (*getattr(after, row["act"]), row)}
    return replace(after, **changes)


def _ended(after: Exhibit, row: Row) -> Exhibit:
    """Nothing of it is here any more."""
    left, none = after.mass or NOTHING, None if after.mass is None else NOTHING
    return replace(after, state=ENDS[row["act"]], disposed=row, gone=left, mass=none)


def _weighed(found: World, one: Exhibit, after: Exhibit, row: Row) -> Exhibit:
    """Return an exhibit with its masses after a weighing or a split."""
    if row["act"] == "split":
        children = [found[id_].entered for id_ in row["children"] or () if id_ in found]
        after = replace(after, divided=one.divided + total([each for each in children if each is not None]))
    if row["act"] not in ("weighed", "split", *ENDS):
        return after
    now, apart = reading(row), difference(found, one, row)
    if now is None:
        return replace(after, mass=expected(found, one, row), weighed=row["act"] != "split" and one.weighed)
    noted = (*one.differences, *([apart] if apart else ()))
    return replace(after, mass=now, weighed=True, entered=one.entered or now, differences=noted)


def _consumed(after: Exhibit, row: Row) -> Exhibit:
    used = reading(row) or NOTHING
    left = None if after.mass is None else after.mass - used
    return replace(after, mass=left, weighed=False, consumed=after.consumed + used)
