"""`watchfloor track score`: tracks against a truth."""

from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchfloor.cli.common import JsonOption, LangOption, busy, finite, print_json, print_table
from watchfloor.core.messages import declare, reason
from watchfloor.messages import number

if TYPE_CHECKING:
    from watchfloor.core.messages import Language
    from watchfloor.desks.surveillance.trajectories import Comparison

MEASURES: Final = (
    *(("gospa", 2), ("localisation", 2), ("missed", 3), ("false", 3)),
    *(("error", 2), ("idf1", 4), ("switches", 0), ("times", 0), ("objects", 0), ("tracks", 0)),
)
"""Rows of the table with their decimals; their texts are `tracking.` and the name."""
HEADS: Final = (declare("tracking.measure"), declare("tracking.value"))
LABELS: Final = {name: declare(f"tracking.{name}") for name, _ in MEASURES}
HOW: Final = declare("tracking.how", "cutoff", "truth", "tracks")
LEFT_OUT: Final = declare("tracking.left-out", "count")


def score(
    tracks: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="What `watchfloor track` wrote, or another tracker: see TRUTH."
        ),
    ],
    truth: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            help="CSV, Parquet or JSON with t, id (or track_id, mmsi), and x, y in metres, or lon, lat.",
        ),
    ],
    cutoff: Annotated[
        float,
        typer.Option(
            min=1e-6, callback=finite, metavar="METRES", help="Beyond which nothing is matched (c of GOSPA)."
        ),
    ],
    every: Annotated[
        float | None,
        typer.Option(
            min=1e-3,
            callback=finite,
            metavar="SECONDS",
            help="Between scored times; else each time of the truth.",
        ),
    ] = None,
    gap: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            callback=finite,
            metavar="SECONDS",
            help="Between two rows of a name across which it goes on; else ten times the file's usual step.",
        ),
    ] = None,
    within: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            callback=finite,
            metavar="METRES",
            help="Judge no track farther than this from every object, where the truth does not hold all.",
        ),
    ] = None,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Score tracks against a truth: GOSPA with its parts, IDF1, switches.

    GOSPA has alpha 2 and p 2. Scored times are those of the truth; between two rows, places are interpolated
    in a straight line. Means are over the scored times.

    Example: watchfloor track score tracks.parquet truth.csv --cutoff 20
    """
    from watchfloor.desks.surveillance.trajectories import compare

    with busy(f"comparing {tracks.name} with {truth.name}"):
        found = compare(
            tracks, truth, cutoff, every=every, gap=gap, within=float("inf") if within is None else within
        )
    if as_json:
        print_json(_row(found, cutoff))
        return
    _show(found, cutoff, lang)


def _row(found: "Comparison", cutoff: float) -> dict[str, object]:
    made = found.score
    return {
        **{name: getattr(made, name) for name in ("gospa", "localisation", "missed", "false")},
        "error": made.error if isfinite(made.error) else None,
        "idf1": made.idf1,
        "switches": made.switches,
        "times": found.times,
        "objects": found.objects,
        "tracks": found.tracks,
        "cutoff": cutoff,
        "p": 2,
        "alpha": 2,
        "gap_truth": found.gap_truth,
        "gap_tracks": found.gap_tracks,
        "left_out": found.left_out,
    }


def _show(found: "Comparison", cutoff: float, lang: "Language") -> None:
    row = _row(found, cutoff)
    lines = [
        (
            reason(LABELS[name]).render(lang),
            "-" if row[name] is None else number(float(str(row[name])), lang, digits),
        )
        for name, digits in MEASURES
    ]
    print_table("", [reason(one).render(lang) for one in HEADS], lines, "")
    seconds = {"truth": found.gap_truth, "tracks": found.gap_tracks}
    told = {name: number(value, lang, 2) for name, value in {"cutoff": cutoff, **seconds}.items()}
    typer.echo(reason(HOW, **told).render(lang))
    if found.left_out:
        typer.echo(reason(LEFT_OUT, count=found.left_out).render(lang))
