"""`watchfloor cargo rates`: how much the streams of cargo hold, estimated without bias."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

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
    print_json,
    print_table,
    reader,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from watchfloor.core.messages import Language
    from watchfloor.planning.inspections.estimates import Estimate

HEADS: Final = {
    "en": ("stream", "items", "examined", "finds", "rate", "95 %", "method", "no chance", "not examined"),
    "fr": (
        "flux",
        "articles",
        "examinés",
        "trouvés",
        "taux",
        "95\u00a0%",
        "méthode",
        "sans chance",
        "non examinés",
    ),
}
ALL: Final = {"en": "all", "fr": "tous"}
NOTHING: Final = {"en": "no inspection", "fr": "aucune inspection"}
InspectionsArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        exists=True,
        metavar="[INSPECTIONS]...",
        help="Files or folders of inspections. Without any, the floor's.",
        show_default=False,
    ),
]


def rates(
    inspections: InspectionsArgument = None,
    declarations: Annotated[
        list[Path] | None,
        typer.Option(
            "--declarations",
            exists=True,
            help="What was declared, to count the streams; may be given several times.",
        ),
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Estimate the share of each stream that an examination would find something in, with 95 % intervals.

    Each find counts one over the chance with which its item was chosen. An examination whose chance nobody
    noted is left out and counted: nothing follows from it about what was not opened.

    Example: watchfloor cargo rates examined.csv --declarations today.csv
    """
    from watchfloor.core.messages import reason
    from watchfloor.planning.inspections.messages import CONTRADICTORY
    from watchfloor.planning.inspections.outcomes import outcomes

    acts, lines, faults = gathered(inspections, declarations, floor, purpose, authority, "cargo rates")
    of = outcomes(acts)
    found = _rates(acts, lines)
    if as_json:
        told = {"contradictory": of.contradictory, "faults": faults, "caution": caution(lang)}
        print_json({"inspections": len(of.subject)} | told)
        for row in found:
            print_json(row)
    else:
        lead = ALL[lang]
        print_table("", HEADS[lang], [_cells(row, lead) for row in found], NOTHING[lang])
        if of.contradictory:
            told_of = reason(CONTRADICTORY, count=of.contradictory)
            err.print(told_of.render(lang), message_id=told_of.message, highlight=False, markup=False)
        typer.echo(caution(lang))
    if faults:
        raise typer.Exit(PARTLY)


def caution(lang: "Language") -> str:
    """That a release is no clearance."""
    from watchfloor.core.messages import reason
    from watchfloor.planning.inspections.messages import NO_CLEARANCE

    return reason(NO_CLEARANCE).render(lang)


def gathered(
    inspections: list[Path] | None,
    declarations: list[Path] | None,
    floor: Path,
    purpose: str,
    authority: str,
    what: str,
) -> "tuple[pa.Table, pa.Table, int]":
    """Acts and declarations from files, else from the floor, where the look is logged; and unread pieces."""
    from watchfloor.feeds.files import read, rows_of
    from watchfloor.store.floor import Floor

    if not inspections:
        if declarations:
            fail("give files of inspections too: those of the floor are of other items")
        opened = Floor.open(floor)
        asking = reader(opened, purpose)
        acts = opened.read("inspection", asking)
        lines = opened.read("declaration", asking, latest=True)
        opened.act(acting(purpose, authority), "query", {"what": what, "inspections": acts.num_rows})
        return acts, lines, 0
    with busy("reading") as say:
        past = read(inspections, ("inspection", "declaration"), say)
        given = read(declarations or [], ("declaration",), say)
    for line in (*past.told, *given.told):
        err.print(line, highlight=False, markup=False)
    if not past.tables:
        fail(f"none of {', '.join(path.name for path in inspections)} holds inspections")
    lines = rows_of(given if declarations else past, "declaration")
    return rows_of(past, "inspection"), lines, past.faults + given.faults


def _rates(acts: "pa.Table", lines: "pa.Table") -> list[dict[str, Any]]:
    from watchfloor.planning.inspections import estimates
    from watchfloor.planning.inspections.items import items
    from watchfloor.planning.inspections.outcomes import outcomes, words

    of, stream = outcomes(acts), items(lines)
    theirs = words(stream, of, stream.stream, "undeclared")
    if not of.subject:
        return []
    counts = {name: stream.stream.count(name) for name in dict.fromkeys(stream.stream)}
    known = of.known
    named = [name for name, mine in zip(theirs, known.tolist(), strict=True) if mine]
    found = estimates.by_stream(of.found[known], of.chance[known], named, counts)
    return [_row(name, one, of, theirs) for name, one in found.items()]


def _row(name: str, one: "Estimate", of: Any, theirs: list[str]) -> dict[str, Any]:
    import numpy as np

    mine = np.array([name in ("", word) for word in theirs], np.bool_)
    return {
        "stream": name,
        "items": round(one.population, 1),
        "examined": one.examined,
        "finds": one.finds,
        "rate": None if np.isnan(one.rate) else one.rate,
        "low": one.low,
        "high": one.high,
        "method": one.method,
        "without_chance": int((mine & of.examined & ~(of.chance > 0)).sum()),
        "not_examined": int((mine & ~of.examined & ~of.open).sum()),
        "open": int((mine & of.open).sum()),
    }


def _cells(row: dict[str, Any], every: str) -> tuple[object, ...]:
    rate = "?" if row["rate"] is None else f"{row['rate']:.3%}"
    ends = f"{row['low']:.3%} – {row['high']:.3%}"
    left = (row["method"], row["without_chance"], row["not_examined"])
    return (row["stream"] or every, row["items"], row["examined"], row["finds"], rate, ends, *left)
