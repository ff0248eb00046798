"""CBP's table of nationwide encounters: a line a month, place, demographic, citizenship and authority.

It is published twice, by state and by area of responsibility. Both count the same people, so they are two
series here: one that held both would count everybody twice. Citizenship stays as published, because public
claims are made in those terms; no desk reads it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from watchfloor.formats import measures
from watchfloor.formats.base import Format
from watchfloor.formats.statistics.table import Layout, Measure, format_of

NAME: Final = "cbp-encounters"
BY_STATE: Final = "cbp-encounters"
BY_AREA: Final = "cbp-encounters-by-area"

ALONE: Final = "UAC"
"""How children without a parent are called in newer tables; older ones say `UC / Single Minors`."""
_ALONE: Final = (
    *("uac", "uc", "uc single minors", "single minors", "unaccompanied alien children"),
    *("unaccompanied children", "unaccompanied alien children single minors"),
)


def series(found: Mapping[str, str]) -> str:
    """The series of a table, from the words of its columns."""
    return BY_AREA if "area" in found else BY_STATE


LAYOUT: Final = Layout(
    words={
        "component": ("Component", "CBP Component"),
        "region": ("Land Border Region", "Region", "Border Region"),
        "state": ("State", "State Abbreviation"),
        "area": ("Area of Responsibility", "AOR"),
        "demographic": ("Demographic", "Demographics"),
        "citizenship": ("Citizenship", "Citizenship Grouping"),
        "authority": ("Title of Authority", "Authority"),
        "type": ("Encounter Type",),
        "people": ("Encounter Count", "Count of Encounters", "Encounters"),
        "grouping": ("Month Grouping",),
        "short": ("AOR (Abbv)", "AOR Abbv"),
    },
    needed=("region", ("state", "area"), "demographic", "citizenship", "authority", "people"),
    dimensions=("component", "region", "state", "area", "demographic", "citizenship", "authority", "type"),
    measures=(Measure("people", "people", None, measures.natural),),
    series=series,
    same={"demographic": dict.fromkeys(_ALONE, ALONE)},
)


def dated(base_time: datetime | None) -> Format:
    """The format for files that were public by that day, where their names do not say one."""
    return format_of(NAME, LAYOUT, base_time)


FORMAT: Final = dated(None)
