"""The checks of codes of the Harmonized System, in the edition of the day of the message."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.reference.hs import check_many
from watchfloor.reference.preload.checks import Check
from watchfloor.reference.preload.waybills import Mask, Waybills

OWN: Final = r"^9[89]"
"""Chapters that the system leaves to countries: they are in no edition, and nothing is wrong with them."""


def _states(waybills: Waybills) -> pa.Table:
    day = waybills.rows["observed_at"].cast(pa.date32(), safe=False).combine_chunks()
    return check_many(waybills.rows["hs"].combine_chunks(), day)


def _are(states: pa.Table, state: str) -> Mask:
    flags = pc.fill_null(pc.equal(states["state"].cast(pa.string()), state), False)
    return np.asarray(flags.to_numpy(), bool)


def _withdrawn(waybills: Waybills) -> dict[str, Mask]:
    return {"hs": _are(_states(waybills), "withdrawn")}


def _unknown(waybills: Waybills) -> dict[str, Mask]:
    """Codes of no edition so far, and what is no code; nothing on a day whose edition is not held."""
    states = _states(waybills)
    own = pc.fill_null(pc.match_substring_regex(waybills.rows["hs"], OWN), False).to_numpy()
    held = states["edition"].is_valid().to_numpy()
    return {"hs": _are(states, "malformed") | (_are(states, "unknown") & held & ~own)}


TARIFF: Final[Mapping[str, Check]] = {"hs-withdrawn": _withdrawn, "hs-unknown": _unknown}
"""The checks of tariff codes by the ids of their rules."""
