"""`watchfloor travel rings`: organised fraud among the applications of tables, without a floor."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import PARTLY, JsonOption, LangOption, busy, err, fail, print_json, print_table

if TYPE_CHECKING:
    from watchfloor.desks.travel.filings import Filings
    from watchfloor.desks.travel.rings import Ring
    from watchfloor.desks.travel.tables import Applications
    from watchfloor.messages import Language


def rings(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="APPLICATIONS...",
            exists=True,
            dir_okay=False,
            help="Tables of applications: CSV, spreadsheets, JSON; rows of one number are one application.",
        ),
    ],
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Find organised fraud in linked applications: who holds them together, and why; never an applicant.

    A ring is several applications tied by independent keys (adviser, payer, telephone, device, form of the
    letter) in which more is false than elsewhere. Its subject is an organiser (or a contact that one used), a
    payer, a template or a document; `members` are applications whose applicants may have been defrauded. It
    is no ground to refuse anybody. Columns are known by their names; `columns` says what each was taken for,
    `left_out` which are not used: nationality, birthplace, language, sex, religion and the like.

    Example: watchfloor travel rings applications.csv --json
    """
    from watchfloor.desks.travel.filings import Filings
    from watchfloor.desks.travel.rings import rings as found_in
    from watchfloor.desks.travel.tables import read
    from watchfloor.formats.base import FormatError

    with busy("reading") as say:
        try:
            table = read(files)
        except FormatError as error:
            fail(str(error))
        say("looking for rings")
        filings = Filings(table.filings)
        found = found_in(filings)
    if as_json:
        print_json(_told(table, filings, found, lang))
    else:
        _print(table, filings, found, lang)
    if table.refused:
        raise typer.Exit(PARTLY)


def _told(table: "Applications", filings: "Filings", found: "list[Ring]", lang: "Language") -> dict[str, Any]:
    return {
        "rings": [_row(one, table, filings, lang) for one in found],
        "applications": len(table.filings),
        "columns": [{"column": one.column, "kind": one.kind, "taken_for": one.field} for one in table.taken],
        "left_out": table.left_out,
        "unused": table.unused,
        "refused": [{"where": one.locator, "why": one.reason} for one in table.refused],
    }


def _row(one: "Ring", table: "Applications", filings: "Filings", lang: "Language") -> dict[str, Any]:
    from watchfloor.desks.travel.messages import reasons, why
    from watchfloor.desks.travel.rings import KIND_OF

    members = [filings.all[at] for at in one.members]
    return {
        "subject": one.subject,
        "kind": KIND_OF[one.kind],
        "tie": one.kind,
        "also": [{"tie": kind, "subject": value} for kind, value in one.others],
        "how_sure": one.band,
        "bits": one.bits,
        "members": [each.id for each in members],
        "possibly_defrauded": [each.applicant for each in members],
        "why": why(one, filings, one.subject).render(lang),
        "reasons": [each.render(lang) for each in reasons(one)],
        "offices": one.offices,
        "officers": one.officers,
        "officer_notes": {each.id: table.notes[each.id] for each in members if each.id in table.notes},
    }


def _print(table: "Applications", filings: "Filings", found: "list[Ring]", lang: "Language") -> None:
    from watchfloor.core.messages import reason
    from watchfloor.desks.travel import messages
    from watchfloor.desks.travel.rings import KIND_OF
    from watchfloor.messages.catalogue import Catalogue

    words = Catalogue()

    for one in table.taken:
        said = reason(messages.TAKEN_FOR, column=one.column, field=one.field, kind=one.kind)
        err.print(said.render(lang), highlight=False, markup=False)
    for message, columns in ((messages.LEFT_OUT, table.left_out), (messages.UNUSED, table.unused)):
        if columns:
            said = reason(message, columns=", ".join(dict.fromkeys(columns)))
            err.print(said.render(lang), highlight=False, markup=False)
    heads = [reason(one).render(lang) for one in messages.COLUMNS]
    rows = (
        (
            one.subject,
            reason(messages.KINDS[KIND_OF[one.kind]]).render(lang),
            str(len(one.members)),
            words.say(f"strength.{one.band}", lang),
        )
        for one in found
    )
    title = reason(messages.HEADING, rings=len(found), applications=len(table.filings)).render(lang)
    print_table(title, heads, rows, reason(messages.NO_RING).render(lang))
    for ring in found:
        err.print("")
        err.print(messages.why(ring, filings, ring.subject).render(lang), highlight=False, markup=False)
        for each in messages.reasons(ring):
            err.print(f"  {each.render(lang)}", highlight=False, markup=False)
