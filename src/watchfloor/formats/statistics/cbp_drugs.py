"""CBP's table of nationwide drug seizures: a line a month, place and drug, with how many events and pounds.

"Region" is where the seizure was made, not where the drug came from. A cell of zero is left out of the table.
"""

from datetime import datetime
from typing import Final

from watchfloor.formats import measures
from watchfloor.formats.base import Format
from watchfloor.formats.statistics.table import Layout, Measure, format_of

NAME: Final = "cbp-drug-seizures"
SERIES: Final = NAME

LAYOUT: Final = Layout(
    words={
        "component": ("Component", "CBP Component"),
        "region": ("Region", "Land Border Region", "Border Region"),
        "land": ("Land Filter",),
        "area": ("Area of Responsibility", "AOR"),
        "item": ("Drug Type", "Drug"),
        "events": ("Count of Event", "Count of Events", "Event Count", "Number of Events"),
        "weight": (
            *("Sum Qty (lbs)", "Sum Quantity (lbs)", "Quantity (lbs)", "Qty (lbs)"),
            *("Sum of Qty (lbs)", "Weight (lbs)", "Sum Weight (lbs)"),
        ),
    },
    needed=("component", "region", "land", "area", "item", "events", "weight"),
    dimensions=("component", "region", "land", "area", "item"),
    measures=(
        Measure("events", "events", None, measures.natural),
        Measure("weight", "weight", "lb", measures.between(0.0)),
    ),
    series=lambda _: SERIES,
)


def dated(base_time: datetime | None) -> Format:
    """The format for files that were public by that day, where their names do not say one."""
    return format_of(NAME, LAYOUT, base_time)


FORMAT: Final = dated(None)
