"""Who did what, when, why, by what right and to whom: the log as an access history."""

from dataclasses import dataclass
from typing import Final

from watchfloor.release import terms
from watchfloor.store.floor import Floor
from watchfloor.store.log import Act

ALL_ACTS: Final = frozenset({"reviewer", "counsel"})
"""Roles that see the acts of others: those who review, and those who answer for the institution in court."""


@dataclass(frozen=True, slots=True)
class Access:
    """Whose acts a person may read.

    That an act stands at a position, and its leaf, is no secret: proofs and witnesses need them. Its content
    is for who did it, and for some roles.

    Attributes:
        name: of the person.
        everything: whether the role lets him read everybody's.
    """

    name: str
    everything: bool = False

    def sees(self, act: Act) -> bool:
        """Whether the person may read what this act says."""
        return self.everything or (act.actor is not None and act.actor.name == self.name)


def access(floor: Floor, name: str) -> Access:
    """What a person of that name may read of a floor's log, by its policy; without one, his own acts."""
    policy = terms.load(floor.root)
    person = None if policy is None else policy.readers.get(name)
    return Access(name, person is not None and person.role in ALL_ACTS)
