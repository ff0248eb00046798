"""Documents that one person drafts and another approves, as acts of the log: letters, reports to the unit."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Self

from watchfloor.casework.life_cycle import WorkItem
from watchfloor.cell.acts import Row, refuse, same_person
from watchfloor.core.marking import join, parse
from watchfloor.core.messages import Message
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store.floor import Floor


class Document(WorkItem):
    """A document as its last act left it; it is shown to who may see all that it rests on.

    Attributes:
        logged: the state that each act of the log makes.
        same: refuses an approval by who drafted it.
    """

    __slots__ = ()
    logged: ClassVar[Mapping[str, str]]
    same: ClassVar[Message]

    @classmethod
    def read(cls, floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> dict[str, Self]:
        """Return every document that a reader may see, by its id; of what was erased there is none."""
        upto = floor.position_at(as_of) if isinstance(as_of, datetime) else as_of
        found = cls.fold(
            {
                **act.detail,
                "state": cls.logged[act.act],
                "by": act.actor.name if act.actor else "",
                "observed_at": act.at,
            }
            for act in floor.acts_of(*cls.logged, upto=upto)
            if act.detail is not None
        )
        return {id_: one for id_, one in found.items() if one.drafts and allowed(reader, parse(one.held_as))}

    @property
    def drafts(self) -> list[Row]:
        """Its drafts, the first edition first."""
        return [row for row in self.history if row["state"] == "drafted"]

    @property
    def held_as(self) -> str:
        """The join of the markings of what its drafts rest on."""
        return join(row["held_as"] for row in self.drafts)

    @property
    def drafted_by(self) -> tuple[str, ...]:
        """Everybody who drafted an edition."""
        return tuple(dict.fromkeys(row["by"] for row in self.drafts if row["by"]))

    @property
    def drafted_at(self) -> datetime:
        """When the last edition was drafted."""
        at: datetime = self.drafts[-1]["observed_at"]
        return at

    @property
    def approved(self) -> Row | None:
        """The act that approved it."""
        return next((row for row in self.history if row["state"] == "approved"), None)

    def check_approval(self, edition: int, by: str, now: datetime) -> None:
        """Refuse an approval on another edition than the last, of what is approved, or by who drafted it."""
        self.check(edition, "approved", now)
        for name in self.drafted_by:
            if same_person(by, name):
                refuse(self.same, **{"by": name, self.noun: self.id})
