"""Who did what, when, why, by what right and to whom: the log as an access history."""

from watchfloor.release.policy import Reader
from watchfloor.store.log import Act

ALL_ACTS = frozenset({"reviewer", "counsel"})
"""Roles that see the acts of others: those who review, and those who answer for the institution in court."""


def sees(reader: Reader, act: Act) -> bool:
    """Whether a reader may see the content of an act: his own, and, for some roles, everybody's.

    That an act stands at a position, and its leaf, is no secret: proofs and witnesses need them.
    """
    if getattr(reader, "role", "") in ALL_ACTS:
        return True
    return act.actor is not None and act.actor.name == reader.name
