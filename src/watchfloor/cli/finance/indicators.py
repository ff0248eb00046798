"""`watchfloor finance indicators`: what the indicators are, and which fire on a file of payments."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import (
    PARTLY,
    REFUSED,
    JsonOption,
    LangOption,
    busy,
    counted,
    err,
    fail,
    print_json,
    print_rows,
    print_table,
)

if TYPE_CHECKING:
    from watchfloor.core.messages import Language
    from watchfloor.desks.finance.typologies.indicators import Firings
    from watchfloor.desks.finance.typologies.typology import Indicator
    from watchfloor.formats.payments.table import PaymentTable


def indicators(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PAYMENTS]",
            exists=True,
            dir_okay=False,
            help="CSV or Parquet of payments; none: a list.",
        ),
    ] = None,
    accounts: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="Table of accounts: holder, opened, occupation, naics."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="HITS", help="Write the hits: .parquet or .csv.")
    ] = None,
    listed: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Accounts or holders on a list, one a line."),
    ] = None,
    entries: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="Accounts or holders with a customs entry, one a line."
        ),
    ] = None,
    typologies: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Ask the definitions of this folder, not our own."),
    ] = None,
    packs: Annotated[
        Path | None,
        typer.Option(
            "--packs", exists=True, file_okay=False, help="Ask those of the packs that stand on this floor."
        ),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FOLDER", help="Write our own as definitions, to be packed."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Of those the one with this id; again.")
    ] = None,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """List the indicators, or tell which fire on a file of payments and which abstain, and why.

    An indicator whose columns the file does not have abstains. A hit is an invitation to look.

    Example: watchfloor finance indicators payments.csv --accounts accounts.csv -o hits.parquet
    """
    if export is not None:
        _export(export, only, as_json)
        return
    if file is None:
        _list(lang, as_json)
        return
    from watchfloor.desks.finance.typologies.indicators import find
    from watchfloor.formats.base import FormatError
    from watchfloor.formats.payments.account_table import load_accounts
    from watchfloor.formats.payments.table import load

    try:
        with busy(f"reading {file.name}") as say:
            table = load(file)
            known = load_accounts(accounts).rows if accounts else None
            say("looking at the indicators")
            asked = _asked(typologies, packs, only)
            found = find(table.rows, known, _lines(listed), _lines(entries), asked)
    except FormatError as error:
        fail(str(error))
    _tell(table, found, output, lang, as_json)
    if table.refused:
        raise typer.Exit(PARTLY)


def _asked(folder: Path | None, floor: Path | None, only: list[str] | None) -> "list[Indicator] | None":
    """The indicators of definitions; None: our own. What is no indicator is told, and passed over."""
    from watchfloor.desks.finance.typologies import definitions
    from watchfloor.desks.finance.typologies.typology import TypologyError

    try:
        texts = _texts(folder, floor, only)
        found, unread = definitions.read(texts) if texts is not None else (None, {})
    except (TypologyError, definitions.UnknownIndicatorError) as error:
        fail(str(error))
    for why in unread.values():
        err.print(f"not asked: {why}", markup=False, highlight=False)
    if missing := set(only or ()) - {one.id for one in found or ()}:
        fail(f"no definition there is the indicator {min(missing)!r}")
    if found and only:
        found = [one for one in found if one.id in only]
    if found == []:
        fail(
            "no definition there is an indicator; `watchfloor finance indicators --export FOLDER` writes some"
        )
    return found


def _texts(folder: Path | None, floor: Path | None, only: list[str] | None) -> dict[str, str] | None:
    from watchfloor.desks.finance.typologies.definitions import of_catalogue
    from watchfloor.exchange.partnership import packs
    from watchfloor.store.floor import Floor

    if folder is not None and floor is not None:
        fail("give --typologies or --packs, not both")
    if folder is not None:
        return packs.check(folder)[0]
    if floor is not None:
        standing = packs.standing(Floor.open(floor), datetime.now(UTC).date())
        return {f"{id_}.toml": text for id_, text in standing.items()}
    return of_catalogue(only) if only else None


def _export(folder: Path, only: list[str] | None, as_json: bool) -> None:
    from watchfloor.desks.finance.typologies.definitions import UnknownIndicatorError, of_catalogue

    try:
        texts = of_catalogue(only)
    except UnknownIndicatorError as error:
        fail(str(error))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        fail(f"{folder} is there already; name a new folder", REFUSED)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    if as_json:
        print_json({"folder": folder, "definitions": len(texts)})
    else:
        err.print(f"wrote {counted(len(texts), 'definition')} to {folder}", markup=False, highlight=False)


def _lines(path: Path | None) -> frozenset[str] | None:
    if path is None:
        return None
    try:
        said = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        fail(f"{path.name} is no text in UTF-8")
    return frozenset(line.strip() for line in said.splitlines() if line.strip())


def _tell(
    table: "PaymentTable", found: "Firings", output: Path | None, lang: "Language", as_json: bool
) -> None:
    from watchfloor.cli.writing import writer

    if output is not None:
        hits = found.hits(lang)
        writer(output, "hits")(output, hits.schema, iter([hits]))
    if as_json:
        print_json(_said(table, found, output))
        return
    for one in table.refused:
        err.print(
            f"left out {one.number:,}: {one.reason}, such as {one.example}", markup=False, highlight=False
        )
    lines = (
        (one.indicator.id, one.indicator.title[lang], f"{len(one.rows):,}", _strong(one))
        for one in found.fired
    )
    print_table(
        counted(table.rows.num_rows, "payment"),
        ("indicator", "says", "payments", "strong"),
        lines,
        "none fires",
    )
    for id_, names in found.abstained.items():
        typer.echo(f"{id_} abstains: no column {', '.join(names)}")


def _strong(one: Any) -> str:
    return f"{sum(one.indicator.bands[band][0] == 'strong' for band in one.band.tolist()):,}"


def _said(table: "PaymentTable", found: "Firings", output: Path | None) -> dict[str, Any]:
    return {
        "hits": str(output) if output else None,
        "payments": table.rows.num_rows,
        "fired": {one.indicator.id: len(one.rows) for one in found.fired},
        "abstained": {id_: list(names) for id_, names in found.abstained.items()},
        "refused": {one.reason: one.number for one in table.refused},
    }


def _list(lang: "Language", as_json: bool) -> None:
    from watchfloor.desks.finance.typologies.typology import catalogue

    if as_json:
        print_rows((_row(one) for one in catalogue()), "indicators")
        return
    rows = ((one.group, one.id, one.title[lang], _sources(one), _needs(one)) for one in catalogue())
    print_table("", ("group", "indicator", "says", "source", "needs"), rows, "")


def _sources(one: "Indicator") -> str:
    return ", ".join(source.alert for source in one.source)


def _needs(one: "Indicator") -> str:
    return ", ".join((*one.needs, *(("engine",) if one.engine else ())))


def _row(one: "Indicator") -> dict[str, Any]:
    return {
        "id": one.id,
        "version": one.version,
        "group": one.group,
        "about": one.about,
        "title": dict(one.title),
        "sentence": dict(one.sentence),
        "source": [{"alert": source.alert, "says": source.says} for source in one.source],
        "amltrix": list(one.amltrix),
        "parameters": {name: {"is": p.value, "by": p.by} for name, p in one.parameters.items()},
        "expressions": dict(one.said),
        "needs": list(one.needs),
        "engine": list(one.engine),
        "measured": [
            {"data": m.data, "hit_rate": m.hit_rate, "false_alarm_rate": m.false_alarm_rate}
            for m in one.measured
        ],
        "planted": None if one.planted is None else asdict(one.planted),
    }
