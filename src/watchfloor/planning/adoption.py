"""Plans on record: kept with the reason under their marking, and taken back, edition by edition.

The log's tree covers the act from then on, so that nobody can exchange the plan later; its id is how the
digest of its document begins. Of plans that exclude each other one stands, whoever else plans.
"""

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Final, TypeVar

from watchfloor.casework.life_cycle import Done, WorkItem, act
from watchfloor.cell.acts import Conflict, Post, Row, common, nonempty, write
from watchfloor.core.kinds import PLAN
from watchfloor.core.messages import Reason
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

ID_DIGITS: Final = 12
KEPT: Final = ("plan", "day", "days", "digest", "commitment", "seed", "document")
"""Columns that are those of the first act."""


class PlanRecord(WorkItem):
    """A plan, as the last act left it. `after` names the state of one that stands, then of one taken back."""

    __slots__ = ()
    noun: ClassVar = "plan"
    kind: ClassVar = PLAN
    source: ClassVar[str]

    @property
    def deadline(self) -> datetime | None:
        """Return None: what is over needs no act."""
        return None

    @property
    def day(self) -> date:
        """Return its first day."""
        day: date = self.first["day"]
        return day

    @property
    def last_day(self) -> date:
        """Return its last day."""
        return self.day + timedelta(days=self.first["days"] - 1)

    @property
    def stands(self) -> bool:
        """Return whether it was not taken back."""
        return self.state == next(iter(self.after))

    def facts(self) -> dict[str, Any]:
        """Return what every answer says of a plan on record, by the names of its fields."""
        own = {name: getattr(self, name) for name in ("day", "state", "by", "at", "edition", "marking")}
        return own | {
            "plan": self.id,
            "last": self.last_day,
            "why": self.why or "",
            "digest": self.first["digest"],
        }


P = TypeVar("P", bound=PlanRecord)


def listed(of: type[P], floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> list[P]:
    """Return the plans that a reader may see, the last days first."""
    known = of.read(floor, reader, as_of).values()
    return sorted(known, key=lambda one: (one.day, one.at), reverse=True)


def standing(of: type[P], floor: Floor, reader: Reader, as_of: int | datetime | None = None) -> list[P]:
    """Return the plans that stand, the oldest first."""
    known = of.read(floor, reader, as_of).values()
    return sorted((one for one in known if one.stands), key=lambda one: one.at)


def keep(
    post: Post,
    of: type[P],
    document: str,
    day: date,
    days: int,
    marking: str,
    why: str,
    excludes: Callable[[P], Reason | None],
    **sealed: str,
) -> Done[P]:
    """Put a plan on record.

    Args:
        post: where, and by whom.
        of: the sort of plan.
        document: the plan as JSON.
        day, days: that it is for.
        marking: of the plan.
        why: the reason, in words.
        excludes: the reason why it cannot stand beside another one, if it cannot.
        sealed: seed of a draw, and its commitment.

    Raises:
        Conflict: another one that stands excludes it.
        Refusal: there is no reason.
    """
    reason_ = nonempty(why, "why")
    for other in standing(of, post.floor, post.reader):
        if clash := excludes(other):
            raise Conflict(clash)
    now = post.writer.moment()
    digest = hashlib.sha256(document.encode()).hexdigest()
    id_ = digest[:ID_DIGITS]
    present = of.read(post.floor, post.reader).get(id_)
    plan = {"plan": id_, "day": day, "days": days, "digest": digest, "document": document}
    plan |= {"commitment": "", "seed": ""} | sealed
    state, edition = next(iter(of.after)), present.edition + 1 if present else 1
    position = write(post.writer, PLAN, _row(of, plan, state, edition, marking, reason_, post.by, now))
    return Done(of.read(post.floor, post.reader)[id_], position, now)


def take_back(post: Post, of: type[P], start: str, edition: int | None, why: str) -> Done[P]:
    """Take back a plan, by how its id begins. Raises `Refusal`, `Conflict`."""
    _, state = of.after

    def make(present: P, made_on: int, by: str, now: datetime) -> Row:
        present.check(made_on, state, now)
        plan = {name: present.first[name] for name in KEPT}
        return _row(of, plan, state, made_on + 1, present.marking, nonempty(why, "why"), by, now)

    return act(post, of, start, edition, make)


def _row(
    of: type[P], plan: Row, state: str, edition: int, marking: str, why: str, by: str, now: datetime
) -> Row:
    act_ = {"act": state, "state": state, "edition": edition, "why": why, "by": by}
    return common(of.source, plan["plan"], marking, now) | plan | act_
