"""`watchfloor floor standby`: a copy that follows a floor from a shared folder, and takes its place."""

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    OK,
    PARTLY,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    err,
    print_json,
    supervising,
)

if TYPE_CHECKING:
    from watchfloor.store.standby.following import Follower

app = typer.Typer(
    help="A copy that follows a floor from a shared folder, and takes its place.", no_args_is_help=True
)

PAUSE = 0.2
"""Seconds between two looks at what was shipped."""
SourceArgument = Annotated[
    Path, typer.Argument(metavar="FOLDER", exists=True, file_okay=False, help="Where the primary ships to.")
]
KeyOption = Annotated[
    Path, typer.Option(exists=True, dir_okay=False, help="The key file that the primary ships to.")
]
OnceOption = Annotated[bool, typer.Option("--once", help="Do what there is, and end.")]


@app.command()
def ship(floor: FloorOption = DEFAULT_FLOOR, once: OnceOption = False, as_json: JsonOption = False) -> None:
    """Ship a floor to the folder that its standby.toml names, until stopped; `serve` does so by itself.

    Example: watchfloor floor standby ship --once --floor floor
    """
    from watchfloor.store.floor import Floor
    from watchfloor.store.standby.shipping import Shipper

    opened = Floor.open(floor)
    supervising(opened)
    shipper = Shipper(opened)
    if once:
        while shipper.ship():
            pass
        shipper.close()
    else:
        shipper.run(_until_stopped())
    if as_json:
        print_json({"floor": floor, "position": shipper.position})
    else:
        typer.echo(f"{floor}: shipped up to position {shipper.position} of the log")


@app.command()
def follow(
    source: SourceArgument,
    key: KeyOption,
    floor: FloorOption = DEFAULT_FLOOR,
    signer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME+HASH+KEY",
            help="The public key that must sign, as `watchfloor share node show` prints it. "
            "Without it that of the first base is taken.",
        ),
    ] = None,
    once: OnceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Follow a floor into a folder of its own, which is no floor until it is promoted. Stops with Ctrl+C.

    Each bundle is checked: signature, root of the log, and that the log only grew. A fork ends it with 5.

    Example: watchfloor floor standby follow shared --key standby.key --floor standby
    """
    from watchfloor.store.log.notes import Verifier
    from watchfloor.store.standby.following import Follower

    stopped = _until_stopped()
    with Follower(floor, source, key, Verifier.parse(signer) if signer else None) as follower:
        follower.follow()
        while not once and not stopped.wait(PAUSE):
            follower.follow()
        _tell(follower, as_json)


@app.command()
def status(
    source: SourceArgument, key: KeyOption, floor: FloorOption = DEFAULT_FLOOR, as_json: JsonOption = False
) -> None:
    """Say how far a standby is behind what was shipped; exit code 1 where it is, or has seen a fork.

    Example: watchfloor floor standby status shared --key standby.key --floor standby
    """
    from watchfloor.store.standby.following import Follower

    with Follower(floor, source, key) as follower:
        behind = _tell(follower, as_json)
    raise typer.Exit(PARTLY if behind else OK)


@app.command()
def promote(
    source: SourceArgument,
    key: KeyOption,
    floor: FloorOption = DEFAULT_FLOOR,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Although the primary lives or forked, or the shared folder cannot be written to."
        ),
    ] = False,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Make a standby the floor, and fence the old primary off: it commits nothing any more.

    Refused while the primary gives signs of life; that is looked at for ten seconds.

    Example: watchfloor floor standby promote shared --key standby.key --floor standby
    """
    from watchfloor.store.standby.following import Follower

    with Follower(floor, source, key) as follower:
        done = follower.promote(acting(purpose, authority), force=force)
    if as_json:
        print_json({"floor": floor, "position": done.position, "root": done.root, "forced": done.forced})
    else:
        typer.echo(
            f"{floor} is the floor now, from position {done.position} of the log on. "
            f"Next: watchfloor floor verify --floor {floor}"
        )


def _until_stopped() -> threading.Event:
    stopped = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stopped.set())
    return stopped


def _tell(follower: "Follower", as_json: bool) -> bool:
    """Print how far it is; gives whether it is behind or forked."""
    head, state = follower.head, follower.state
    shipped = head.position if head else 0
    row: dict[str, Any] = {
        "position": state.position,
        "shipped": shipped,
        "root": state.root,
        "forked": state.forked,
        "released": bool(head and head.released),
    }
    if as_json:
        print_json(row)
    else:
        typer.echo(f"{follower.root}: position {state.position} of the log, {shipped} shipped")
    if state.forked:
        err.print(state.forked, markup=False, highlight=False)
    return bool(state.forked) or state.position < shipped
