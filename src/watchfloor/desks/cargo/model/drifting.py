"""How far today's declarations lie from those a model was fitted on."""

from typing import Final

import numpy as np
import pyarrow as pa

from watchfloor.core.messages import reason
from watchfloor.desks.cargo.model import inputs, profiles
from watchfloor.desks.cargo.model.answers import Drift
from watchfloor.desks.cargo.model.fitted import Model
from watchfloor.desks.cargo.model.messages import DRIFTED, MOVED, STEADY
from watchfloor.desks.cargo.model.parts import key_of

FROM: Final = 0.1
"""Index from which an input has moved, by the usage of credit scoring; see `profiles`."""
FAR: Final = 0.25
"""Index from which it has drifted, and the model is to be fitted anew."""


def drift(model: Model, declarations: pa.Table) -> list[Drift]:
    """How far each input has moved, the farthest first; none without declarations.

    An index is told as moved or drifted only where it is more than chance explains.
    """
    if not declarations.num_rows:
        return []
    seen = inputs.build(declarations, model.origin, model.currency)
    found = []
    for name, profile in model.profiles.items():
        now = profiles.shares(profile, name, seen)
        index, chance = profiles.apart(np.array(profile.share), now, model.declared, declarations.num_rows)
        found.append(_told(name, index, chance))
    return sorted(found, key=lambda one: -one.apart)


def _told(name: str, index: float, chance: float) -> Drift:
    far = index > chance
    level = "drifted" if far and index >= FAR else "moved" if far and index >= FROM else "steady"
    message = {"drifted": DRIFTED, "moved": MOVED, "steady": STEADY}[level][key_of(name)]
    box = f" {name.removeprefix('code:')}" if name.startswith("code:") else ""
    return Drift(name, index, level, reason(message, box=box, index=index, chance=chance))
