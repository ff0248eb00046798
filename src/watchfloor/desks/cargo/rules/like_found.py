"""`like-found`: an item that the floor's model holds for like those in which something was found.

A score is a function of the declaration and the model alone. It invites to look; it is no evidence of
anything, no ground for opening mail, and what has a low one is not cleared.
"""

from typing import Final

import numpy as np
import pyarrow as pa

from watchfloor.core.messages import reason
from watchfloor.desks.assertions import number_of
from watchfloor.desks.cargo.assertions import Statement, subjects_of
from watchfloor.desks.cargo.installed import Installed
from watchfloor.desks.cargo.messages import LIKE_FOUND
from watchfloor.desks.state import Row

RULE: Final = "like-found"


def reached(installed: Installed | None, declared: pa.Table) -> dict[int, float]:
    """Places of the lines that reach the level, with their chances."""
    if installed is None or not declared.num_rows:
        return {}
    from watchfloor.desks.cargo.model import score

    chance = score(installed.fitted, declared).chance
    return {int(at): float(chance[at]) for at in np.flatnonzero(chance >= installed.level)}


def say(installed: Installed, declared: pa.Table, at: int, chance: float, row: Row) -> Statement:
    """State that a line reached the level, by the inputs that raised its score most; no value is named."""
    from watchfloor.desks.cargo.model import explain
    from watchfloor.desks.cargo.model.parts import key_of

    (told,) = explain(installed.fitted, declared, [at])
    more = [part for part in told.parts if part.bits > 0]
    why = reason(
        LIKE_FOUND[key_of(more[0].name) if more else ""],
        item=number_of(row["subject"], "parcel"),
        chance=chance,
        model=installed.fitted.digest[:12],
        more=len(more),
        less=len(told.parts) - len(more),
    )
    strength = "strong" if chance >= installed.strong else "moderate"
    return Statement(RULE, strength, subjects_of([row]), why, [row], chance)
