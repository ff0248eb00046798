"""`watchfloor target`: what to inspect today, under a budget."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli import moments
from watchfloor.cli.acting import refusals, writing
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
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
from watchfloor.cli.leads import WeightsOption
from watchfloor.cli.target_words import tell

if TYPE_CHECKING:
    import pyarrow as pa

    from watchfloor.cell.weights import Weights
    from watchfloor.desks.cargo.model import Model
    from watchfloor.planning.inspections.choose import Settings
    from watchfloor.planning.inspections.files import Files
    from watchfloor.planning.inspections.means import Table
    from watchfloor.planning.inspections.plan import Plan
    from watchfloor.planning.inspections.streams import Stream
    from watchfloor.records.messages import Language, Reason
    from watchfloor.store.floor import Floor

REFERRED: Final = {
    "en": "{made} referred, {left} not, position {position}",
    "fr": "{made} demandes d’examen faites, {left} non, position {position}",
}
UNCERTAIN_PART: Final = 2 / 3
"""Share of what `--explore` says that goes to the uncertain; the rest is drawn at random."""


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

    declare_messages()
    if budget < 0:
        fail(f"--budget is a number of items, 0 or more; this is {budget}")
    if output is not None and output.suffix.lower() != ".parquet":
        fail(f"{output}: picks are written to .parquet")
    source = context.get_parameter_source("floor")
    if declarations and source is not None and source.name == "COMMANDLINE":
        fail("give files of declarations, or --floor, not both: ingest the files to choose on the floor")
    if refer is not None and declarations:
        fail("--refer writes referrals on a floor: choose on it, without files of declarations")
    until = None if refer is None else moments.moment(refer, "--refer")
    on = None if day is None else moments.day(day, "--day")
    opened = None if declarations else _floor(floor)
    try:
        table = load(weights)
        spread = _means(means, opened)
        with busy("reading") as say:
            past, given = _files(history or [], say), _files(declarations or [], say)
            fitted, notes = _model(model, past, given, seed, say)
            if opened is None:
                stream = _of_files(given, past, fitted, table, on, say)
            else:
                stream = _of_floor(opened, fitted, table, on, purpose, lang, say)
            made, picks = _made(
                stream, spread, _settings(budget, explore, spread, seed, stream, opened), table, lang
            )
    except (WeightError, FormatError) as error:
        fail(str(error))
    if opened is not None:
        _logged(opened, made, picks, stream, purpose, authority)
        if until is not None:
            _refer(opened, picks, until, stream, purpose, authority, lang)
    told = [*_model_notes(notes, made), *stream.notes, *made.notes]
    if output is not None:
        _write(output, picks)
    tell(made, picks, told, stream, output, lang, as_json)
    if stream.faulty:
        raise typer.Exit(PARTLY)


def _floor(path: Path) -> "Floor":
    from watchfloor.store.floor import Floor

    return Floor.open(path)


def _files(paths: list[Path], say: Any) -> "Files":
    """What some files hold; ends the command where a path is given and nothing of it can be read."""
    from watchfloor.planning.inspections.files import read
    from watchfloor.planning.inspections.streams import WANTED

    found = read(paths, WANTED, say)
    for line in found.told:
        err.print(line, highlight=False, markup=False)
    if paths and not found.tables and found.aside:
        fail(f"none of {', '.join(path.name for path in paths)} holds declarations or inspections")
    return found


def _model(
    path: Path | None, past: "Files", given: "Files", seed: int | None, say: Any
) -> "tuple[Model | None, list[Reason]]":
    """The model of a file, or one of the history."""
    from watchfloor.desks.cargo import model as models
    from watchfloor.planning.inspections.streams import learned

    if path is not None:
        try:
            return models.load(path.read_bytes()), []
        except models.FitError as error:
            fail(f"{path.name}: {error}")
    if not past.tables:
        return None, []
    say("fitting a model on the history")
    return learned(past, given, seed or 0)


def _model_notes(notes: "list[Reason]", made: "Plan") -> "list[Reason]":
    from watchfloor.planning.inspections.streams import about_model

    return notes or about_model(made.candidates.model)


def _of_files(
    given: "Files", past: "Files", fitted: "Model | None", table: "Weights", on: date | None, say: Any
) -> "Stream":
    from watchfloor.planning.inspections.streams import from_files

    return from_files(given, past, fitted, table, on, say)


def _of_floor(
    opened: "Floor",
    fitted: "Model | None",
    table: "Weights",
    on: date | None,
    purpose: str,
    lang: "Language",
    say: Any,
) -> "Stream":
    from watchfloor.planning.inspections.streams import from_floor

    return from_floor(opened, reader(opened, purpose), fitted, table, datetime.now(UTC), on, lang, say)


def _means(path: Path | None, opened: "Floor | None") -> "Table":
    from watchfloor.planning.inspections.means import NAME, Table, load

    if path is not None:
        return load(path)
    return load(opened.root / NAME) if opened is not None else Table()


def _settings(
    budget: int,
    explore: float | None,
    spread: "Table",
    seed: int | None,
    stream: "Stream",
    opened: "Floor | None",
) -> "Settings":
    from watchfloor.planning.inspections.choose import Settings
    from watchfloor.planning.inspections.files import KEY
    from watchfloor.planning.inspections.seeding import seed_of

    shares = spread.learning
    uncertain, at_random = shares.uncertain, shares.at_random
    if explore is not None:
        uncertain, at_random = explore * UNCERTAIN_PART, explore * (1 - UNCERTAIN_PART)
    drawn = (
        seed_of(stream.candidates.items, stream.day, opened.key if opened else KEY) if seed is None else seed
    )
    return Settings(budget, uncertain, at_random, shares.least, drawn)


def _made(
    stream: "Stream", spread: "Table", settings: "Settings", table: "Weights", lang: "Language"
) -> "tuple[Plan, pa.Table]":
    """The plan and its picks."""
    from watchfloor.cell.referrals import powers
    from watchfloor.planning.inspections import picks
    from watchfloor.planning.inspections.plan import may_open, plan

    opens = may_open(stream.candidates.items, stream.day, powers.load(), stream.grounds)
    made = plan(
        stream.candidates, settings, spread, stream.day, opens=opens, first=stream.first, used=stream.used
    )
    units = {name: one.unit for name, one in spread.means.items()}
    return made, picks.table(made, table, units, lang)


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
    from watchfloor.cell.acting.acts import render
    from watchfloor.cell.referrals.keeping import Post, refer
    from watchfloor.planning.inspections.referring import referrals

    asked = list(referrals(picks, until, stream.grounds))
    if len(asked) < picks.num_rows:
        fail("nothing says by which means: describe them in inspection.toml of the floor, or give --means")
    with refusals(lang), writing(opened, purpose, authority) as writer:
        done = refer(Post(opened, reader(opened, purpose), writer), asked)
    counts = REFERRED[lang].format(made=len(done.made), left=len(done.left), position=done.position)
    err.print(counts, highlight=False, markup=False)
    for one in done.left:
        err.print(f"{one.pick.subject}: {render(one.why, lang)}", highlight=False, markup=False)


def _write(output: Path, picks: "pa.Table") -> None:
    import pyarrow.parquet as pq

    pq.write_table(picks, output, compression="zstd")
