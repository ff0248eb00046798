"""`watchfloor cargo target`: what to inspect today, under a budget."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli import moments
from watchfloor.cli.acting import WeightsOption, refusals
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
    busy,
    err,
    fail,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from watchfloor.actions.base import Context
    from watchfloor.core.messages import Language, Reason
    from watchfloor.feeds.files import Files
    from watchfloor.messages.catalogue import Catalogue
    from watchfloor.planning.inspections.choose import Settings
    from watchfloor.planning.inspections.means import Table
    from watchfloor.planning.inspections.plan import Plan
    from watchfloor.planning.inspections.streams import Stream

NO_MEANS: Final = (
    "--refer says by which means each is to be examined, and nothing says what there are: describe them in "
    "inspection.toml of the floor, or give --means"
)
UNCERTAIN_PART: Final = 2 / 3
"""Share of what `--explore` says that goes to the uncertain; the rest is drawn at random."""
COLUMNS: Final = ("rank", "item", "by", "chance", "propensity", "by_means", "known")
TOP: Final = 20
"""Picks that a terminal shows; the file and --json have all."""
SPEAKING: Final = 2
"""Contributions that it shows of a pick of which no rule says anything."""
AUDIBLE: Final = 0.1
"""Bits from which one is worth showing: a tenth moves odds by 7 %."""
GOODS: Final = 80
"""Characters of declared goods that it shows."""


def target(
    command: typer.Context,
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

    Examples: watchfloor cargo target today.csv --budget 400 --history examined.csv -o picks.parquet;
    watchfloor cargo target --budget 40 --floor floor
    """
    from watchfloor.casework.referrals import powers
    from watchfloor.cell.weighing.weights import WeightError
    from watchfloor.cli.face import Terminal
    from watchfloor.desks.cargo import model as models
    from watchfloor.desks.registry import declare_messages
    from watchfloor.formats.base import FormatError
    from watchfloor.planning.inspections import means as tables
    from watchfloor.planning.inspections import picks as picking
    from watchfloor.planning.inspections import plan as plans
    from watchfloor.planning.inspections import plan_notes, streams

    declare_messages()
    if budget < 0:
        fail(f"--budget is a number of items, 0 or more; this is {budget}")
    if output is not None and output.suffix.lower() != ".parquet":
        fail(f"{output}: picks are written to .parquet")
    if output is not None and not output.parent.is_dir():
        fail(f"{output}: there is no folder {output.parent}", MISSING)
    source = command.get_parameter_source("floor")
    if declarations and source is not None and source.name == "COMMANDLINE":
        fail("give files of declarations, or --floor, not both: ingest the files to choose on the floor")
    if refer is not None and declarations:
        fail("--refer writes referrals on a floor: choose on it, without files of declarations")
    until = None if refer is None else moments.moment(refer, "--refer")
    on = None if day is None else moments.day(day, "--day")
    context = Terminal(floor, purpose, authority, lang, weights=weights)
    opened = None if declarations else context.floor
    try:
        path = means or (opened.root / tables.NAME if opened else None)
        table, can = context.weights, tables.load(path) if path else tables.Table()
        if until is not None and not can.means:
            fail(NO_MEANS)
        with busy("reading") as say:
            past, given = _files(history or [], say), _files(declarations or [], say)
            notes: list[Reason] = []
            fitted = models.load(model.read_bytes()) if model else None
            if past.tables and not model:
                say("fitting a model on the history")
                fitted, notes = streams.learned(past, given, seed or 0)
            if opened is None:
                stream = streams.from_files(given, past, fitted, table, on, say)
            else:
                who, now = context.reader, context.floor.now()
                stream = streams.from_floor(opened, who, fitted, table, now, on, lang, say)
            key = opened.key if opened else None
            spent = _settings(budget, explore, can, seed, stream, key)
            law = powers.load(opened.root if opened else None)
            opens = plans.may_open(stream.candidates.items, stream.day, law, stream.grounds)
            first, used = stream.first, stream.used
            made = plans.plan(stream.candidates, spent, can, stream.day, opens=opens, first=first, used=used)
            picks = picking.table(made, table, {name: one.unit for name, one in can.means.items()}, lang)
    except models.FitError as error:
        fail(f"{model.name if model else ''}: {error}")
    except (WeightError, FormatError) as error:
        fail(str(error))
    if output is not None:
        import pyarrow.parquet as pq

        pq.write_table(picks, output, compression="zstd")
    if opened is not None:
        context.log_query(
            "inspection picks",
            day=stream.day,
            items=len(made.candidates.items.subject),
            scheme=made.settings.digest,
            seed=made.settings.seed,
            budget=budget,
            shown=picks["subject"].to_pylist(),
        )
        if until is not None:
            _refer(context, picks, until, stream)
    told = [*(notes or plan_notes.about_model(made.candidates.model)), *stream.notes, *made.notes]
    _print(made, picks, [note.render(lang) for note in told], stream, output, lang, as_json)
    if stream.faulty:
        raise typer.Exit(PARTLY)


def _files(paths: list[Path], say: Any) -> "Files":
    """Read files; end the command where some are given and nothing of them can be read."""
    from watchfloor.feeds.files import read
    from watchfloor.planning.inspections.streams import WANTED

    found = read(paths, WANTED, say)
    for line in found.told:
        err.print(line, highlight=False, markup=False)
    if paths and not found.tables and found.aside:
        fail(f"none of {', '.join(path.name for path in paths)} holds declarations or inspections")
    return found


def _settings(
    budget: int, explore: float | None, can: "Table", seed: int | None, stream: "Stream", key: bytes | None
) -> "Settings":
    """Return how the budget is spent: the shares to learn by as asked, else as the means say."""
    from watchfloor.feeds.files import KEY
    from watchfloor.planning.inspections.choose import Settings
    from watchfloor.planning.inspections.seeding import seed_of

    uncertain, at_random = can.learning.uncertain, can.learning.at_random
    if explore is not None:
        uncertain, at_random = explore * UNCERTAIN_PART, explore * (1 - UNCERTAIN_PART)
    drawn = seed_of(stream.candidates.items, stream.day, key or KEY) if seed is None else seed
    return Settings(budget, uncertain, at_random, can.learning.least, drawn)


def _refer(context: "Context", picks: "pa.Table", until: datetime, stream: "Stream") -> None:
    """Write the referrals, and tell those that the law or the state of the item does not allow."""
    from watchfloor.actions.base import note
    from watchfloor.casework.referrals.repository import refer
    from watchfloor.cell.acts import Post, render
    from watchfloor.planning.inspections.messages import REFERRED
    from watchfloor.planning.inspections.referring import referrals

    with refusals(context.language), context.writer() as writer:
        asked = list(referrals(picks, until, stream.grounds))
        done = refer(Post(context.floor, context.reader, writer), asked)
    note(context, REFERRED, made=len(done.made), left=len(done.left), position=str(done.position))
    for one in done.left:
        err.print(f"{one.pick.subject}: {render(one.why, context.language)}", highlight=False, markup=False)


def _print(
    made: "Plan",
    picks: "pa.Table",
    notes: list[str],
    stream: "Stream",
    output: Path | None,
    lang: "Language",
    as_json: bool,
) -> None:
    """Print a plan: JSON lines, of which the first sums up, or a table with notes on standard error."""
    from watchfloor.core.messages import reason
    from watchfloor.messages.catalogue import Catalogue
    from watchfloor.planning.inspections.messages import MAIL, NO_CLEARANCE

    cautions = [reason(one).render(lang) for one in (NO_CLEARANCE, MAIL)]
    if as_json:
        print_json(_summary(made, picks, stream, output) | {"notes": notes, "caution": " ".join(cautions)})
        for row in picks.to_pylist():
            print_json(row)
        return
    for line in notes:
        err.print(line, highlight=False, markup=False)
    texts = Catalogue()
    title, nothing = (
        texts.say(f"inspections.picks_{key}", lang, day=stream.day) for key in ("title", "none")
    )
    heads = [texts.say(f"inspections.picks_{column}", lang) for column in COLUMNS]
    rows = [_line(row, lang, texts) for row in picks.slice(0, TOP).to_pylist()]
    print_table(title, heads, rows, nothing)
    if picks.num_rows > TOP:
        typer.echo(texts.say("inspections.picks_more", lang, n=picks.num_rows - TOP))
    for caution in cautions:
        typer.echo(caution)
    if output is not None:
        err.print(f"-> {output}", highlight=False, markup=False)


def _summary(made: "Plan", picks: "pa.Table", stream: "Stream", output: Path | None) -> dict[str, Any]:
    return {
        "picks": picks.num_rows,
        "items": len(made.candidates.items.subject),
        "day": stream.day,
        "budget": made.settings.budget,
        "rules_only": made.candidates.model is None,
        "chosen_by": dict(sorted(Counter(made.picks.chosen_by).items())),
        "means": dict(sorted(Counter(one or "" for one in made.means).items())),
        "left": [made.candidates.items.subject[row] for row in made.picks.left.tolist()],
        "scheme": made.settings.digest,
        "seed": made.settings.seed,
        "output": None if output is None else str(output),
    }


def _line(row: dict[str, Any], lang: "Language", texts: "Catalogue") -> tuple[object, ...]:
    return (
        row["rank"],
        row["document"] or row["subject"].partition(":")[2].partition(":")[2],
        texts.word("inspections.chosen_by_", row["chosen_by"], lang),
        f"{row['chance']:.2%}",
        f"{row['propensity']:.2%}",
        texts.word("inspections.means_", row["means"] or "", lang),
        " ".join(_known(row)),
    )


def _known(row: dict[str, Any]) -> list[str]:
    """Return facts of an item, and who named it; else what speaks for it, else its goods."""
    named = [row["why"]] if row["chosen_by"] in ("lead", "lookout") else []
    speaking = [part["why"] for part in row["contributions"] if part["bits"] >= AUDIBLE][:SPEAKING]
    return [*row["grounds"], *named] or speaking or [f"“{shorten(row['goods'], GOODS, placeholder=' …')}”"]
