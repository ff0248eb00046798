"""`watchfloor target`: what to inspect today, under a budget."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchfloor.cli import moments
from watchfloor.cli import target_making as making
from watchfloor.cli.acting import WeightsOption, refusals, writing
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    MISSING,
    PARTLY,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    busy,
    err,
    fail,
    reader,
)
from watchfloor.cli.target_words import tell

if TYPE_CHECKING:
    import pyarrow as pa

    from watchfloor.planning.inspections.plan import Plan
    from watchfloor.planning.inspections.streams import Stream
    from watchfloor.records.messages import Language
    from watchfloor.store.floor import Floor

REFERRED: Final = {
    "en": "{made} referred, {left} not, position {position}",
    "fr": "{made} demandes d’examen faites, {left} non, position {position}",
}
NO_MEANS: Final = (
    "--refer says by which means each is to be examined, and nothing says what there are: describe them in "
    "inspection.toml of the floor, or give --means"
)


def target(
    context: typer.Context,
    budget: Annotated[int, typer.Option("--budget", metavar="K", help="Most items that are examined.")],
    declarations: Annotated[
        list[Path] | None,
        typer.Argument(
            exists=True,
            metavar="[DECLARATIONS]...",
            help="Files or folders of declarations, in any format that `watchfloor ingest` reads; weighings "
            "beside them count. Without any, the floor's.",
            show_default=False,
        ),
    ] = None,
    history: Annotated[
        list[Path] | None,
        typer.Option(
            "--history",
            exists=True,
            metavar="INSPECTED",
            help="Declarations and inspections of items before, to learn from; may be given several times.",
        ),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A model that `watchfloor cargo fit` wrote."),
    ] = None,
    means: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="What can examine how many (TOML); else the floor's inspection.toml.",
        ),
    ] = None,
    explore: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=1.0,
            metavar="S",
            help="Share of the budget to learn by: two thirds to the uncertain, a third at random.",
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of the draws; else it follows from the items and the day.")
    ] = None,
    day: Annotated[
        str | None,
        typer.Option(
            "--day", metavar="D", help="Items of that day alone, ISO 8601; on a floor else the newest."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="PICKS", help="Where to write: .parquet.")
    ] = None,
    refer: Annotated[
        str | None,
        typer.Option("--refer", metavar="UNTIL", help="Refer the picks on the floor, to be held until then."),
    ] = None,
    weights: WeightsOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Choose which parcels and consignments to examine, under a budget, with reasons and known chances.

    Lookouts and leads go first, then the likeliest; a share of the budget goes to what the score is unsure of
    and to an even draw, so that rates can be known (`watchfloor cargo rates`). Mail is opened only where an
    officer's grounds are recorded, and no means examines more than it can. A release is not a clearance.

    Examples: watchfloor target today.csv --budget 400 --history examined.csv -o picks.parquet;
    watchfloor target --budget 40 --floor floor
    """
    from watchfloor.cell.weights import WeightError, load
    from watchfloor.desks.registry import declare_messages
    from watchfloor.formats.base import FormatError
    from watchfloor.planning.inspections.telling import about_model
    from watchfloor.store.floor import Floor

    declare_messages()
    if budget < 0:
        fail(f"--budget is a number of items, 0 or more; this is {budget}")
    if output is not None and output.suffix.lower() != ".parquet":
        fail(f"{output}: picks are written to .parquet")
    if output is not None and not output.parent.is_dir():
        fail(f"{output}: there is no folder {output.parent}", MISSING)
    source = context.get_parameter_source("floor")
    if declarations and source is not None and source.name == "COMMANDLINE":
        fail("give files of declarations, or --floor, not both: ingest the files to choose on the floor")
    if refer is not None and declarations:
        fail("--refer writes referrals on a floor: choose on it, without files of declarations")
    until = None if refer is None else moments.moment(refer, "--refer")
    on = None if day is None else moments.day(day, "--day")
    opened = None if declarations else Floor.open(floor)
    try:
        table, can = load(weights), making.means(means, opened)
        if until is not None and not can.means:
            fail(NO_MEANS)
        with busy("reading") as say:
            past, given = making.files(history or [], say), making.files(declarations or [], say)
            fitted, notes = making.model(model, past, given, seed, say)
            if opened is None:
                stream = making.of_files(given, past, fitted, table, on, say)
            else:
                stream = making.of_floor(opened, fitted, table, on, purpose, lang, say)
            spent = making.settings(budget, explore, can, seed, stream, opened)
            made, picks = making.plan(stream, can, spent, table, opened, lang)
    except (WeightError, FormatError) as error:
        fail(str(error))
    if output is not None:
        _write(output, picks)
    if opened is not None:
        _logged(opened, made, picks, stream, purpose, authority)
        if until is not None:
            _refer(opened, picks, until, stream, purpose, authority, lang)
    told = [*(notes or about_model(made.candidates.model)), *stream.notes, *made.notes]
    tell(made, picks, told, stream, output, lang, as_json)
    if stream.faulty:
        raise typer.Exit(PARTLY)


def _logged(
    opened: "Floor", made: "Plan", picks: "pa.Table", stream: "Stream", purpose: str, authority: str
) -> None:
    detail = {
        "what": "inspection picks",
        "day": stream.day,
        "items": len(made.candidates.items.subject),
        "scheme": made.settings.digest,
        "seed": made.settings.seed,
        "budget": made.settings.budget,
        "shown": picks["subject"].to_pylist(),
    }
    opened.act(acting(purpose, authority), "query", detail)


def _refer(
    opened: "Floor",
    picks: "pa.Table",
    until: datetime,
    stream: "Stream",
    purpose: str,
    authority: str,
    lang: "Language",
) -> None:
    """Write the referrals, and tell those that the law or the state of the item does not allow."""
    from watchfloor.cell.acting.acts import Post, render
    from watchfloor.cell.referrals.keeping import refer
    from watchfloor.planning.inspections.referring import referrals

    asked = referrals(picks, until, stream.grounds)
    with refusals(lang), writing(opened, purpose, authority) as writer:
        done = refer(Post(opened, reader(opened, purpose), writer), list(asked))
    counts = REFERRED[lang].format(made=len(done.made), left=len(done.left), position=done.position)
    err.print(counts, highlight=False, markup=False)
    for one in done.left:
        err.print(f"{one.pick.subject}: {render(one.why, lang)}", highlight=False, markup=False)


def _write(output: Path, picks: "pa.Table") -> None:
    import pyarrow.parquet as pq

    pq.write_table(picks, output, compression="zstd")
