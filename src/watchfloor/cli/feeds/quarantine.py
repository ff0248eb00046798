"""`watchfloor feeds quarantine`: what could not be read, why, and reading it again."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from watchfloor.cli import face
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
    reader,
)
from watchfloor.cli.ingest import WholeOption

app = face.group("quarantine", "feeds", "What could not be read, why, and reading it again.", "quarantine")


@app.command()
def retry(
    floor: FloorOption = DEFAULT_FLOOR,
    feed: Annotated[str | None, typer.Option(help="Only of this feed.")] = None,
    form: Annotated[str | None, typer.Option("--format", help="The format to read them with.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="A mapping to read them with.")] = None,
    whole: WholeOption = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Read what is in quarantine again, with today's reader, settings or mapping.

    Exit codes: 0 quarantine (of the feed) is empty now; 1 something is still in it.

    Example: watchfloor feeds quarantine retry --feed parcels --mapping parcels.toml
    """
    from watchfloor.cli.ingest import checks, orders_of, print_accounts, reported, tell_withheld
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
        sums = tally(reported(one, as_json) for one in retry(opened, turns, feeds, orders, waiting))
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
