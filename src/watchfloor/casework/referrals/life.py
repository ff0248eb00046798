"""The life of a referral, act by act: referred, amended, then examined, not examined, withdrawn or expired.

An act is one `inspection` record, see `casework.life_cycle`. Every referral has a deadline; one that is
past it without an end is expired by the clock that is handed in, which is a failure and is told first. What
was done in time may be typed in late.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final, Literal, NamedTuple

from watchfloor.casework.life_cycle import WorkItem
from watchfloor.casework.referrals import refusals
from watchfloor.core.kinds import INSPECTION

SOURCE: Final = "referrals"
State = Literal["referred", "amended", "withdrawn", "examined", "not-examined", "expired"]

AFTER: Final[Mapping[str, tuple[State, ...]]] = {
    "referred": ("amended", "withdrawn", "examined", "not-examined", "expired"),
    "amended": ("amended", "withdrawn", "examined", "not-examined", "expired"),
    "expired": ("examined", "not-examined"),
    "examined": ("examined",),
    "not-examined": ("examined", "not-examined"),
    "withdrawn": (),
}
"""What may follow a state. An end follows an end only to put it right, with a reason."""

OPEN: Final = frozenset({"referred", "amended"})
"""States that ask for an examination; past the deadline they are expired."""

BLIND: Final = frozenset({"score", "rule", "uncertainty", "random"})
"""Reasons of choosing that who examines is not told until the end: whoever knows that an item was drawn at
random, or comes first in an order, looks less hard or harder, and then what is found says more of the looking
than of the items. `rule` is the order of a plan without a model: were it told, the rest would be known to be
drawn. A lookout, a lead and an officer name the item and are told."""

REASONS: Final = (
    *("departed", "already-released", "not-found", "no-officer", "no-means", "no-grounds", "cancelled"),
    *("handed-over", "hazard", "other"),
)
"""Why an item was not examined: it left the place, was released before, could not be found, nobody or
nothing was free to examine it, the law asked for grounds that nobody had, it was not sent after all, another
agency has it, it could not be opened safely, or something else. The officer's words stand beside it."""


class Pick(NamedTuple):
    """An item to be referred.

    Attributes:
        subject: typed key of the parcel or container.
        means: how it is to be examined, one of `INSPECTED_BY`.
        deadline: until when it can be held.
        chosen_by: why this one, one of `CHOSEN_BY`.
        chance: probability with which it was chosen, above 0; None where nobody knows.
        scheme: name and digest of the configuration that chose it.
        document: number of its transport document; None: as its declaration has it.
        unit: who examines.
        grounds: an officer's, in his own words; needed before mail is opened.
        badge: number of the officer whose grounds they are.
        law: the section, such as 99(1)(e); None: as the item's stream has it.
        mode, direction: where no declaration says them.
        marking: never below that of the item's declarations; None: theirs.
    """

    subject: str
    means: str
    deadline: datetime | None
    chosen_by: str = "officer"
    chance: float | None = None
    scheme: str | None = None
    document: str | None = None
    unit: str | None = None
    grounds: str | None = None
    badge: str | None = None
    law: str | None = None
    mode: str | None = None
    direction: str | None = None
    marking: str | None = None


class Change(NamedTuple):
    """An amendment of a referral; None leaves a field as it is."""

    means: str | None = None
    deadline: datetime | None = None
    unit: str | None = None
    grounds: str | None = None
    authority: str | None = None


class ExaminationResult(NamedTuple):
    """Result of an examination: nothing, finding or inconclusive, by which means, what, the substance."""

    result: str
    means: str | None = None
    found: tuple[str, ...] = ()
    substance: str | None = None
    why: str | None = None


class Referral(WorkItem):
    """A referral as its last act left it."""

    __slots__ = ()
    noun: ClassVar = "referral"
    kind: ClassVar = INSPECTION
    source: ClassVar = SOURCE
    listing: ClassVar = ("referral", "cases referral list --ended")
    after: ClassVar = AFTER
    expiring: ClassVar = OPEN
    stale: ClassVar = refusals.STALE
    illegal: ClassVar = refusals.ILLEGAL
    ended: ClassVar = {"withdrawn": refusals.WITHDRAWN}

    @property
    def subject(self) -> str:
        """Typed key of the item that is referred."""
        return str(self.last["subject"])

    @property
    def chosen_by(self) -> str | None:
        """Why this one, as who examines is told: `plan` for what he should not know yet."""
        chosen: str | None = self.last["chosen_by"]
        return "plan" if chosen in BLIND and self.state in (*OPEN, "expired") else chosen


def urgent(one: Referral, now: datetime) -> tuple[int, float, str]:
    """A sorting key: those past their deadline first, then by deadline; those that ended last."""
    order = {"expired": 0, "referred": 1, "amended": 1}
    deadline = one.deadline
    return (
        order.get(one.standing(now), 2),
        deadline.timestamp() if deadline else float("inf"),
        one.id,
    )


def reason_of(why: str | None) -> str:
    """The reason of an item that was not examined, as a word of `REASONS`; what says none of them is
    other."""
    word = (why or "").partition(":")[0].strip()
    return word if word in REASONS else "other"
