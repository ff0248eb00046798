"""`lists concern`: exporters of concern, as they stand; signed for a peer; and taken in from one."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.acting import writing
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
    counted,
    err,
    print_json,
    print_rows,
    print_table,
    reader,
    who,
)
from watchfloor.cli.moments import day
from watchfloor.cli.share.bundle_words import gateways_of, lawfully, reasons, unused

if TYPE_CHECKING:
    from watchfloor.exchange.concern import Paper

app = typer.Typer(
    help="Exporters of concern: assertions with their source, their end and their reason.",
    no_args_is_help=True,
)

HEADS = ("id", "name", "asserted by", "from", "until", "why", "numbers")


@app.command("list")
def list_(
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="The day asked for; today.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Those that do not stand on the day too.")] = False,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List the assertions that stand on a day. They come as files: `watchfloor ingest concern.csv`.

    Example: watchfloor lists concern list --on 2026-11-26
    """
    from watchfloor.exchange import concern
    from watchfloor.store.floor import Floor

    opened, when = Floor.open(floor), day(on, "--on")
    asked = reader(opened, purpose)
    found = concern.every(opened, asked) if every else concern.standing(opened, asked, when)
    about = {"what": "exporters of concern", "on": when.isoformat(), "rows": len(found)}
    opened.act(acting(purpose, authority), "query", about)
    if as_json:
        print_rows((_plain(row, when) for row in found), "assertions")
        return
    lines = (_line(row) for row in found)
    print_table(f"Exporters of concern on {when}", HEADS, lines, f"No assertion stands on {when}.")


@app.command()
def export(
    to: Annotated[str, typer.Option("--to", help="The peer.")],
    gateway: Annotated[str, typer.Option("--gateway", help="Its id; `watchfloor gateway list` has all.")],
    test: Annotated[str, typer.Option("--test", help="Why the gateway's test is met, in your words.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="File.")],
    accuracy: Annotated[
        str, typer.Option("--accuracy", help="How accurate it is, and how reliably it was obtained.")
    ] = "",
    basis: Annotated[
        str, typer.Option("--basis", help="The request, order, arrangement or code it rests on.")
    ] = "",
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Sign the assertions that stand today, or were withdrawn, and may go to a peer; say what may not.

    Example: watchfloor lists concern export --to cell --gateway customs-107-4-c --test "needed to examine the
    consignments named" -o exporters.list
    """
    from watchfloor.actions.base import new_file
    from watchfloor.exchange import concern
    from watchfloor.exchange.bundles import peers
    from watchfloor.exchange.risk import risk_check
    from watchfloor.policy.gateway_table import pick
    from watchfloor.policy.gateways import Statement
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    one = pick(gateways_of(opened), gateway)
    unused(out, "-o")
    stated = Statement(test, who(), one.purpose, accuracy, basis)
    with lawfully(lang), busy("signing"), writing(opened, purpose, authority) as writer:
        peer = peers.peer_of(peers.known(opened), to)
        check, now = risk_check(opened, peer.name), datetime.now(UTC)
        made = concern.make(opened, writer, reader(opened, purpose), peer, one, stated, now, check)
        with new_file(out, made.text.encode()):
            pass
    if as_json:
        stays = [item.stored() for item in made.withheld]
        print_json({"file": str(out), "to": to, "gateway": gateway, "rows": made.rows, "withheld": stays})
        return
    err.print(f"{counted(made.rows, 'assertion')} for {to}, through {gateway}: {out}", markup=False)
    for sentence, rows in reasons(made.withheld, lang).items():
        err.print(f"{counted(rows, 'assertion')} withheld: {sentence}", markup=False, highlight=False)


@app.command()
def receive(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    only_check: Annotated[
        bool, typer.Option("--check", help="Say whose it is and what is in it; keep nothing.")
    ] = False,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Check the signature of a peer's list and keep its assertions, as that peer's.

    Example: watchfloor lists concern receive exporters.list --check
    """
    from watchfloor.exchange import concern
    from watchfloor.store.floor import Floor

    opened, data = Floor.open(floor), file.read_bytes()
    actor = acting(purpose, authority)
    with lawfully(lang, opened, actor, file.name, data):
        paper, peer = concern.check(opened, data, file.name, gateways_of(opened), datetime.now(UTC))
        kept = "not kept"
        if only_check:
            opened.act(actor, "query", {"what": "list of exporters of concern", "rows": paper.rows})
        else:
            with writing(opened, purpose, authority) as writer:
                taken = concern.receive(opened, writer, paper, data, file.name)
            kept = f"{taken.account.accepted} new, {taken.account.duplicate} here before"
    _told(paper, peer.name, kept, as_json)


def _told(paper: "Paper", sender: str, kept: str, as_json: bool) -> None:
    """Print a list's content and its sender."""
    from watchfloor.exchange.concern import rows_of

    rows = rows_of(paper)
    if as_json:
        about = {"from": sender, "made": paper.made, "gateway": paper.gateway, "kept": kept}
        print_json(about | {"rows": paper.rows, "assertions": [_plain(row, paper.made) for row in rows]})
        return
    title = f"signed by {sender} on {paper.made}, through {paper.gateway}: {kept}"
    print_table(title, HEADS, (_line(row) for row in rows), title)


def _last(row: dict[str, Any]) -> date:
    """The last day on which it stands."""
    ceased: date = row["ceased"]
    return ceased - timedelta(days=1)


def _numbers(row: dict[str, Any]) -> list[str]:
    return [f"{one['system']} {one['number']}" for one in row["identifiers"] or ()]


def _line(row: dict[str, Any]) -> tuple[object, ...]:
    numbers = "; ".join(_numbers(row))
    return row["entity_id"], row["name"], row["title"], row["listed_on"], _last(row), row["remarks"], numbers


def _plain(row: dict[str, Any], when: date) -> dict[str, Any]:
    """One assertion as JSON."""
    return {
        "id": row["entity_id"],
        "name": row["name"],
        "names": [one["text"] for one in row["names"]],
        "schema": row["schema"],
        "source": row["title"],
        "asserted": row["listed_on"],
        "expires": _last(row),
        "stands": row["listed_on"] <= when < row["ceased"],
        "why": row["remarks"],
        "identifiers": row["identifiers"] or [],
        "delivered_by": row.get("source"),
    }
