"""`watchfloor cargo fit`, `score` and `drift`: a model of declared goods from what examinations found."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.common import (
    PARTLY,
    JsonOption,
    LangOption,
    busy,
    err,
    fail,
    print_json,
    print_rows,
    print_table,
)
from watchfloor.cli.moments import moment
from watchfloor.cli.writing import writer

if TYPE_CHECKING:
    import pyarrow as pa

    from watchfloor.core.messages import Language
    from watchfloor.desks.cargo.model import Model
    from watchfloor.feeds.files import Files

FilesArgument = Annotated[
    list[Path],
    typer.Argument(
        exists=True,
        metavar="FILES...",
        help="Files or folders of declarations, in any format that `watchfloor ingest` reads.",
    ),
]
ModelOption = Annotated[
    Path, typer.Option(exists=True, dir_okay=False, help="A model that `watchfloor cargo fit` wrote.")
]
REASONS: Final = 4
"""Reasons of each: the largest contributions upwards."""


def fit(
    files: FilesArgument,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="MODEL", help="Where to write the model.")
    ],
    until: Annotated[
        str | None, typer.Option(metavar="D", help="Only what was declared and examined before that day.")
    ] = None,
    origin: Annotated[
        bool,
        typer.Option("--origin", help="Let routes count: departure and origin, by one bit at most."),
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of what is drawn.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Fit a model: how likely an examination of declared goods finds something.

    FILES hold the declarations and the inspections of some of them. Nationality and names are no inputs, and
    without --origin no country is. How good it is on declarations it did not learn from is told with it.

    Exit codes: 0 fitted; 1 fitted, but something could not be read.

    Example: watchfloor cargo fit declarations.csv inspections.csv --until 2026-07-01 -o model.json
    """
    from watchfloor.desks.cargo import model as models

    with busy("reading") as say:
        found = _read(files, ("declaration", "inspection"), say)
        rows, acts = (_before(_rows(found, kind), until) for kind in ("declaration", "inspection"))
        say(f"fitting on {acts.num_rows:,} acts of inspection")
        try:
            made = models.fit(rows, acts, origin=origin, seed=seed)
        except models.FitError as error:
            _tell(found)
            fail(str(error))
    output.write_bytes(made.stored())
    said = {
        "model": str(output),
        **_said(made, rows.num_rows),
        "could_not_be_read": found.faults + found.aside,
    }
    if as_json:
        print_json(said)
    else:
        for name, value in said.items():
            typer.echo(f"{name.replace('_', ' ')}: {value}")
    _end(found)


def _said(made: "Model", declarations: int) -> dict[str, Any]:
    line = made.line
    return {
        "digest": made.digest,
        "declarations": declarations,
        "learned_from": made.examined[0],
        "with_a_finding": made.examined[1],
        "contradictory": made.contradictory,
        "examined_but_not_declared": made.unknown,
        "routes": made.origin,
        "judged_on": line.judged[0],
        "judged_later": line.later,
        "brier": round(line.brier[0], 4),
        "brier_of_the_mean": round(line.brier[1], 4),
        "log_loss": round(line.logloss[0], 4),
        "log_loss_of_the_mean": round(line.logloss[1], 4),
        "slope": round(line.slope, 3),
        "chance_and_share_found": [[round(one, 3) for one in pair] for pair in line.reliability],
    }


def score(
    files: FilesArgument,
    model: ModelOption,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="SCORES", help="Where to write: .parquet or .csv.")
    ],
    most: Annotated[
        int | None,
        typer.Option(
            "--explain", min=0, metavar="N", help="Give reasons to the N likeliest alone; else to all."
        ),
    ] = None,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Score declarations: document, subject, chance, spread and reasons.

    The spread is how unsure the chance is, as standard deviation of its log-odds. A score is an invitation to
    look: it is no ground for opening mail, and a low one clears nothing.

    Exit codes: 0 all scored; 1 something could not be read.

    Example: watchfloor cargo score today.csv --model model.json -o scores.parquet
    """
    from watchfloor.desks.cargo import model as models

    write = writer(output, "scores")
    fitted = _load(model)
    with busy("reading") as say:
        found = _read(files, ("declaration",), say)
        rows = _rows(found, "declaration")
        say(f"scoring {rows.num_rows:,} declarations")
        made = _scored(rows, models.score(fitted, rows), fitted, most, lang)
        write(output, made.schema, iter([made]))
    said = {
        "scores": str(output),
        "declarations": rows.num_rows,
        "explained": min(rows.num_rows, rows.num_rows if most is None else most),
        "could_not_be_read": found.faults + found.aside,
    }
    if as_json:
        print_json(said)
    else:
        for name, value in said.items():
            typer.echo(f"{name.replace('_', ' ')}: {value}")
    _end(found)


def _scored(rows: "pa.Table", scores: Any, fitted: "Model", most: int | None, lang: "Language") -> "pa.Table":
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from watchfloor.desks.cargo import model as models

    top = np.argsort(-scores.chance, kind="stable")[:most].tolist()
    reasons: list[list[str]] = [[] for _ in range(rows.num_rows)]
    for row, told in zip(top, models.raising(fitted, rows, top, REASONS), strict=True):
        reasons[row] = [part.why.render(lang) for part in told]
    return pa.table(
        {
            "document": pc.coalesce(rows["document"], rows["report_key"]),
            "subject": rows["subject"],
            "chance": scores.chance,
            "spread": scores.spread,
            "reasons": pa.array(reasons, pa.list_(pa.string())),
        }
    )


def drift(
    files: FilesArgument,
    model: ModelOption,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Show how far declarations lie from those that a model was fitted on, input by input.

    Exit codes: 0 compared; 1 something could not be read.

    Example: watchfloor cargo drift today.csv --model model.json
    """
    from watchfloor.desks.cargo import model as models

    fitted = _load(model)
    with busy("reading") as say:
        found = _read(files, ("declaration",), say)
        told = models.drift(fitted, _rows(found, "declaration"))
    if as_json:
        shown = ({"input": one.name, "index": one.apart, "level": one.level} for one in told)
        print_rows(shown, "inputs")
    else:
        lines = [(one.name, one.level, one.why.render(lang)) for one in told]
        empty = {"en": "There is no declaration to compare.", "fr": "Il n’y a pas de déclaration à comparer."}
        heads = {"en": ("input", "level", "why"), "fr": ("entrée", "niveau", "pourquoi")}
        print_table("", heads[lang], lines, empty[lang])
    _end(found)


def _load(path: Path) -> "Model":
    from watchfloor.desks.cargo.model import FitError, load

    try:
        return load(path.read_bytes())
    except FitError as error:
        fail(f"{path.name}: {error}")


def _read(files: list[Path], kinds: tuple[str, ...], say: Any) -> "Files":
    from watchfloor.feeds.files import read

    return read(files, kinds, say)


def _rows(found: "Files", kind: str) -> "pa.Table":
    from watchfloor.feeds.files import rows_of

    return rows_of(found, kind)


def _before(rows: "pa.Table", until: str | None) -> "pa.Table":
    import pyarrow.compute as pc

    return (
        rows
        if until is None
        else rows.filter(pc.less(rows["observed_at"], moment(until, "--until", first=True)))
    )


def _tell(found: "Files") -> None:
    for one in found.told:
        err.print(one, highlight=False, markup=False)


def _end(found: "Files") -> None:
    """Tell what could not be read, and end with the code for it."""
    _tell(found)
    if found.faults or found.aside:
        raise typer.Exit(PARTLY)
