"""Adoption of a plan of patrols: one plan holds for a day, whoever else plans it.

The act keeps the tours, the digest of them, the commitment of the seed and the seed itself. The seed is shown
once the days are over: until then who learns it elsewhere could not be told from who was shown it.
"""

from datetime import date, timedelta
from typing import ClassVar, Final

from watchfloor.casework.life_cycle import Done
from watchfloor.cell.acts import Post, minute
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.planning import adoption
from watchfloor.planning.patrols.game import commitment
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

ADOPTED, WITHDRAWN = "adopted", "withdrawn"
TAKEN: Final = declare("patrols.days-taken", "by", "at", "day", "last", "plan")


class AdoptedPlan(adoption.PlanRecord):
    """A plan of patrols, as the last act left it."""

    __slots__ = ()
    source: ClassVar = "plans"
    listing: ClassVar = ("plan", "plan adopted")
    after: ClassVar = {ADOPTED: (WITHDRAWN,), WITHDRAWN: (ADOPTED,)}
    # No state in words: the word for a custody's "withdrawn" is that of an offer in French.
    stale: ClassVar = declare("patrols.plan-stale", "plan", "made_on", "edition", "by", "at", "why")
    illegal: ClassVar = declare("patrols.plan-state", "plan", "by", "at")

    def seed(self, today: date) -> str:
        """Return the seed once the days are over, by the clock of coverage.toml; empty before."""
        return str(self.first["seed"]) if today > self.last_day else ""

    def is_for(self, day: date, days: int) -> bool:
        """Return whether it is for one of some days."""
        return self.day <= day + timedelta(days=days - 1) and day <= self.last_day

    def taken(self) -> Reason:
        """Return the sentence that its days are taken."""
        days = {"day": self.day.isoformat(), "last": self.last_day.isoformat()}
        return reason(TAKEN, by=self.by, at=minute(self.at), plan=self.id, **days)


def standing(floor: Floor, reader: Reader, day: date, days: int) -> list[AdoptedPlan]:
    """Return the plans that stand for one of some days, the oldest first."""
    return [one for one in adoption.standing(AdoptedPlan, floor, reader) if one.is_for(day, days)]


def adopt(
    post: Post, document: str, day: date, days: int, seed: str, marking: str, why: str
) -> Done[AdoptedPlan]:
    """Adopt a plan, as JSON without its seed.

    Raises:
        Conflict: another plan stands for one of its days.
        Refusal: there is no reason.
    """

    def excludes(other: AdoptedPlan) -> Reason | None:
        return other.taken() if other.is_for(day, days) else None

    sealed = {"seed": seed, "commitment": commitment(seed)}
    return adoption.keep(post, AdoptedPlan, document, day, days, marking, why, excludes, **sealed)
