"""`watchfloor track`: detections of a file become tracks with uncertainty."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import PARTLY, JsonOption, busy, counted, err, fail, finite, print_json
from watchfloor.cli.moments import moment
from watchfloor.cli.writing import refuse_to_replace, writer

if TYPE_CHECKING:
    from watchfloor.desks.surveillance.outputs import TrackPath
    from watchfloor.desks.surveillance.tracking import Config


def track(
    detections: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="CSV, Parquet or JSON with times and places (t, sensor, and x, y, or lon, lat, or azimuth "
            "and range, or azimuth, with the sensor's place; errors, class and confidence where known), or a "
            "file of any format that holds detections, such as AIS sentences.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="TRACKS", help="Where to write: .parquet or .csv."),
    ] = None,
    assignments: Annotated[
        Path | None,
        typer.Option(
            metavar="REPORTS",
            help="Also write which row of DETECTIONS went to which track: row (from 0) and track_id.",
        ),
    ] = None,
    geojson: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the tracks as GeoJSON, a line each.")
    ] = None,
    kml: Annotated[Path | None, typer.Option(metavar="FILE", help="The same as KML, with times.")] = None,
    gpkg: Annotated[Path | None, typer.Option(metavar="FILE", help="The same as a GeoPackage.")] = None,
    marking: Annotated[
        str, typer.Option(metavar="MARKING", help="What these three say of who may see them.")
    ] = "",
    config: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Settings of the tracker, TOML; see --settings."),
    ] = None,
    every: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            min=1e-3,
            callback=finite,
            help="Output times: one each so long; else each detection's.",
        ),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option(
            "--date",
            metavar="DAY|MOMENT",
            help="When a file began that does not say so: ASTERIX, AIS or ADS-B without times, seconds.",
        ),
    ] = None,
    settings: Annotated[
        bool, typer.Option("--settings", help="Print the settings that this run would use, as TOML, and end.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Follow what sensors saw: one row a track and output time, each with its uncertainty.

    How often a sensor sees what is there, and clutter, are learned as the rows are read, in their order.
    Decided over the whole file are: when a sensor with a steady beat looked in vain, what it errs by where
    that is not stated, and which reports of one receiver without identities (AIS) are of one object. So a
    row of the output rests on later detections too.

    Example: watchfloor track detections.csv -o tracks.parquet
    """
    from watchfloor.desks.surveillance.tracking import Config, ConfigError

    try:
        wanted = Config.load(config) if config else Config()
    except (ConfigError, ValueError) as error:
        fail(f"{config}: {error}")
    if settings:
        typer.echo(_toml(wanted), nl=False)
        return
    if output is None:
        fail("say where to write the tracks: -o tracks.parquet")
    write = writer(output, "tracks")
    write_assignments = writer(assignments, "assignments") if assignments else None
    maps = {form: file for form, file in (("geojson", geojson), ("kml", kml), ("gpkg", gpkg)) if file}
    if maps:
        refuse_to_replace(maps.values())
    files = [one.absolute() for one in (output, assignments, *maps.values()) if one]
    if len({*files}) < len(files):
        fail("two of the files to be written have one name; give each its own")
    began = moment(date, "--date", first=True) if date else None
    from watchfloor.desks.surveillance import recording

    with busy(f"reading {detections.name}") as say:
        found = recording.track(detections, wanted, every=every, began=began, mapped=bool(maps), progress=say)
        paths = [*found.paths()] if maps else []
        say(f"writing {output.name}")
        write(output, found.schema, found.rows())
        if assignments and write_assignments:
            rows = found.assignments
            write_assignments(assignments, rows.schema, iter([rows]))
        for form, file in maps.items():
            _write_map(form, file, paths, marking, dated=found.detections.dated)
    told = found.summary
    if as_json:
        print_json(told)
    else:
        _tell(told, output)
    if told["refused"]:
        raise typer.Exit(PARTLY)


def _write_map(form: str, file: Path, paths: "list[TrackPath]", marking: str, *, dated: bool) -> None:
    from watchfloor.actions.base import new_stream
    from watchfloor.exchange.geo.feature import FileHead
    from watchfloor.exchange.geo.files import WRITERS
    from watchfloor.exchange.geo.tracks import track_features

    with new_stream(file) as stream:
        WRITERS[form](FileHead(file.stem, marking), track_features(paths, marking, dated=dated), stream)


def _toml(config: "Config") -> str:
    from dataclasses import asdict

    import tomlkit

    return tomlkit.dumps(asdict(config))


def _used(columns: dict[str, str]) -> str:
    """Columns whose use is more than their name says."""
    return ", ".join(f"{name} as {use}" for name, use in columns.items() if use.split(" in ")[0] != name)


def _tell(told: dict[str, Any], output: Path) -> None:
    if told["columns"] and (used := _used(told["columns"])):
        err.print(f"columns: {used}", highlight=False, markup=False)
    if told["not used"]:
        err.print(f"not used: {', '.join(told['not used'])}", highlight=False, markup=False)
    for note in told["notes"]:
        err.print(note, highlight=False, markup=False)
    for why, count in told["reasons"].items():
        of = told["refused by sensor"].get(why, {})
        whose = ", ".join(
            f"{name} {count:,}" for name, count in sorted(of.items(), key=lambda one: -one[1])[:5]
        )
        more = f" and {len(of) - 5:,} more" if len(of) > 5 else ""
        sensors = f" (by sensor: {whose}{more})" if whose else ""
        err.print(f"refused {count:,}: {why}{sensors}", highlight=False, markup=False)
    if not told["tracks"]:
        err.print("no track was confirmed: too few detections agree with each other", highlight=False)
    still = f" ({told['stationary']:,} stationary)" if told["stationary"] else ""
    done = f"{counted(told['tracks'], 'track')}{still}, {counted(told['rows'], 'row')}: {output}"
    rate = told["detections"] / max(told["seconds"], 1e-9)
    err.print(f"{done} ({told['seconds']:.1f} s, {rate:,.0f} detections/s)", highlight=False, markup=False)
