"""`watchfloor roster fairness`: nights, weekends, holidays, overtime and kept wishes of everybody."""

from pathlib import Path
from typing import Annotated, Final

import typer

from watchfloor.cli.acting import refusals
from watchfloor.cli.common import JsonOption, LangOption, busy, print_json, print_table
from watchfloor.cli.roster.rosters import WHO, heads
from watchfloor.core.messages import declare, reason
from watchfloor.messages import number

SHIFTS: Final = declare("rosters.head-shifts")
NIGHTS: Final = declare("rosters.head-nights")
WEEKENDS: Final = declare("rosters.head-weekends")
HOLIDAYS: Final = declare("rosters.head-holidays")
OVERTIME: Final = declare("rosters.head-overtime")
WISHES: Final = declare("rosters.head-wishes")
WISHES_KEPT: Final = declare("rosters.head-wishes-kept")
LEAST: Final = declare("rosters.spread-least")
MIDDLE: Final = declare("rosters.spread-median")
MOST: Final = declare("rosters.spread-most")
TOTAL: Final = declare("rosters.spread-total")
COLUMNS: Final = (SHIFTS, NIGHTS, WEEKENDS, HOLIDAYS, OVERTIME, WISHES, WISHES_KEPT)
"""In the order of the fields of a share."""


def fairness(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder with rules.toml, staff and demand.")
    ],
    roster: Annotated[Path, typer.Argument(metavar="ROSTER", help="Roster of it.")],
    past: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="Earlier period to add, with its roster; may be repeated."),
    ] = None,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Count nights, weekends, holidays, overtime and kept wishes of everybody, and how far they spread.

    Counts alone, by name: nobody has a score. Overtime is that so far, of the staff, and of overtime shifts.

    Example: watchfloor roster fairness . roster.csv --past ../october
    """
    from msgspec import to_builtins
    from msgspec.structs import astuple

    from watchfloor.planning.rosters import fairness, instances, own

    with refusals(lang), busy("reading"):
        found = own.read(folder)
        shares = fairness.shares(found, instances.read_roster(instances.of_own(found), roster))
        for each in past or ():
            before = own.read(each)
            file = own.table_of(each, own.ROSTER) or each / f"{own.ROSTER}.csv"
            worked = instances.read_roster(instances.of_own(before), file)
            shares = fairness.with_past(shares, fairness.shares(before, worked))
    spreads = fairness.spreads(shares)
    if as_json:
        print_json({"people": to_builtins(shares), "spread": to_builtins(spreads)})
        return
    rows = [(one.name, *(number(count, lang) for count in astuple(one)[1:])) for one in shares]
    for name, field in ((LEAST, "least"), (MIDDLE, "median"), (MOST, "most"), (TOTAL, "total")):
        counts = (number(getattr(one, field), lang) for one in spreads.values())
        rows.append((reason(name).render(lang), *counts))
    print_table("", heads(lang, WHO, *COLUMNS), rows, "")
