"""CBP's tables of encounters: a line a month, place, demographic, citizenship and authority.

The nationwide table is published by state and by area of responsibility, and there is one of the southwest
alone, by component. They count the same people, so each is a series of its own: one that held two of them
would count people twice, and a newer table of the southwest would be taken for a north without encounters.
Citizenship stays as published, because public claims are made in those terms; no desk reads it.
"""

from typing import Final

from watchfloor.formats.statistics.layouts import Layout, Measure, Variant, columns, counts
from watchfloor.formats.statistics.table import format_of

NAME: Final = "cbp-encounters"
BY_STATE: Final = "cbp-encounters"
BY_AREA: Final = "cbp-encounters-by-area"
SOUTHWEST: Final = "cbp-southwest-encounters"

ALONE: Final = "UAC"
"""How children without a parent are called in newer tables; older ones say `UC / Single Minors`."""
_ALONE: Final = (
    *("uac", "uc", "uc single minors", "single minors", "unaccompanied alien children"),
    *("unaccompanied children", "unaccompanied alien children single minors"),
)


LAYOUT: Final = Layout(
    lexicon=columns(
        component=("Component", "CBP Component"),
        region=("Land Border Region", "Region", "Border Region"),
        state=("State", "State Abbreviation"),
        area=("Area of Responsibility", "AOR"),
        demographic=("Demographic", "Demographics"),
        citizenship=("Citizenship", "Citizenship Grouping"),
        authority=("Title of Authority", "Authority"),
        type=("Encounter Type",),
        people=("Encounter Count", "Count of Encounters", "Encounters"),
        grouping=("Month Grouping",),
        short=("AOR (Abbv)", "AOR Abbv"),
    ),
    needed=("demographic", "citizenship", "authority", "people"),
    variants=(
        Variant(BY_STATE, ("region", "state"), without=("area",)),
        Variant(BY_AREA, ("region", "area")),
        Variant(SOUTHWEST, ("component", "type"), without=("region", "state", "area", "short")),
    ),
    dimensions=("component", "region", "state", "area", "demographic", "citizenship", "authority", "type"),
    measures=(Measure("people", "people", None, counts),),
    same={"demographic": dict.fromkeys(_ALONE, ALONE)},
)


FORMAT: Final = format_of(NAME, LAYOUT)
