"""`watchfloor feeds live`: sources that deliver by themselves, without the console, and how they stand."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli import command_log
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
    err,
    print_json,
    print_rows,
    print_table,
    reader,
)

if TYPE_CHECKING:
    from watchfloor.feeds.live.status import Line, LiveStatus
    from watchfloor.store.floor import Floor
    from watchfloor.store.log import Actor

app = typer.Typer(
    help="Sources that deliver by themselves: sockets, brokers, files that grow.", no_args_is_help=True
)

LOOKS: Final = 0.5
"""Seconds between two looks at how it stands."""
COUNTS: Final = ("received", "accepted", "duplicate", "quarantined", "withheld", "lost")
SUM: Final = "received = accepted + duplicate + quarantined + withheld; lost: never taken in"
RollOption = Annotated[
    float, typer.Option("--roll", min=1, max=3600, help="Seconds after which what came becomes deliveries.")
]


RerunOption = Annotated[
    float,
    typer.Option(
        "--rerun",
        min=0,
        max=86_400,
        help="Seconds between two runs of all desks over the floor at least, in the background; 0: none.",
    ),
]
RERUN: Final = 120.0


@app.command()
def run(
    floor: FloorOption = DEFAULT_FLOOR,
    roll: RollOption = 60,
    rerun: RerunOption = RERUN,
    check: Annotated[
        bool, typer.Option("--check", help="Check the sources in feeds.toml, say what they are, and end.")
    ] = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Take in what the sources of feeds.toml deliver, fold it, roll it into deliveries. Stops with Ctrl+C.

    `watchfloor serve --live` does the same beside the console.

    Example: watchfloor feeds live run --floor floor
    """
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    if check:
        _would(opened, as_json)
        return
    ended = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: ended.set())
    try:
        with beside(opened, acting(purpose, authority), roll, rerun, as_json=as_json):
            while not ended.wait(LOOKS):
                pass
    except KeyboardInterrupt:
        err.print("stopped; what came is on the floor", highlight=False)
    finally:
        signal.signal(signal.SIGTERM, before)


@app.command()
def status(
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show how the live sources of a floor stand; exit code 1 where one does not deliver or is wrong.

    Example: watchfloor feeds live status --floor floor
    """
    from watchfloor.feeds import config
    from watchfloor.feeds.live import status
    from watchfloor.run import published
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    known = config.load(opened.root).seen(reader(opened, purpose)).by_name
    opened.act(acting(purpose, authority), "query", {"what": "live"})
    standing = status.read(opened.root)
    lines = [one for one in standing.sources.sources if one.name in known] if standing.sources else []
    if as_json:
        print_rows([_row(one) for one in lines], "sources")
    else:
        rows = (_cells(one) for one in lines)
        heads = (
            "feed",
            "state",
            "received",
            "accepted",
            "duplicate",
            "quarantined",
            "withheld",
            "lost",
            "per s",
        )
        print_table(
            SUM, heads, rows, f"nothing runs live on {floor}: watchfloor serve --live --floor {floor}"
        )
    refused = published.read(opened.root, reader(opened, purpose), "refused", opened.now())
    problems = [
        *_problems(standing),
        *(f"{one.name}: {one.clock}" for one in lines if one.clock),
        *map(_not_tracked, refused.to_pylist() if refused else ()),
    ]
    for problem in problems:
        err.print(problem, markup=False, highlight=False)
    if any(one.state in ("waiting", "failed", "refused") for one in lines) or problems:
        raise typer.Exit(PARTLY)


@contextmanager
def beside(opened: "Floor", actor: "Actor", roll: float, rerun: float, *, as_json: bool) -> Iterator[None]:
    """Run the live floor for as long as the block; each change of how a source stands is told."""
    from watchfloor.casework.live_worker import Orders, Worker
    from watchfloor.feeds.live.ingestion import Rolls

    live_feeds(opened)
    worker = Worker(Orders(opened.root, actor, Rolls(seconds=roll), rerun=rerun))
    ended = threading.Event()
    teller = threading.Thread(target=_tell, args=(opened.root, worker.look, ended, as_json), daemon=True)
    teller.start()
    began = time.time()
    try:
        yield
    finally:
        ended.set()
        teller.join()
        worker.stop()
        log_counts(opened.root, began)


def log_counts(root: Path, began: float) -> None:
    """Tell the operators' log what came since a moment, when the live floor began."""
    from watchfloor.feeds.live import status

    sources = status.read(root).sources
    if sources is not None and sources.at >= began:
        for one in sources.sources:
            command_log.count(**{name: getattr(one, name) for name in COUNTS})


def live_feeds(opened: "Floor") -> Mapping[str, Any]:
    """The feeds that deliver by themselves.

    Raises:
        WrongCall: there is none.
        SettingsError: they cannot be taken in so, or no alert could be raised by these rules.
    """
    from watchfloor.casework.watch import alerting
    from watchfloor.cell.weighing.weights import load
    from watchfloor.feeds import config, privacy
    from watchfloor.store.errors import WrongCall

    privacy.load(opened.root)
    alerting.rules(opened.root, load())
    found = {name: feed.live for name, feed in config.load(opened.root).by_name.items() if feed.live}
    if not found:
        raise WrongCall(
            f"no feed of {opened.root / config.NAME} delivers by itself: describe one under "
            '[feeds.NAME.live], with url = "udp://127.0.0.1:5000" and decode = "detection-csv"'
        )
    return found


def _tell(root: Path, look: Callable[[], str], ended: threading.Event, as_json: bool) -> None:
    """Say what changes, until it has ended."""
    from watchfloor.feeds.live import status

    known: dict[str, tuple[str, str]] = {}
    began = time.time()
    while not ended.wait(LOOKS):
        if died := look():
            err.print(died, markup=False, highlight=False)
        standing = status.read(root)
        if standing.sources is None or standing.sources.at < began:
            continue
        for one in standing.sources.sources:
            if known.get(one.name) != (one.state, one.detail):
                known[one.name] = one.state, one.detail
                _changed(one, as_json)
        for part in ("sources", "rolling", "folding", "rerunning", "alerting"):
            problem = getattr(getattr(standing, part), "problem", "")
            if known.get(f" {part}", ("", ""))[0] != problem:
                known[f" {part}"] = problem, ""
                err.print(problem or f"{part}: all is well again", markup=False, highlight=False)


def _changed(one: "Line", as_json: bool) -> None:
    if as_json:
        print_json(_row(one))
        return
    detail = f": {one.detail}" if one.detail else ""
    err.print(f"live: {one.name}: {one.state}, {one.url}{detail}", markup=False, highlight=False)


def _row(one: "Line") -> dict[str, Any]:
    import msgspec

    row: dict[str, Any] = msgspec.structs.asdict(one)
    return row


def _cells(one: "Line") -> tuple[str, ...]:
    counts = [getattr(one, name) for name in COUNTS]
    state = f"{one.state}: {one.detail}" if one.detail else one.state
    return one.name, state, *(f"{count:,}" for count in counts), f"{one.rate:,.0f}"


def _problems(standing: "LiveStatus") -> list[str]:
    parts = standing.sources, standing.rolling, standing.folding, standing.rerunning, standing.alerting
    return [part.problem for part in parts if part is not None and part.problem]


def _not_tracked(row: Mapping[str, Any]) -> str:
    """Reports of a sensor that were taken in as evidence and are on no track."""
    return (
        f"sensor {row['sensor']}: {row['count']:,} reports are on no track, the last received "
        f"{row['until']:%H:%M:%SZ}: {row['reason']}"
    )


def _would(opened: "Floor", as_json: bool) -> None:
    """Print the sources to take in; raises what is wrong with the settings."""
    from watchfloor.feeds.live import address

    found = live_feeds(opened)
    rows = [(name, address.parse(one.url).shown, one.decode) for name, one in found.items()]
    if as_json:
        print_rows([{"feed": name, "url": url, "decode": decode} for name, url, decode in rows], "sources")
    else:
        print_table("Would be taken in", ("feed", "where", "read as"), rows, "")
