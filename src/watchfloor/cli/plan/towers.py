"""`watchfloor plan towers`: the sites that together see most."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchfloor.cli.acting import refusals
from watchfloor.cli.common import JsonOption, LangOption, busy, err, fail, print_json, print_table
from watchfloor.cli.sight import (
    SITES,
    AsIsOption,
    CellsOption,
    CorrelationOption,
    FuelsOption,
    HeightsOption,
    MastOption,
    RangeOption,
    RealisationsOption,
    RmseOption,
    SeedOption,
    TargetOption,
    TerrainOption,
    inputs,
)

if TYPE_CHECKING:
    from watchfloor.planning.towers.record import Plan

WRITTEN: Final = ".json, .geojson, .kml, .gpkg or .csv"


def towers(
    terrain: TerrainOption,
    cells: CellsOption,
    sites: Annotated[Path | None, SITES] = None,
    weights: Annotated[
        str,
        typer.Option(
            metavar="FILE|COLUMN",
            help="CSV or Parquet with cell and weight, or a column of CELLS; else its `weight`, or 1 each.",
        ),
    ] = "",
    count: Annotated[int, typer.Option(min=0, help="Towers, those kept included.")] = 15,
    budget: Annotated[
        float | None,
        typer.Option(min=0, help="What they may cost together, instead of a count; SITES has cost."),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="SITE", help="A site that stays: names, parted by commas, or a file of names."),
    ] = None,
    forbid: Annotated[
        list[str] | None, typer.Option(metavar="SITE", help="A site that may not be chosen, in the same way.")
    ] = None,
    areas: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="GeoJSON of areas where no tower may stand (a lake, private land, beyond the line), "
            "each with a `reason`.",
        ),
    ] = None,
    times: Annotated[int, typer.Option(min=1, help="Towers that must see a cell before it counts.")] = 1,
    gap: Annotated[
        float,
        typer.Option(min=0, help="Share by which another plan may still be better when the search ends."),
    ] = 0.001,
    seconds: Annotated[
        float, typer.Option(min=0, help="Seconds after which it ends with the gap left.")
    ] = 10.0,
    rmse: RmseOption = None,
    correlation: CorrelationOption = 500.0,
    fuels: FuelsOption = None,
    realisations: RealisationsOption = 100,
    seed: SeedOption = 0,
    relay: Annotated[
        float | None,
        typer.Option(
            min=30,
            max=50_000,
            metavar="MHZ",
            help="Towers must reach one another by radio of this frequency.",
        ),
    ] = None,
    hub: Annotated[
        str, typer.Option(metavar="SITE", help="Of a relay: the site they must reach; it is in the plan.")
    ] = "",
    antenna: Annotated[
        float | None,
        typer.Option(min=1, metavar="M", help="Of a relay: metres above ground; else the top of the mast."),
    ] = None,
    hop: Annotated[
        float, typer.Option(min=1, metavar="M", help="Of a relay: metres of a hop at most.")
    ] = 60_000.0,
    loss: Annotated[
        float, typer.Option(min=1, metavar="DB", help="Of a relay: decibels of path loss of a hop at most.")
    ] = 140.0,
    roads: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="GeoJSON of roads: a site costs its way to the nearest."
        ),
    ] = None,
    power: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="The same of power lines.")
    ] = None,
    per_km: Annotated[
        float | None, typer.Option(min=0, metavar="DOLLARS", help="Of a kilometre to a road or power line.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, metavar="PLAN", help="Compare with this plan (.json)."),
    ] = None,
    mast: MastOption = 30.0,
    target: TargetOption = 1.7,
    reach: RangeOption = None,
    heights: HeightsOption = "",
    as_is: AsIsOption = False,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="PLAN", help=f"Write the plan: {WRITTEN}."),
    ] = None,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Choose the sites that together see most, and say how much another choice could see at most.

    No choice within the same terms covers more than `bound`; `gap` is the share by which it exceeds the plan.
    `watchfloor sight --help` defines what is visible. With --rmse or --fuels the plan is chosen over
    realisations of the ground: `covered`, `bound` and `gap` are then of half the mean and half the worst
    tenth. With --relay each tower reaches every other one by hops whose loss (free space, and
    diffraction by ITU-R P.526 over the terrain) is at most --loss; the bound is then that without the rule.

    Without --sites candidates are proposed from the terrain, and move to where they see more; the gap is then
    of a choice among those.

    Example: watchfloor plan towers --terrain dem.asc --sites sites.csv --cells cells.csv --count 15 --json
    """
    if output and output.suffix.lower() not in WRITTEN.replace(" or", ",").split(", "):
        fail(f"{output}: a plan is written to {WRITTEN}")
    from msgspec import to_builtins

    from watchfloor.actions import base
    from watchfloor.planning.towers import exports, plan
    from watchfloor.planning.towers.access import Access
    from watchfloor.planning.towers.inputs import Errors
    from watchfloor.planning.towers.relay import Radio

    basis = inputs(terrain, sites, cells, mast, target, reach, heights, as_is)
    errors = None
    if rmse is not None or fuels:
        errors = Errors(rmse or 0.0, correlation, fuels, realisations, seed)
    if hub and relay is None:
        fail("--hub needs the frequency of the radio: --relay 7500")
    radio = None if relay is None else Radio(relay, antenna, hop, loss)
    if (per_km is None) != (roads is None and power is None):
        fail("give --per-km with --roads, --power or both")
    access = None if per_km is None else Access(roads, power, per_km)
    terms = plan.Terms(
        count,
        budget,
        _names(keep),
        _names(forbid),
        areas,
        weights,
        times,
        gap,
        seconds,
        errors,
        radio,
        hub,
        access,
        against,
    )
    with refusals(lang), busy("reading") as say:
        base.refuse_existing(output)
        record, loaded = plan.plan(basis, terms, say)
        whole = to_builtins(record) | {"notes": [one.render(lang) for one in record.notes]}
        if output:
            with base.new_file(output, exports.export(output.suffix.lower(), whole, loaded)):
                pass
    if output:
        err.print(f"wrote {output}", highlight=False, markup=False)
    if as_json:
        print_json(whole)
        return
    for line in whole["notes"]:
        err.print(line, markup=False, highlight=False)
    _show(record)


def _names(options: list[str] | None) -> tuple[str, ...]:
    """Names of sites: parted by commas, or the first column of a file."""
    names: list[str] = []
    for option in options or ():
        if Path(option).is_file():
            lines = Path(option).read_text("utf-8-sig").splitlines()
            first = [row[0].strip() for row in csv.reader(lines) if row]
            names += first[1:] if first[:1] == ["site"] else first
        else:
            names += option.split(",")
    return tuple(stripped for name in names if (stripped := name.strip()))


def _show(record: "Plan") -> None:
    columns = [record.sites, [f"{gain:,.6g}" for gain in record.gains]]
    headings = ["site", "adds"]
    if record.terms["proposed"]:
        headings += ["x", "y"]
        columns += [[f"{one:.8g}" for one in part] for part in zip(*record.places, strict=True)]
    if record.costs:
        columns.append([f"{one.cost:,.0f}" for one in record.costs])
        headings.append("cost")
        for name, metres in (
            ("road", [one.road for one in record.costs]),
            ("power", [one.power for one in record.costs]),
        ):
            if any(one is not None for one in metres):
                columns.append([f"{one / 1_000:,.1f} km" for one in metres if one is not None])
                headings.append(name)
    print_table("", headings, zip(*columns, strict=True), "no tower")
    share = record.covered / record.weight if record.weight else 0.0
    err.print(
        f"{record.covered:,.6g} of {record.weight:,.6g} seen ({share:.1%}); no plan sees more than "
        f"{record.bound:,.6g} (gap {record.gap:.2%}); all sites together see {record.trivial:,.6g}",
        markup=False,
        highlight=False,
    )
    if doubt := record.uncertainty:
        err.print(
            f"over {doubt.realisations:,} realisations {doubt.mean:,.6g} on average, "
            f"{doubt.worst_tenth:,.6g} in the worst tenth, {doubt.as_given:,.6g} on the terrain as given; "
            f"most of it turns on {', '.join(doubt.cells)}",
            markup=False,
            highlight=False,
        )
    if network := record.relay:
        hops = ((*hop.sites, f"{hop.metres / 1_000:,.1f} km", f"{hop.loss:.0f} dB") for hop in network.hops)
        print_table("", ("from", "to", "far", "loss"), hops, "no hop")
        err.print(
            f"at {network.frequency:,.6g} MHz; {network.unreachable:,} sites cannot be reached; "
            f"without radio {network.without:,.6g} are seen",
            markup=False,
            highlight=False,
        )
    if record.costs:
        err.print(f"these sites cost {record.cost:,.0f}", markup=False, highlight=False)
    if other := record.against:
        err.print(
            f"beside {other.file}: {len(other.gained):,} cells gained, {len(other.lost):,} lost; goes "
            f"{', '.join(other.gone) or 'none'}, comes {', '.join(other.new) or 'none'}",
            markup=False,
            highlight=False,
        )
        sums = {"cost": other.cost, **other.covered}
        rows = ((name, f"{one.then:,.6g}", f"{one.now:,.6g}") for name, one in sums.items())
        print_table("", ("", other.file, "this plan"), rows, "")
    for name, why in record.barred.items():
        err.print(f"{name} may not be chosen: {why}", markup=False, highlight=False)
