"""`watchfloor feeds taxii`: a collection of somebody else's TAXII server, onto the floor."""

import os
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

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
)
from watchfloor.core.messages import declare

NO_KEY = declare("taxii.pull-no-key", "where")
OPEN_KEY = declare("taxii.pull-open-key", "file")


def taxii(
    url: Annotated[str, typer.Argument(help="Address of the server, an API root or a collection.")],
    feed: Annotated[str, typer.Option(help="The feed that it is here.")],
    floor: FloorOption = DEFAULT_FLOOR,
    collection: Annotated[str, typer.Option(help="Id, alias or title of the collection.")] = "",
    user: Annotated[str, typer.Option(help="Name to sign in as; without, the key is a bearer token.")] = "",
    key_env: Annotated[str, typer.Option(help="Variable of the environment with the key.")] = "",
    key_file: Annotated[
        Path | None, typer.Option(help="File with the key, closed to other accounts.")
    ] = None,
    marking: Annotated[
        str | None, typer.Option(help="Who may see the records, such as PB//TLP:AMBER.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Objects of a page.")] = 5_000,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Pull a TAXII 2.1 collection from where the last pull of the feed ended; what has come is kept.

    Exit codes: 0 all accepted, or there already; 1 something was quarantined, withheld or left aside.

    Example: watchfloor feeds taxii https://taxii.example/taxii2/ --feed partner-a --user cell --key-env KEY
    """
    from watchfloor.cli.ingest import orders_of, print_accounts, reported, tell_withheld
    from watchfloor.exchange.taxii.client import Pull, Remote, keep, place_of
    from watchfloor.feeds import config
    from watchfloor.feeds.intake import Turns, ingest_each, tally
    from watchfloor.feeds.walk import in_memory
    from watchfloor.store import Floor
    from watchfloor.store.lock import PATIENCE

    orders = replace(orders_of(feed, None, None, marking), format="stix")
    opened = Floor.open(floor)
    feeds, actor = config.load(opened.root), acting(purpose, authority)
    remote = Remote(url, user, _key(key_env, key_file))
    first = opened.writer(actor)  # who cannot write is told before anything is asked for
    seen: Counter[str] = Counter()
    taken, pages, repeated = [], 0, 0
    with Turns(partial(opened.writer, actor, PATIENCE), first) as turns, busy("pulling") as say:
        turns.rest()
        pull = Pull(remote, place_of(opened, feed, remote.collection(collection)), limit)
        for part in pull.parts():
            pages, repeated = pages + part.pages, repeated + part.repeated
            if part.objects:
                name = f"{pull.place.collection} after {part.place.after or 'the first'}"
                items = [in_memory(name, "envelope.json", part.envelope)]
                taken += [reported(one, as_json, seen) for one in ingest_each(turns, items, feeds, orders)]
            keep(opened, feed, part.place)
            turns.rest()
            say(f"pulling: {counted(pages, 'page')}")
    sums = tally(taken)
    if as_json:
        told = {"total": sums.total._asdict(), "pages": pages, "repeated": repeated}
        print_json(told | {"after": place_of(opened, feed, pull.place.collection).after})
    else:
        print_accounts(sums.feeds(), "nothing new")
    tell_withheld(sums)
    if repeated:
        err.print(f"{counted(repeated, 'object')} came more than once, and counted once", highlight=False)
    if not sums.whole:
        raise typer.Exit(PARTLY)


def _key(variable: str, file: Path | None) -> str:
    """Return the key, from the environment or a file: a list of processes shows neither. Raises `Refusal`."""
    from watchfloor.cell.acts import refuse
    from watchfloor.store.files import exposed

    if file is None and not variable:
        return ""
    if file is not None and exposed(file):
        refuse(OPEN_KEY, file=str(file))
    key = (file.read_text("utf-8") if file is not None else os.environ.get(variable, "")).strip()
    if not key or not key.isprintable():
        refuse(NO_KEY, where=str(file or variable))
    return key
