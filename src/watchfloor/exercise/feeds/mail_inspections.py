"""Results of examinations of parcels at the mail centre."""

from collections.abc import Iterator
from typing import Final

from watchfloor.exercise.acts import Act, Inspected
from watchfloor.exercise.feeds.base import Observation
from watchfloor.exercise.feeds.nodes import tables
from watchfloor.exercise.volumes import Volume

NAME: Final = "mail-inspections"


def sees(act: Act) -> Iterator[Observation]:
    """The end of a referral: how it was examined, why it had been chosen, and what was found."""
    if not isinstance(act, Inspected):
        return
    yield tables.seen(
        act,
        (("s10", act.parcel),),
        subject=f"parcel:s10:{act.parcel}",
        state="examined",
        document=act.parcel,
        means=act.means,
        chosen_by=act.chosen_by,
        chance=act.chance,
        scheme="exercise",
        result=act.result,
        found=list(act.found),
        substance=f"substance:cas:{act.substance}" if act.substance else None,
        by="badge 4005",
        unit="Port Ashby mail centre",
    )


FEED: Final = tables.feed(NAME, "inspection", sees, Volume(0, "of parcels of the other feeds"))
