"""`watchfloor quarantine`: what could not be read, why, and reading it again."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.acting import minute
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    PARTLY,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    busy,
    counted,
    err,
    print_json,
    print_rows,
    print_table,
    reader,
)
from watchfloor.cli.ingest import WholeOption

if TYPE_CHECKING:
    from watchfloor.store.ledger import Quarantined

app = typer.Typer(help="What could not be read, why, and reading it again.", no_args_is_help=True)

FeedOption = Annotated[str | None, typer.Option("--feed", help="Only of this feed.")]
SHOWN = 160


@app.command("list")
def list_(
    floor: FloorOption = DEFAULT_FLOOR,
    feed: FeedOption = None,
    all_: Annotated[bool, typer.Option("--all", help="Also what was read since.")] = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List pieces in quarantine, each with its reason and how often its delivery came.

    Under `newer` stands when that feed delivered a file of that name with other content since: it may hold
    the piece corrected. The piece stays, for a file of that name may as well be another day's. A piece's
    number is its place among those that you may see.

    Example: watchfloor quarantine list --feed parcels
    """
    from watchfloor.feeds.quarantine import newer, numbered
    from watchfloor.store import Floor

    opened = Floor.open(floor)
    mine = reader(opened, purpose)
    held = opened.quarantine(feed, unresolved=not all_, reader=mine)
    detail = {"what": "quarantine", "feed": feed, "pieces": len(held)}
    opened.act(acting(purpose, authority), "query", detail | {"shown": [piece.id for piece in held]})
    numbers = {piece.id: number for number, piece in numbered(opened, mine).items()}
    since = {id_: one.at for id_, one in newer(opened, held, set(opened.seen(mine))).items()}
    if as_json:
        print_rows(
            (_about(piece, numbers[piece.id]) | {"newer": since.get(piece.id)} for piece in held), "pieces"
        )
        return
    rows = (
        (
            numbers[piece.id],
            piece.source,
            piece.name,
            piece.came,
            minute(since.get(piece.id)),
            piece.locator,
            piece.reason,
        )
        for piece in held
    )
    heads = ("id", "feed", "delivery", "came", "newer", "where", "why")
    print_table("", heads, rows, "nothing that you may see is in quarantine")
    if since:
        err.print(
            "newer: when a file of that name came again. If it corrects the piece, nothing is to do",
            highlight=False,
        )


@app.command()
def show(
    number: Annotated[int, typer.Argument(metavar="ID", help="As `quarantine list` gives it.")],
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show one piece with its bytes.

    Example: watchfloor quarantine show 17
    """
    from watchfloor.feeds.quarantine import numbered
    from watchfloor.store import Floor
    from watchfloor.store.ledger import no_piece

    opened = Floor.open(floor)
    pieces = numbered(opened, reader(opened, purpose))
    if number not in pieces:
        raise no_piece(number)
    piece = pieces[number]
    opened.act(acting(purpose, authority), "query", {"what": "quarantine", "piece": piece.id})
    about = _about(piece, number)
    if as_json:
        print_json(about)
        return
    for word in ("id", "feed", "delivery", "came", "marking", "where", "why", "resolved"):
        if about[word] not in (None, False):
            typer.echo(f"{word:>9}  {about[word]}")
    typer.echo(f"{'piece':>9}  {about['piece'] if piece.raw else 'see the delivery itself'}")


@app.command()
def retry(
    floor: FloorOption = DEFAULT_FLOOR,
    feed: FeedOption = None,
    form: Annotated[str | None, typer.Option("--format", help="The format to read them with.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="A mapping to read them with.")] = None,
    whole: WholeOption = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Read what is in quarantine again, with today's reader, settings or mapping.

    Exit codes: 0 quarantine (of the feed) is empty now; 1 something is still in it.

    Example: watchfloor quarantine retry --feed parcels --mapping parcels.toml
    """
    from watchfloor.cli.ingest import checks, orders_of, print_accounts, tell_withheld, told
    from watchfloor.feeds import config
    from watchfloor.feeds.intake import Turns, tally
    from watchfloor.feeds.rereading import retry
    from watchfloor.store import Floor
    from watchfloor.store.lock import PATIENCE

    orders = orders_of(None, form, mapping, whole=whole)
    opened = Floor.open(floor)
    orders = replace(orders, checks=checks(opened, purpose))
    feeds = config.load(opened.root)
    waiting = opened.quarantine(feed, reader=reader(opened, purpose))
    actor = acting(purpose, authority)
    first = opened.writer(actor)  # who cannot write now is told before anything is read
    with Turns(partial(opened.writer, actor, PATIENCE), first) as turns, busy("reading again"):
        sums = tally(told(one, as_json) for one in retry(opened, turns, feeds, orders, waiting))
    left = len(opened.quarantine(feed, reader=reader(opened, purpose)))
    if as_json:
        print_json({"total": sums.total._asdict(), "left": left})
    else:
        print_accounts(sums.feeds(), "nothing in quarantine reads now")
    tell_withheld(sums)
    are = "is" if left == 1 else "are"
    err.print(f"{counted(left, 'piece')} {are} left in quarantine", highlight=False)
    if left:
        raise typer.Exit(PARTLY)


def _about(piece: "Quarantined", number: int) -> dict[str, Any]:
    from watchfloor.feeds.quarantine import text_of

    return {
        "id": number,
        "feed": piece.source,
        "delivery": piece.name,
        "came": piece.came,
        "marking": piece.marking,
        "where": piece.locator,
        "why": piece.reason,
        "rest": piece.rest,
        "resolved": piece.resolved is not None,
        "piece": None if piece.raw is None else text_of(piece.raw),
    }
