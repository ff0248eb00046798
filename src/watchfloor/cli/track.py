"""`watchfloor track`: detections of a file become tracks with uncertainty."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.common import PARTLY, JsonOption, busy, counted, err, fail, print_json
from watchfloor.cli.moments import moment
from watchfloor.cli.writing import Write, writer

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np

    from watchfloor.desks.surveillance.outputs import Beliefs
    from watchfloor.desks.surveillance.tracking import Config, Tracker
    from watchfloor.formats.detections import DetectionTable

PART: Final = 100_000
"""Reports that are taken between two words of progress."""


def track(
    detections: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="CSV or Parquet with times and places (t, sensor, and x, y, or lon, lat, or azimuth, range, "
            "or azimuth with the sensor's place; errors, class and confidence where known), or a file of any "
            "format that holds detections, such as AIS sentences.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="TRACKS", help="Where to write: .parquet or .csv."),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Settings of the tracker, TOML; see --settings."),
    ] = None,
    every: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", min=1e-3, help="Output times: one each so long; else each detection's."
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

    What the recording can teach (errors that are not stated, how often a sensor sees what is there, clutter)
    is learned as it is read, in the order of its rows. No row of the output rests on a later detection,
    but for those that came late.

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
    began = moment(date, "--date", first=True) if date else None
    with busy(f"reading {detections.name}") as say:
        told = _tracked(detections, output, wanted, every, began, write, say)
    if as_json:
        print_json(told)
    else:
        _tell(told, output)
    if told["refused"]:
        raise typer.Exit(PARTLY)


def _toml(config: "Config") -> str:
    from dataclasses import asdict

    import tomlkit

    return tomlkit.dumps(asdict(config))


def _tracked(
    detections: Path,
    output: Path,
    config: "Config",
    every: float | None,
    base_time: "datetime | None",
    write: Write,
    say: Callable[[str], None],
) -> dict[str, Any]:
    from watchfloor.desks.surveillance import outputs
    from watchfloor.formats.begun import Known
    from watchfloor.formats.detection_table import load

    table = load(detections, Known(base_time))
    if table.mode == "none":
        fail(f"{detections.name} gives directions and not where its sensors are; add sensor_lat, sensor_lon")
    earth = table.mode == "geographic"
    began = time.perf_counter()
    tracker, beliefs = _followed(table, config, earth, say)
    took = time.perf_counter() - began
    say(f"writing {output.name}")
    times = _times(table.t, every)
    schema = outputs.EARTH if earth else outputs.PLANE
    rows = write(output, schema, beliefs.rows(times, earth=earth))
    refused = {why: count for why, count in tracker.counts.items() if count and why != "taken"}
    return {
        "detections": len(table) + sum(one.count for one in table.account.refused),
        "columns": dict(table.account.used),
        "tracks": beliefs.tracks,
        "rows": rows,
        "refused": sum(one.count for one in table.account.refused) + sum(refused.values()),
        "reasons": {one.why: one.count for one in table.account.refused} | refused,
        "not used": list(table.account.ignored),
        "notes": [
            *table.account.broken,
            *(f"left out {one.count:,}: {one.why}" for one in table.account.left_out),
        ],
        "seconds": round(took, 3),
    }


def _followed(
    table: "DetectionTable", config: "Config", earth: bool, say: Callable[[str], None]
) -> "tuple[Tracker, Beliefs]":
    from dataclasses import replace

    from watchfloor.desks.surveillance.observing import of_table, reports
    from watchfloor.desks.surveillance.outputs import Beliefs
    from watchfloor.desks.surveillance.tracking import Tracker

    told = replace(config, tell_tentative=True)  # whose sensors had seen a track before it was confirmed, too
    tracker, seen = Tracker(told), reports(of_table(table), earth=earth)
    updates = []
    for start in range(0, len(table), PART):
        updates.append(tracker.take(seen.cut(start, start + PART)))
        say(f"tracking: {min(start + PART, len(table)):,} of {len(table):,} detections")
    updates.append(tracker.flush())
    return tracker, Beliefs(updates, table.sensor.names)


def _times(t: "np.ndarray[Any, Any]", every: float | None) -> "np.ndarray[Any, Any]":
    """Rising output times: those of the detections, or one each so many seconds."""
    import numpy as np

    finite = t[np.isfinite(t)]
    if every is None or not len(finite):
        return np.unique(finite)
    return np.arange(np.ceil(finite.min() / every), np.floor(finite.max() / every) + 1) * every


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
        err.print(f"refused {count:,}: {why}", highlight=False, markup=False)
    if not told["tracks"]:
        err.print("no track was confirmed: too few detections agree with each other", highlight=False)
    done = f"{counted(told['tracks'], 'track')}, {counted(told['rows'], 'row')}: {output}"
    rate = told["detections"] / max(told["seconds"], 1e-9)
    err.print(f"{done} ({told['seconds']:.1f} s, {rate:,.0f} detections/s)", highlight=False, markup=False)
