"""`watchfloor partnership boundary`: what of a case other banks know as well, as files to match."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from watchfloor.cli.acting import refusals
from watchfloor.cli.bundle_words import unused
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
    counted,
    err,
    print_rows,
    print_table,
    reader,
)

app = typer.Typer()


@app.command()
def boundary(
    to: Annotated[str, typer.Option("--to", help="The peer, a participant of the code.")],
    account: Annotated[
        list[str] | None,
        typer.Option("--account", help="An account of the case; again. None: all that finance speaks of."),
    ] = None,
    code: Annotated[str | None, typer.Option("--code", help="Id of the code of practice.")] = None,
    subjects: Annotated[
        Path | None, typer.Option("--subjects", help="Write the subjects here, one a line.")
    ] = None,
    fields: Annotated[Path | None, typer.Option("--fields", help="Write their fields here, as CSV.")] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show the payments of a case that leave this bank, and the accounts abroad that they pay.

    These are what another bank knows as well. The two files are what `offer` and `match` take; nothing is
    sent. Fields are those of the code that the ledger can answer: links, comes_from, pass_through, senders,
    total.

    Example: watchfloor partnership boundary --to bank-b --subjects edges.txt --fields edges.csv
    """
    from watchfloor.exchange import peers
    from watchfloor.exchange.partnership import codes
    from watchfloor.exchange.partnership import fields as valued
    from watchfloor.exchange.partnership.boundary import boundary as found_at
    from watchfloor.exchange.partnership.boundary import spoken_of
    from watchfloor.exchange.partnership.sets import normal
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    seeing = reader(opened, purpose)
    unused(subjects, "--subjects")
    unused(fields, "--fields")
    with refusals(lang):
        peer, terms = peers.peer_of(peers.known(opened), to), codes.standing(opened, code)
        given = [normal(one) for one in account] if account else spoken_of(opened, seeing)
        found = found_at(opened, seeing, peer, terms, given, datetime.now(UTC).date())
    detail = {"what": "boundary", "words": peer.name, "rows": len(found.subjects), "shown": sorted(given)}
    opened.act(acting(purpose, authority), "query", detail)
    if subjects is not None:
        subjects.write_text("".join(f"{one}\n" for one in found.subjects), encoding="utf-8", newline="\n")
    if fields is not None:
        fields.write_text(valued.dump(found.fields, terms.file.fields), encoding="utf-8", newline="\n")
    rows = [{"subject": one, **found.fields[one]} for one in found.subjects]
    if as_json:
        print_rows(rows, "subjects")
        return
    empty = f"None of {counted(len(given), 'account')} has a payment that leaves this bank."
    lines = [(row["subject"], _told(row)) for row in rows]
    print_table("What other banks know as well", ("subject", "fields"), lines, empty)
    if rows:
        err.print(f"{counted(len(rows), 'subject')} of {counted(len(given), 'account')}", highlight=False)


def _told(row: dict[str, Any]) -> str:
    values = ((name, value) for name, value in row.items() if name != "subject")
    return "; ".join(f"{name} {len(value) if isinstance(value, list) else value}" for name, value in values)
