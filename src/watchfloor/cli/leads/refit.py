"""`watchfloor leads refit` and `fits`: a new weight table from outcomes, and the fits that were kept."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.acting import WeightsOption
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
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
    print_rows,
    print_table,
    reader,
)

if TYPE_CHECKING:
    from watchfloor.cell.learning.fits import Kept
    from watchfloor.cell.learning.refit import Fit, Refitted
    from watchfloor.cell.weights import Weights
    from watchfloor.store.floor import Floor

HEADS: Final = {
    "en": ("hypothesis, rule", "strength", "bits", "new bits", "true", "false"),
    "fr": ("hypothèse, règle", "force", "bits", "nouveaux bits", "vraies", "fausses"),
}
FITS: Final = {
    "en": ("table", "from table", "records", "state"),
    "fr": ("table", "à partir de", "enregistrements", "état"),
}
EMPTY: Final = {
    "en": "No lead has an outcome that says true or false: watchfloor leads outcome LEAD RESULT --why …",
    "fr": "Aucune piste n’a de résultat qui dise vrai ou faux : watchfloor leads outcome PISTE RÉSULTAT "
    "--why …",
}
NO_FITS: Final = {"en": "No fit was kept.", "fr": "Aucun ajustement n’a été conservé."}


def refit(
    floor: FloorOption = DEFAULT_FLOOR,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", dir_okay=False, help="Write the new table here.")
    ] = None,
    weights: WeightsOption = None,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Fit the weight table to what came of leads; prints old and new, and changes no table by itself.

    With -o the new table is written and the fit is kept with the records it was made from, so that an erasure
    reaches it. Use the table with `--weights`.

    Example: watchfloor leads refit --floor floor -o weights-2026-11.toml
    """
    from watchfloor.cell.learning import fits as kept
    from watchfloor.cell.learning.refit import refit
    from watchfloor.cell.weights import load
    from watchfloor.desks.registry import declare_messages
    from watchfloor.store.floor import Floor

    declare_messages()
    opened, table = Floor.open(floor), load(weights)
    kept.refuse_fitted(opened, table)
    with busy("fitting the weights to what came of leads"):
        fit = refit(opened, reader(opened, purpose), table, datetime.now(UTC))
    opened.act(acting(purpose, authority), "query", {"what": "refit", "records": len(fit.records)})
    if out and fit.hypotheses:
        _write(opened, out, weights, table, fit, purpose, authority)
    if as_json:
        _print_json(fit, lang)
    else:
        print_table("", HEADS[lang], _lines(fit), EMPTY[lang])
    for note in fit.notes:
        err.print(note.render(lang), message_id=note.message, markup=False, highlight=False)
    if out and not fit.hypotheses:
        fail(f"{out} is not written: there is nothing to fit")


def _write(
    opened: "Floor",
    out: Path,
    path: Path | None,
    table: "Weights",
    fit: "Fit",
    purpose: str,
    authority: str,
) -> None:
    """Keep the fit and write its table; nothing half-written is left."""
    from watchfloor.cell.learning import fits as kept
    from watchfloor.cell.weights import parse
    from watchfloor.cli.acting import writing

    text = kept.written(path, table, fit)
    parse(text, str(out))
    part = out.with_name(f"{out.name}.part")
    part.write_text(text, encoding="utf-8")
    with writing(opened, purpose, authority) as writer:
        position = kept.keep(writer, fit, text)
    part.replace(out)
    err.print(f"{out} written; the fit is kept at position {position}", highlight=False)


def _lines(fit: "Fit") -> "Iterator[tuple[object, ...]]":
    for one in fit.hypotheses:
        yield (
            one.hypothesis,
            "prior",
            _bits(one.prior, one.prior_sd),
            _bits(one.new_prior, one.new_prior_sd),
            one.true,
            one.false,
        )
        for row in one.rows:
            old, new = _bits(row.old, row.old_sd), _bits(row.new, row.sd)
            yield f"  {row.rule}", row.strength, old, new, row.true, row.false


def _bits(value: float, sd: float) -> str:
    return f"{value:+.2f} ± {sd:.2f}"


def _print_json(fit: "Fit", lang: Any) -> None:
    """A line for each hypothesis, then one for the fit as a whole."""
    print_rows((_hypothesis(one) for one in fit.hypotheses), "hypotheses")
    print_json(
        {
            "base": fit.base,
            "marking": fit.marking,
            "records": [record.hex() for record in fit.records],
            "notes": [note.render(lang) for note in fit.notes],
        }
    )


def _hypothesis(one: "Refitted") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(one)


def fits(
    record: Annotated[
        str, typer.Argument(metavar="[RECORD]", help="Only fits made from this record: its id, or its start.")
    ] = "",
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """The fits that were kept, each with the records it was made from.

    Of a fit one of whose records was erased only its table's digest is left: refit anew, and use that table
    no more.

    Example: watchfloor leads fits 5f0c --floor floor
    """
    from watchfloor.cell.learning.fits import fits
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    found = fits(opened, reader(opened, purpose), record)
    opened.act(acting(purpose, authority), "query", {"what": "fits", "record": record, "fits": len(found)})
    if as_json:
        print_rows((_kept(one) for one in found), "fits")
        return
    shown = (
        (
            one.table[:12],
            one.base[:12],
            len(one.records) or "",
            _state(one, lang),
        )
        for one in found
    )
    print_table("", FITS[lang], shown, NO_FITS[lang])


def _kept(one: "Kept") -> dict[str, Any]:
    import msgspec

    said = msgspec.structs.asdict(one)
    return {name: said[name] for name in said.keys() - {"position", "read"}} | {"erased": bool(one.erased)}


def _state(one: "Kept", lang: str) -> str:
    if one.erased is None:
        return "stands" if lang == "en" else "valable"
    return (
        "a record was erased: refit"
        if lang == "en"
        else "un enregistrement a été effacé : ajustez de nouveau"
    )
