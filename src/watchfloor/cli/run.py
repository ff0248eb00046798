"""`watchfloor run`: every desk over the floor's evidence."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchfloor.cli import command_log
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    MISSING,
    PARTLY,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    busy,
    counted,
    err,
    fail,
    print_rows,
    print_table,
    publish_new,
    reader,
)

if TYPE_CHECKING:
    from watchfloor.run.runner import Runner
    from watchfloor.store.floor import Floor


OnOption = Annotated[
    str | None,
    typer.Option(
        "--on",
        help="Where the folds run: inline, pool, sail, or the sc:// address of Spark. [default: inline]",
    ),
]
SharedOption = Annotated[
    str | None,
    typer.Option(
        "--shared",
        help="What this machine and a cluster's workers share: file://, s3a://, abfss://, hdfs://.",
    ),
]

TOLD: Final = 20
"""Lines left aside that are told at most."""


def run(
    floor: FloorOption = DEFAULT_FLOOR,
    desk: Annotated[str | None, typer.Option("--desk", help="Only this desk.")] = None,
    on: OnOption = None,
    shared: SharedOption = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Read all evidence anew, whatever earlier runs have found.")
    ] = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Run the desks over all evidence and keep what they make of it.

    A desk for which nothing is new is left as it is; one whose evidence falls into parts goes on from its
    last run with what is new. The answer is that of a run over everything, byte for byte.

    Exit code 1: a line of the floor's own files, such as its exchange rates, was left aside.

    Example: watchfloor run --floor floor --desk listings
    """
    from watchfloor.casework.watch.alerting import raise_alerts
    from watchfloor.cell.rerun import rerun
    from watchfloor.desks.registry import desks
    from watchfloor.feeds.references import left_aside
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    mine = reader(opened, purpose)
    if desk is not None and desk not in desks():
        fail(f"there is no desk {desk!r}; the desks are {', '.join(desks())}", MISSING)
    with (
        busy("running the desks") as say,
        running(opened, on, shared, say) as runner,
        opened.writer(acting(purpose, authority)) as writer,
    ):
        done = rerun(opened, writer, mine, only=(desk,) if desk else (), runner=runner, fresh=fresh)
    raised = raise_alerts(opened, acting(purpose, authority))
    publish_new(opened)
    command_log.count(signals=sum(sum(one.standing.values()) for one in done))
    _tell_unscreened(opened, purpose)
    if raised:
        err.print(f"rules of watch.toml: {counted(raised, 'line')} in the log of the watch", highlight=False)
    aside = left_aside(opened)
    for said in aside[:TOLD]:
        err.print(f"left aside: {said}", markup=False, highlight=False)
    if len(aside) > TOLD:
        err.print(f"left aside: {len(aside) - TOLD:,} more", highlight=False)
    if as_json:
        print_rows((one._asdict() for one in done), "runs")
    else:
        print_table(
            "Runs",
            ("desk", "version", "standing", "as of position", "read"),
            [(one.desk, one.version, _counts(one.standing), one.position, one.read) for one in done],
            "No desk is installed.",
        )
        if done and all(one.read == "none" for one in done):
            err.print("nothing is new since the last run; to run over everything: --fresh", highlight=False)
    if aside:
        raise typer.Exit(PARTLY)


def _tell_unscreened(opened: "Floor", purpose: str) -> None:
    """Name feeds whose parties no desk screens, so that nobody takes an empty queue for a clean one."""
    from watchfloor.feeds.references import references

    screened = set(references(opened)["screening"].column("source").to_pylist())
    sources = opened.read("party", reader(opened, purpose), columns=["source"])["source"].value_counts()
    for source, count in sorted((one["values"], one["counts"]) for one in sources.to_pylist()):
        if source not in screened:
            what = f"{source}, {counted(count, 'record')} of parties"
            where = f"[feeds.{source}.screen] in {opened.root / 'feeds.toml'}"
            told = f"not screened: {what}. To screen it, state necessity and authority under {where}"
            err.print(told, markup=False, highlight=False)


@contextmanager
def running(
    opened: "Floor", on: str | None, shared: str | None, said: "Callable[[str], None]" = lambda _: None
) -> "Iterator[Runner]":
    """Yield the runner of that name, else of the floor's settings; it is closed when the work is done."""
    on = on or opened.settings.on or "inline"
    if on == "inline":
        from watchfloor.run.inline import INLINE

        yield INLINE
    elif on == "pool":
        from watchfloor.run.pool import Pool

        with Pool() as pool:
            yield pool
    elif on == "sail":
        from watchfloor.run.spark.connect import sail

        with sail() as runner:
            yield runner
    elif on.startswith("sc://"):
        from watchfloor.run.spark.connect import Connect
        from watchfloor.run.spark.share import NO_SHARE, ClusterError

        if not (url := shared or opened.settings.shared):
            raise ClusterError(NO_SHARE)
        with Connect(on, url, say=lambda reason: said(str(reason))) as runner:
            yield runner
    else:
        fail(f"--on {on!r}: write inline, pool, sail, or an address such as sc://host:15002")


def _counts(standing: dict[str, int]) -> str:
    return ", ".join(counted(count, kind) for kind, count in standing.items())
