"""`watchfloor sight`: which cells each site sees over real terrain."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.acting import refusals
from watchfloor.cli.common import JsonOption, LangOption, busy, err, fail, print_json
from watchfloor.cli.writing import writer
from watchfloor.core.messages import declare, reason
from watchfloor.messages import number

if TYPE_CHECKING:
    from watchfloor.core.messages import Language
    from watchfloor.planning.towers.inputs import Inputs

PAIRS_VISIBLE: Final = declare("towers.pairs-visible", "visible", "count", "percent", "file")
SITE_SEES: Final = declare("towers.site-sees", "name", "visible", "count", "file")
NO_CELLS: Final = declare("towers.no-cells")
VIEWSHED_PLAIN: Final = declare("towers.viewshed-plain")
NO_ENDING: Final = declare("towers.no-ending", "file", "endings")

TerrainOption = Annotated[
    Path,
    typer.Option(
        exists=True,
        dir_okay=False,
        help="Heights: ESRI ASCII (.asc), SRTM (.hgt), both also .gz, or GeoTIFF.",
    ),
]
SITES = typer.Option(
    exists=True,
    dir_okay=False,
    help="CSV or Parquet: site, x, y in the grid's units; may have mast, range, azimuth, width, cost.",
)
SitesOption = Annotated[Path, SITES]
CELLS = typer.Option(
    exists=True, dir_okay=False, help="The same: cell, x, y; may have target_height, weight."
)
CellsOption = Annotated[Path, CELLS]
MastOption = Annotated[
    float, typer.Option(min=0, metavar="M", help="Metres of a mast, where SITES do not say.")
]
TargetOption = Annotated[
    float,
    typer.Option(min=0, metavar="M", help="Metres above ground of what is to be seen: 1.7 is a walker."),
]
RangeOption = Annotated[
    float | None, typer.Option("--range", min=0, metavar="M", help="Metres that a site sees at most.")
]
HeightsOption = Annotated[
    str, typer.Option("--heights", metavar="metre|foot", help="Unit of heights, where the grid does not say.")
]
AsIsOption = Annotated[
    bool, typer.Option("--as-is", help="Leave spikes, pits and small voids of the grid as they are.")
]
RmseOption = Annotated[
    float | None, typer.Option(min=0, metavar="M", help="Heights err by so many metres (RMSE).")
]
CorrelationOption = Annotated[
    float, typer.Option(min=0, metavar="M", help="Metres at which two errors correlate by 1/e.")
]
FuelsOption = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="Grid of FBP fuel types: forest that may hide cells."),
]
RealisationsOption = Annotated[int, typer.Option(min=2, max=1000, help="Realisations of --rmse and --fuels.")]
SeedOption = Annotated[int, typer.Option(min=0, help="The same seed draws the same realisations.")]


def inputs(
    terrain: Path,
    sites: Path | None,
    cells: Path | None,
    mast: float,
    target: float,
    reach: float | None,
    heights: str,
    as_is: bool,
) -> "Inputs":
    """Put what the commands about towers ask for into one struct."""
    from watchfloor.planning.towers.inputs import Inputs

    return Inputs(
        terrain, sites, cells, mast, target, float("inf") if reach is None else reach, heights, as_is
    )


def sight(
    terrain: TerrainOption,
    sites: SitesOption,
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", help="Where to write: pairs as .parquet or .csv, a viewshed as .asc or .tif."
        ),
    ],
    cells: Annotated[Path | None, CELLS] = None,
    viewshed: Annotated[
        str, typer.Option(metavar="SITE", help="Write all that this site sees as a raster, without CELLS.")
    ] = "",
    fast: Annotated[
        bool, typer.Option("--fast", help="Of a viewshed: an approximation in a tenth of the time.")
    ] = False,
    obstruction: Annotated[
        bool, typer.Option("--obstruction", help="Also write where the ground first hides a cell.")
    ] = False,
    rmse: RmseOption = None,
    correlation: CorrelationOption = 500.0,
    fuels: FuelsOption = None,
    realisations: RealisationsOption = 100,
    seed: SeedOption = 0,
    mast: MastOption = 30.0,
    target: TargetOption = 1.7,
    reach: RangeOption = None,
    heights: HeightsOption = "",
    as_is: AsIsOption = False,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Say which cells each site sees: one row a pair, with site, cell and visible.

    A cell is visible from a site if the straight line from the site's ground plus --mast to the cell's ground
    plus --target is nowhere more than 1e-6 m below the ground. Ground: heights at the centres of the grid's
    cells, bilinear between four centres. Curvature: at a share t of a line of horizontal length D the
    ground counts as 6/7 * D^2 / (2 * 6,371,008.8 m) * t * (1 - t) higher (6/7: standard refraction). A void
    hides all behind it. Beyond --range nothing is visible. Distances: in grids in metres, those of the
    grid; in degrees, of WGS84 at the latitude halfway. Spikes and pits that no slope explains, and small
    voids, are repaired first, and the answer says so; --as-is leaves them.

    With --obstruction a pair has `obstruction`, metres from the site to the first place (to a cell) where the
    ground is above the line, and `above_line`, metres by which it is; on a void nothing. With --rmse or
    --fuels it has `probability`, the share of realisations of the ground in which the cell is visible.

    In a viewshed a cell of the terrain is 1 where it is visible, else 0, and 255 on a void.

    Example: watchfloor sight --terrain dem.asc --sites sites.csv --cells cells.csv -o pairs.parquet
    """
    if viewshed:
        if obstruction or rmse is not None or fuels:
            fail(reason(VIEWSHED_PLAIN).render(lang), message_id=VIEWSHED_PLAIN.id)
        _write_viewshed(
            inputs(terrain, sites, None, mast, target, reach, heights, as_is),
            viewshed,
            fast,
            output,
            lang,
            as_json,
        )
        return
    if cells is None:
        fail(reason(NO_CELLS).render(lang), message_id=NO_CELLS.id)
    write = writer(output, "pairs")
    from watchfloor.planning.towers import inputs as reading
    from watchfloor.planning.towers import pairs

    began = time.perf_counter()
    with refusals(lang), busy(f"reading {terrain.name}") as say:
        loaded = reading.load(inputs(terrain, sites, cells, mast, target, reach, heights, as_is))
        visible = reading.visibility(loaded, say)
        errors = None
        if rmse is not None or fuels:
            errors = reading.Errors(rmse or 0.0, correlation, fuels, realisations, seed)
        more = pairs.describe_pairs(loaded, obstruction, errors, say)
        say(f"writing {output.name}")
        write(output, pairs.pairs_schema(more), pairs.pairs(visible, loaded, more))
    count, size = int(visible.matrix().sum()), len(loaded.sites.points.names) * visible.cells
    notes = [one.render(lang) for one in reading.cautions(loaded.terrain, loaded.repairs, as_is)]
    if as_json:
        print_json(
            {
                "sites": len(loaded.sites.points.names),
                "cells": visible.cells,
                "visible": count,
                "share": round(count / size, 6),
                "repairs": asdict(loaded.repairs),
                "notes": notes,
                "output": str(output),
                "seconds": round(time.perf_counter() - began, 3),
            }
        )
        return
    for line in notes:
        err.print(line, markup=False, highlight=False)
    shown = {"visible": number(count, lang), "count": number(size, lang)}
    percent = number(100 * count / size, lang, 2)
    typer.echo(reason(PAIRS_VISIBLE, percent=percent, file=str(output), **shown).render(lang))


def _write_viewshed(
    basis: "Inputs", name: str, fast: bool, output: Path, lang: "Language", as_json: bool
) -> None:
    from watchfloor.formats.terrain import raster

    if output.suffix.lower() not in raster.ENDINGS:
        fail(reason(NO_ENDING, file=str(output), endings=".asc, .tif").render(lang), message_id=NO_ENDING.id)
    from watchfloor.actions.base import refuse_existing
    from watchfloor.planning.towers import pairs

    began = time.perf_counter()
    with refusals(lang), busy(f"reading {basis.terrain.name}"):
        refuse_existing(output)
        visible, terrain, notes = pairs.viewshed_of(basis, name, fast)
        raster.write(output, terrain, visible)
    answer: dict[str, Any] = {
        "site": name,
        "fast": fast,
        "visible": int((visible == 1).sum()),
        "cells": int((visible < raster.VOID).sum()),
        "notes": [one.render(lang) for one in notes],
        "output": str(output),
        "seconds": round(time.perf_counter() - began, 3),
    }
    if as_json:
        print_json(answer)
        return
    for line in answer["notes"]:
        err.print(line, markup=False, highlight=False)
    shown = {"visible": number(answer["visible"], lang), "count": number(answer["cells"], lang)}
    typer.echo(reason(SITE_SEES, name=name, file=str(output), **shown).render(lang))
