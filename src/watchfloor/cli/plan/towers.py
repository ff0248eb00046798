"""`watchfloor plan towers`: the sites that together see most."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchfloor.cli.acting import refusals
from watchfloor.cli.common import JsonOption, LangOption, busy, err, fail, print_json, print_table
from watchfloor.cli.sight import (
    NO_ENDING,
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
from watchfloor.core.messages import Message, declare, reason
from watchfloor.messages import number

if TYPE_CHECKING:
    from watchfloor.core.messages import Language
    from watchfloor.planning.towers.record import Plan

WRITTEN: Final = ".json, .geojson, .kml, .gpkg, .csv"
SEEN: Final = declare("towers.seen", "covered", "weight", "percent", "bound", "gap", "trivial")
UNCERTAIN: Final = declare("towers.uncertain", "count", "mean", "worst_tenth", "as_given", "cells")
RELAYED: Final = declare("towers.relayed", "frequency", "count", "without")
COST: Final = declare("towers.cost", "cost")
AGAINST: Final = declare("towers.against", "file", "gained", "lost", "gone", "new")
BARRED: Final = declare("towers.barred", "name", "why")
WROTE: Final = declare("actions.wrote", "file")
NO_FREQUENCY: Final = declare("towers.no-frequency")
NO_WAY: Final = declare("towers.no-way")
HEADS: Final[dict[str, dict[str, str]]] = {
    "en": {
        one: one
        for one in (
            *("adds", "cost", "road", "power", "no tower"),
            *("from", "to", "far", "loss", "no hop", "this plan"),
        )
    },
    "fr": {
        "adds": "ajoute",
        "cost": "coût",
        "road": "route",
        "power": "électricité",
        "no tower": "aucune tour",
        "from": "de",
        "to": "à",
        "far": "distance",
        "loss": "perte",
        "no hop": "aucun bond",
        "this plan": "ce plan",
    },
}
"""Headings of the tables."""


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
    if output and output.suffix.lower() not in WRITTEN.split(", "):
        fail(reason(NO_ENDING, file=str(output), endings=WRITTEN).render(lang), message_id=NO_ENDING.id)
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
        fail(reason(NO_FREQUENCY).render(lang), message_id=NO_FREQUENCY.id)
    radio = None if relay is None else Radio(relay, antenna, hop, loss)
    if (per_km is None) != (roads is None and power is None):
        fail(reason(NO_WAY).render(lang), message_id=NO_WAY.id)
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
        _say(lang, WROTE, file=str(output))
    if as_json:
        print_json(whole)
        return
    for line in whole["notes"]:
        err.print(line, markup=False, highlight=False)
    _show(record, lang)


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


def _show(record: "Plan", lang: "Language") -> None:
    say = HEADS[lang]
    columns = [record.sites, [_figure(gain, lang) for gain in record.gains]]
    headings = ["site", say["adds"]]
    if record.terms["proposed"]:
        headings += ["x", "y"]
        columns += [[f"{one:.8g}" for one in part] for part in zip(*record.places, strict=True)]
    if record.costs:
        columns.append([_figure(one.cost, lang) for one in record.costs])
        headings.append(say["cost"])
        for name, metres in (
            ("road", [one.road for one in record.costs]),
            ("power", [one.power for one in record.costs]),
        ):
            if any(one is not None for one in metres):
                columns.append([_kilometres(one, lang) for one in metres if one is not None])
                headings.append(say[name])
    print_table("", headings, zip(*columns, strict=True), say["no tower"])
    _say(
        lang,
        SEEN,
        covered=_figure(record.covered, lang),
        weight=_figure(record.weight, lang),
        percent=_percent(record.covered / record.weight if record.weight else 0.0, lang, 1),
        bound=_figure(record.bound, lang),
        gap=_percent(record.gap, lang, 2),
        trivial=_figure(record.trivial, lang),
    )
    if doubt := record.uncertainty:
        parts = {name: _figure(getattr(doubt, name), lang) for name in ("mean", "worst_tenth", "as_given")}
        _say(lang, UNCERTAIN, count=doubt.realisations, cells=", ".join(doubt.cells), **parts)
    if network := record.relay:
        hops = ((*hop.sites, _kilometres(hop.metres, lang), f"{hop.loss:.0f} dB") for hop in network.hops)
        print_table("", [say[name] for name in ("from", "to", "far", "loss")], hops, say["no hop"])
        frequency, without = _figure(network.frequency, lang), _figure(network.without, lang)
        _say(lang, RELAYED, frequency=frequency, count=network.unreachable, without=without)
    if record.costs:
        _say(lang, COST, cost=_figure(record.cost, lang))
    if other := record.against:
        changed = {name: ", ".join(getattr(other, name)) or "–" for name in ("gone", "new")}
        _say(lang, AGAINST, file=other.file, gained=len(other.gained), lost=len(other.lost), **changed)
        sums = [(say["cost"], other.cost), *other.covered.items()]
        rows = ((name, _figure(one.then, lang), _figure(one.now, lang)) for name, one in sums)
        print_table("", ("", other.file, say["this plan"]), rows, "")
    for name, why in record.barred.items():
        _say(lang, BARRED, name=name, why=why)


def _say(lang: "Language", message: Message, **parts: str | int) -> None:
    err.print(reason(message, **parts).render(lang), markup=False, highlight=False)


def _figure(value: float, lang: "Language") -> str:
    return number(value, lang, 0 if abs(value) >= 1_000 or value == round(value) else 2)


def _percent(share: float, lang: "Language", digits: int) -> str:
    return number(100 * share, lang, digits)


def _kilometres(metres: float, lang: "Language") -> str:
    return f"{number(metres / 1_000, lang, 1)} km"
