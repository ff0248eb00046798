"""CBP's tables of drug seizures: a line a month, place and drug, with how many events and pounds.

"Region" is where the seizure was made, not where the drug came from. A cell of zero is left out of the table.
Air and Marine Operations have a table of their own, by branch, and it is a series of its own: what they seize
with another component may stand in both.
"""

from typing import Final

from watchfloor.formats.statistics.layouts import Layout, Measure, Variant, columns, counts
from watchfloor.formats.statistics.table import format_of
from watchfloor.formats.tabular import measures

NAME: Final = "cbp-drug-seizures"
SERIES: Final = NAME
AIR_AND_MARINE: Final = "cbp-amo-drug-seizures"

LAYOUT: Final = Layout(
    lexicon=columns(
        component=("Component", "CBP Component"),
        region=("Region", "Land Border Region", "Border Region"),
        land=("Land Filter",),
        area=("Area of Responsibility", "AOR"),
        branch=("Branch", "AMO Branch"),
        item=("Drug Type", "Drug"),
        events=("Count of Event", "Count of Events", "Event Count", "Number of Events"),
        weight=(
            *("Sum Qty (lbs)", "Sum Quantity (lbs)", "Quantity (lbs)", "Qty (lbs)"),
            *("Sum of Qty (lbs)", "Weight (lbs)", "Sum Weight (lbs)"),
        ),
    ),
    needed=("component", "region", "land", "item", "events", "weight"),
    variants=(Variant(SERIES, ("area",)), Variant(AIR_AND_MARINE, ("branch",), without=("area",))),
    dimensions=("component", "region", "land", "area", "branch", "item"),
    measures=(
        Measure("events", "events", None, counts),
        Measure("weight", "weight", "lb", measures.between(0.0)),
    ),
)


FORMAT: Final = format_of(NAME, LAYOUT)
