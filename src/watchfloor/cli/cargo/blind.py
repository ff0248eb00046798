"""`watchfloor cargo blind`: the share of each stream that came without advance data."""

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
    err,
    fail,
    print_rows,
    print_table,
    reader,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from watchfloor.core.messages import Language
    from watchfloor.planning.blind import Blind, Share

KINDS: Final = ("volume", "declaration")
NONE: Final = {
    "en": "No count of items and no declaration is there: nothing can be said of any stream.",
    "fr": "Il n’y a ni comptage d’articles ni déclaration : on ne peut rien dire d’aucun flux.",
}
STREAMLESS: Final = {
    "en": "declarations of no stream, for they name no direction or no mode: {:,}",
    "fr": "déclarations d’aucun flux, faute de sens ou de mode : {:,}",
}
SPREAD: Final = {
    "en": "counts left out, for they span more than the period (see --by month): {:,}",
    "fr": "comptages laissés, car ils dépassent la période (voir --by month) : {:,}",
}
HEADS: Final = {
    "en": ("period", "direction", "mode", "office", "counted", "declared", "late", "without data", "said"),
    "fr": (
        "période",
        "sens",
        "mode",
        "bureau",
        "comptés",
        "déclarés",
        "en retard",
        "sans données",
        "constat",
    ),
}


def blind(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE…]", help="Files of counts and declarations; without them, the floor."),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="day or month.")] = "day",
    zone: Annotated[str, typer.Option("--zone", help="Time zone of the calendar.")] = "UTC",
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show how much of each stream of cargo came without advance data: counts against declarations.

    A stream that nobody counted is not known, never 0. On a floor, only what you may see is compared.

    Exit codes: 0 all compared; 1 something could not be read.

    Example: watchfloor cargo blind counts.csv manifests/ --by month --zone America/Toronto
    """
    from watchfloor.planning.blind import blind as compared
    from watchfloor.planning.blind_counts import LONGEST

    if by not in LONGEST:
        fail(f"--by {by}: day or month")
    aside = 0
    if files:
        from watchfloor.cli.cargo.files import read
        from watchfloor.feeds.files import rows_of

        given = read(files, KINDS)
        tables = {kind: rows_of(given, kind) for kind in KINDS}
        aside = given.aside + given.faults
    else:
        tables = _recorded(floor, purpose, authority)
    try:
        got = compared(tables["volume"], tables["declaration"], by, zone)  # type: ignore[arg-type]
    except ValueError as error:
        fail(f"--zone: {error}")
    if as_json:
        print_rows((_row(one, lang) for one in got.shares), "streams")
    else:
        print_table("", HEADS[lang], (_line(one, lang) for one in got.shares), NONE[lang])
    _tell(got, lang)
    raise typer.Exit(PARTLY if aside else 0)


def _recorded(floor: Path, purpose: str, authority: str) -> "dict[str, pa.Table]":
    """Counts and declarations that this reader may see; the look is logged."""
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    who = reader(opened, purpose)
    tables = {kind: opened.read(kind, who, latest=True) for kind in KINDS}
    read = {f"{kind}s": table.num_rows for kind, table in tables.items()}
    opened.act(acting(purpose, authority), "query", {"what": "cargo blind"} | read)
    return tables


def _tell(got: "Blind", lang: "Language") -> None:
    for number, words in ((got.streamless, STREAMLESS), (got.spread, SPREAD)):
        if number:
            err.print(words[lang].format(number), highlight=False, markup=False)


def _row(share: "Share", lang: "Language") -> dict[str, Any]:
    return share._asdict() | {"said": share.sentence.render(lang)}


def _line(share: "Share", lang: "Language") -> tuple[object, ...]:
    counted = "" if share.counted is None else f"{share.counted:,}"
    if share.least not in (None, share.counted):
        counted += f" ({share.least:,})"
    rates = () if share.low is None or share.high is None else (share.low, share.high)
    shown = " – ".join(dict.fromkeys(f"{100 * rate:.0f} %" for rate in rates))
    return (
        *(
            share.period,
            share.direction,
            share.mode,
            share.office,
            counted,
            f"{share.declared:,}",
            share.late,
        ),
        *(shown or "?", share.sentence.render(lang)),
    )
