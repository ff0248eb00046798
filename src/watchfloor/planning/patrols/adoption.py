"""Adoption of a plan of patrols: one plan holds for a day, whoever else plans it.

The act keeps the tours, the digest of them, the commitment of the seed and the seed itself under the plan's
marking. The log's tree covers the act from then on, so that nobody can exchange seed or tours later. The seed
is shown once the days are over: until then who learns it elsewhere could not be told from who was shown it.
"""

import hashlib
from datetime import date, datetime, timedelta
from typing import ClassVar, Final

from watchfloor.casework.life_cycle import Done, WorkItem, act
from watchfloor.cell.acts import Conflict, Post, Row, common, minute, nonempty, write
from watchfloor.core.kinds import PLAN
from watchfloor.core.messages import declare, reason
from watchfloor.planning.patrols.game import commitment
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

SOURCE: Final = "plans"
ADOPTED, WITHDRAWN = "adopted", "withdrawn"
ID_DIGITS: Final = 12

TAKEN: Final = declare("patrols.days-taken", "by", "at", "day", "last", "plan")


class AdoptedPlan(WorkItem):
    """A plan of patrols, as the last act left it."""

    __slots__ = ()
    noun: ClassVar = "plan"
    kind: ClassVar = PLAN
    source: ClassVar = SOURCE
    listing: ClassVar = ("plan", "plan adopted")
    after: ClassVar = {ADOPTED: (WITHDRAWN,), WITHDRAWN: (ADOPTED,)}
    # No state in words: the word for a custody's "withdrawn" is that of an offer in French.
    stale: ClassVar = declare("patrols.plan-stale", "plan", "made_on", "edition", "by", "at", "why")
    illegal: ClassVar = declare("patrols.plan-state", "plan", "by", "at")

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
    def days(self) -> int:
        """Return how many days it is for."""
        return int(self.first["days"])

    @property
    def last_day(self) -> date:
        """Return its last day."""
        return self.day + timedelta(days=self.days - 1)

    def seed(self, today: date) -> str:
        """Return the seed once the days are over, by the clock of coverage.toml; empty before."""
        return str(self.first["seed"]) if today > self.last_day else ""

    def holds(self, day: date, days: int) -> bool:
        """Return whether it stands for one of some days."""
        last = day + timedelta(days=days - 1)
        return self.state == ADOPTED and self.day <= last and day <= self.last_day


def standing(floor: Floor, reader: Reader, day: date, days: int) -> list[AdoptedPlan]:
    """Return the plans that stand for one of some days, the oldest first."""
    known = AdoptedPlan.read(floor, reader).values()
    return sorted((one for one in known if one.holds(day, days)), key=lambda one: one.at)


def adopt(
    post: Post, document: str, day: date, days: int, seed: str, marking: str, why: str
) -> Done[AdoptedPlan]:
    """Adopt a plan.

    Args:
        post: where, and by whom.
        document: the plan as JSON, without its seed.
        day, days: that it is for.
        seed: of its draw.
        marking: of the plan.
        why: the reason, in words.

    Raises:
        Conflict: another plan stands for one of its days.
        Refusal: there is no reason.
    """
    reason_ = nonempty(why, "why")
    if others := standing(post.floor, post.reader, day, days):
        other = others[0]
        told = {"by": other.by, "at": minute(other.at), "plan": other.id}
        raise Conflict(reason(TAKEN, day=other.day.isoformat(), last=other.last_day.isoformat(), **told))
    now = post.writer.moment()
    digest = hashlib.sha256(document.encode()).hexdigest()
    id_ = digest[:ID_DIGITS]
    present = AdoptedPlan.read(post.floor, post.reader).get(id_)
    row = common(SOURCE, id_, marking, now) | {
        "plan": id_,
        "act": "adopted",
        "state": ADOPTED,
        "edition": present.edition + 1 if present else 1,
        "day": day,
        "days": days,
        "digest": digest,
        "commitment": commitment(seed),
        "seed": seed,
        "document": document,
        "why": reason_,
        "by": post.by,
    }
    position = write(post.writer, PLAN, row)
    return Done(AdoptedPlan.read(post.floor, post.reader)[id_], position, now)


def withdraw(post: Post, start: str, edition: int | None, why: str) -> Done[AdoptedPlan]:
    """Withdraw a plan, so that another may be adopted for its days. Raises `Refusal`, `Conflict`."""

    def make(present: AdoptedPlan, made_on: int, by: str, now: datetime) -> Row:
        present.check(made_on, WITHDRAWN, now)
        kept = {
            name: present.first[name]
            for name in ("plan", "day", "days", "digest", "commitment", "seed", "document")
        }
        return (
            common(SOURCE, present.id, present.marking, now)
            | kept
            | {
                "act": "withdrawn",
                "state": WITHDRAWN,
                "edition": made_on + 1,
                "why": nonempty(why, "why"),
                "by": by,
            }
        )

    return act(post, AdoptedPlan, start, edition, make)
