"""The life cycle of what people act on in editions: tasks, reports, referrals, exhibits, letters, agreements.

An act is one row. It names the edition that it makes, one more than the edition it was made on, so two people
who act on one edition cannot both succeed: the second is told what the first did. The last act is the state,
and all of them are the history. An act is checked and written behind the writer's lock, or nothing is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, NamedTuple, Self, TypeVar

import pyarrow.compute as pc

from watchfloor.cell.acts import Conflict, Post, Refusal, Row, histories, minute, pick, refuse, write
from watchfloor.core.kinds import Kind
from watchfloor.core.marking import MarkingError, join
from watchfloor.core.messages import Message, Reason, declare, reason
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor
from watchfloor.store.segments.reading import POSITION

NO_MARKING: Final = declare("cell.unreadable-marking", "problem")
EXPIRED: Final = "expired"
"""The state that the clock makes, and a row only where somebody puts that on record."""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """Something that people act on in editions, as its acts left it. A subclass declares a life cycle.

    Attributes:
        noun: column of its id, and the parameter by which messages name it.
        kind: of its records.
        source: of those that are acts of this floor, where other feeds bring records of that kind; else None.
        listing: what a person calls it, and the command that lists all.
        after: what may follow a state.
        expiring: states that a deadline turns into `expired`.
        stale: refuses an act on another edition than the last.
        illegal: refuses what may not follow.
        ended: by state, what refuses that instead, whatever edition was looked at.
        history: all its acts, oldest first.
    """

    noun: ClassVar[str]
    kind: ClassVar[Kind]
    source: ClassVar[str | None] = None
    listing: ClassVar[tuple[str, str]]
    after: ClassVar[Mapping[str, tuple[str, ...]]]
    expiring: ClassVar[frozenset[str]] = frozenset()
    stale: ClassVar[Message]
    illegal: ClassVar[Message]
    ended: ClassVar[Mapping[str, Message]] = {}

    history: tuple[Row, ...]

    @classmethod
    def fold(cls, rows: Iterable[Row]) -> dict[str, Self]:
        """Return every item by its id, from its acts in the order of the log."""
        return {id_: cls(tuple(history)) for id_, history in histories(rows, cls.noun).items()}

    @classmethod
    def rows(cls, floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> list[Row]:
        """Return the acts that a reader may see, in the order of the log."""
        table = floor.read(cls.kind.name, reader, as_of, [*cls.kind.schema.names, POSITION])
        mine = table.filter(pc.equal(table["source"], cls.source)) if cls.source else table
        rows: list[Row] = mine.to_pylist()
        return rows

    @classmethod
    def read(cls, floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> dict[str, Self]:
        """Return every item that a reader may see, by its id."""
        return cls.fold(cls.rows(floor, reader, as_of))

    @classmethod
    def find(cls, floor: Floor, reader: Reader, start: str, as_of: int | datetime | None = None) -> Self:
        """Return the item whose id starts so. Raises `Refusal`."""
        return pick(cls.read(floor, reader, as_of), start, *cls.listing)

    @property
    def first(self) -> Row:
        """Return the first act."""
        return self.history[0]

    @property
    def last(self) -> Row:
        """Return the last act."""
        return self.history[-1]

    @property
    def id(self) -> str:
        """Return its id."""
        return str(self.first[self.noun])

    @property
    def state(self) -> str:
        """Return its state after the last act, whatever the clock says."""
        return str(self.last["state"])

    @property
    def edition(self) -> int:
        """Return the last edition; of acts from before editions were kept, how many there are."""
        return int(self.last["edition"] or len(self.history))

    @property
    def by(self) -> str:
        """Return who did the last act."""
        return str(self.last["by"])

    @property
    def at(self) -> datetime:
        """Return when the last act was done."""
        at: datetime = self.last["observed_at"]
        return at

    @property
    def why(self) -> str | None:
        """Return the reason of the last act."""
        why: str | None = self.last["why"]
        return why

    @property
    def marking(self) -> str:
        """Return the marking of the last act."""
        return str(self.last["marking"])

    @property
    def deadline(self) -> datetime | None:
        """Return the moment from which it is expired, if it has one."""
        deadline: datetime | None = self.last["deadline"]
        return deadline

    def standing(self, now: datetime) -> str:
        """Return its state at a moment: what a deadline ends is expired from then on."""
        late = self.state in self.expiring and self.deadline is not None and self.deadline <= now
        return EXPIRED if late else self.state

    def allowed(self, now: datetime) -> tuple[str, ...]:
        """Return what may follow at a moment; if the clock ended it, also that, where the table has it."""
        standing = self.standing(now)
        clock = (EXPIRED,) if standing != self.state and EXPIRED in self.after[self.state] else ()
        return (*self.after[standing], *clock)

    def check(self, edition: int, wanted: str, now: datetime) -> None:
        """Refuse what may not follow.

        Raises:
            Conflict: it was made on another edition than the last.
            Refusal: the state that it makes may not follow.
        """
        standing, may = self.standing(now), self.allowed(now)
        if wanted not in may and standing in self.ended:
            end = next((row for row in self.history if row["state"] in self.ended), self.last)
            raise Refusal(self._reason(self.ended[standing], end, why=end.get("why")))
        self.refuse_stale(edition)
        if wanted not in may:
            told = {"state_words": standing, "wanted_words": wanted, "may_words": ", ".join(may) or "nothing"}
            raise Refusal(self._reason(self.illegal, self.last, **told))

    def refuse_stale(self, edition: int) -> None:
        """Raise `Conflict` where an act was made on another edition than the last."""
        if edition != self.edition:
            made = next((row for row in self.history if row["edition"] == self.edition), self.last)
            why = f" ({made['why']})" if made.get("why") else ""
            raise Conflict(self._reason(self.stale, made, made_on=edition, why=why))

    def _reason(self, message: Message, act: Row, **told: Any) -> Reason:
        """Return a sentence about an act, with those of the facts that it names."""
        facts = {"act_words": act.get("act"), "state_words": act.get("state"), **told}
        facts |= {"by": act["by"], "at": minute(act["observed_at"])}
        facts |= {self.noun: self.id, "edition": self.edition}
        return reason(message, **{name: facts[name] for name in message.parameters})


W = TypeVar("W", bound=WorkItem)
Make = Callable[[W, int, str, datetime], Row]
"""The row of an act: on what, on which edition of it, by whom, when. Raises `Refusal`."""


class Done(NamedTuple, Generic[W]):
    """An act that was written: what it left, at which position of the log, and when."""

    item: W
    position: int
    at: datetime


def act(post: Post, of: type[W], start: str, edition: int | None, make: Make[W]) -> Done[W]:
    """Act on the edition that a person looked at; None: on the present one. Raises `Refusal`."""
    present, now = of.find(post.floor, post.reader, start), post.writer.moment()
    position = write(post.writer, of.kind, make(present, edition or present.edition, post.by, now))
    return Done(of.read(post.floor, post.reader)[present.id], position, now)


def at_least(marking: str | None, asked: str | None) -> str:
    """The marking that is asked for, never below that of what it is about, if that has one. Refused."""
    from watchfloor.feeds.config import PERSONAL  # every format comes with it

    try:
        return join([one for one in (marking, asked) if one] or [PERSONAL])
    except MarkingError as error:
        refuse(NO_MARKING, problem=str(error))
