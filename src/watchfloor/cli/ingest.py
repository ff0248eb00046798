"""`watchfloor ingest`: files, folders and archives onto the floor."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchfloor.cli import command_log
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    MISSING,
    PARTLY,
    AuthorityOption,
    EncodingOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    busy,
    counted,
    err,
    fail,
    of_error,
    print_json,
    print_table,
    publish_new,
    reader,
)

if TYPE_CHECKING:
    from watchfloor.feeds.intake import Check, CommittedDelivery, Orders, Progress, Tally
    from watchfloor.feeds.walk import Aside
    from watchfloor.store import Account, Floor

EMPTY = "nothing was taken in"
SUM = "received = accepted + duplicate + quarantined + withheld"

WholeOption = Annotated[
    bool, typer.Option("--whole", help="The lists in it are whole, though more than half of one would leave.")
]


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files, folders, gzip files and zip archives.")],
    floor: FloorOption = DEFAULT_FLOOR,
    source: Annotated[str | None, typer.Option(help="The feed they come from.")] = None,
    form: Annotated[
        str | None, typer.Option("--format", help="Their format, if it shall not be found out.")
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help="A mapping of columns, as `watchfloor feeds map` writes it.")
    ] = None,
    marking: Annotated[
        str | None, typer.Option(help="Who may see the records, such as PB//TLP:AMBER.")
    ] = None,
    encoding: EncodingOption = None,
    whole: WholeOption = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Take files in; ends with received = accepted + duplicate + quarantined + withheld.

    Exit codes: 0 all accepted, or there already; 1 something was quarantined, withheld or left aside.

    Example: watchfloor ingest deliveries/ lists.zip --floor floor
    """
    from watchfloor.feeds import config
    from watchfloor.feeds.intake import Turns, ingest_all, tally
    from watchfloor.policy.terms import undefined
    from watchfloor.store import Floor
    from watchfloor.store.lock import PATIENCE

    for path in paths:
        if not path.exists() and not path.is_symlink():
            fail(f"{path} does not exist", MISSING)
    orders = orders_of(source, form, mapping, marking, whole=whole, encoding=encoding)
    opened = Floor.open(floor)
    feeds = config.load(opened.root)
    orders = replace(orders, checks=checks(opened, purpose))
    actor = acting(purpose, authority)
    first = opened.writer(actor)  # who cannot write now is told before anything is read
    with Turns(partial(opened.writer, actor, PATIENCE), first) as turns, progress() as shown:
        if orders.marking and (wrong := undefined(first.terms, orders.marking)):
            fail(f"--marking {orders.marking}: {wrong.render()}")
        seen: Counter[str] = Counter()
        sums = tally(reported(one, as_json, seen) for one in ingest_all(turns, paths, feeds, orders, shown))
    publish_new(opened)
    for note, count in seen.items():
        if count > 1:
            more = counted(count - 1, "delivery", "deliveries")
            err.print(f"note: {more} more: {note}", markup=False, highlight=False)
    if as_json:
        print_json(
            {"total": sums.total._asdict(), "feeds": {n: a._asdict() for n, a in sums.feeds().items()}}
        )
    else:
        print_accounts(sums.feeds())
    _advise(sums, floor)
    if not sums.whole:
        raise typer.Exit(PARTLY)


def orders_of(
    source: str | None,
    form: str | None,
    mapping: Path | None,
    marking: str | None = None,
    *,
    whole: bool = False,
    encoding: str | None = None,
) -> "Orders":
    """Return the orders of the command line, checked before anything is read."""
    from msgspec import structs

    from watchfloor.core.marking import parse
    from watchfloor.feeds.config import check_source
    from watchfloor.feeds.intake import Orders
    from watchfloor.formats.encoding.charset import checked
    from watchfloor.formats.registry import FORMATS, REFUSED
    from watchfloor.formats.settings import nearest
    from watchfloor.formats.tabular.mapping import load

    if form and mapping:
        fail("--format and --mapping exclude each other: a mapping is a format")
    if form and form not in FORMATS:
        fail(f"--format: {REFUSED.get(form) or f'{form!r} is no format{nearest(form, FORMATS)}'}")
    try:
        mapped = load(mapping) if mapping else None
        return Orders(
            check_source(source) if source else None,
            form,
            structs.replace(mapped, encoding=encoding) if mapped and encoding else mapped,
            parse(marking) if marking else None,
            whole,
            checked(encoding) if encoding else None,
        )
    except OSError as error:
        fail(f"--mapping: {mapping} cannot be read: {error.strerror or error}", of_error(error))
    except ValueError as error:
        fail(str(error))


def checks(opened: "Floor", purpose: str) -> "dict[str, Check]":
    """Return the checks of rows before they are taken in, by kind."""
    from watchfloor.cell.learning.outcome_entry import checks
    from watchfloor.cell.weighing.weights import load

    return checks(opened, reader(opened, purpose), load(), opened.now())


@contextmanager
def progress() -> "Iterator[Progress]":
    """A line that says what is being read; on a terminal only."""
    with busy("looking") as say:
        yield lambda name, rows: say(f"{name}: {rows:,} rows")


def print_accounts(feeds: "dict[str, Account]", empty: str = EMPTY) -> None:
    """The sum of each feed as a table, and of all where there are several."""
    from watchfloor.feeds.intake import NOTHING, added
    from watchfloor.store import Account

    rows = list(feeds.items())
    if len(rows) > 1:
        total = NOTHING
        for account in feeds.values():
            total = added(total, account)
        rows.append(("total", total))
    heads = ("feed", *Account._fields)
    print_table(SUM, heads, ((name, *(f"{count:,}" for count in account)) for name, account in rows), empty)


def reported(
    one: "CommittedDelivery | Aside", as_json: bool, seen: "Counter[str] | None" = None
) -> "CommittedDelivery | Aside":
    """Say of each delivery what needs saying, when it is done; a note that was `seen` is counted only."""
    from watchfloor.feeds.walk import Aside

    if isinstance(one, Aside):
        if not one.harmless or "empty" in one.reason:
            err.print(f"left aside: {one.name}: {one.reason}", markup=False, highlight=False)
        if as_json:
            print_json({"aside": one.name, "reason": one.reason, "harmless": one.harmless})
        return one
    command_log.count(**one.account._asdict())
    for note in one.notes:
        if seen is None or not seen[note]:
            err.print(f"note: {one.name}: {note}", markup=False, highlight=False)
        if seen is not None:
            seen[note] += 1
    if as_json:
        about = {"source": one.source, "format": one.format, "position": one.position, "notes": one.notes}
        print_json({"delivery": one.name, **about, **one.account._asdict(), "reasons": one.withheld})
    return one


def tell_withheld(sums: "Tally") -> None:
    """Say of each reason how many rows are not kept for it."""
    for reason, count in sums.withheld.items():
        err.print(f"{counted(count, 'row')} withheld: {reason}", markup=False, highlight=False)


def _advise(sums: "Tally", floor: Path) -> None:
    """Print the next steps, where something was not taken in."""
    left = [one for one in sums.aside if not one.harmless]
    if left:
        files = "file was" if len(left) == 1 else "files were"
        err.print(f"{len(left)} {files} left aside, see above", highlight=False)
    if sums.total.quarantined:
        err.print(
            f"Why pieces are in quarantine: watchfloor feeds quarantine list --floor {floor}", highlight=False
        )
    tell_withheld(sums)
