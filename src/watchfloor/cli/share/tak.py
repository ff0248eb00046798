"""`watchfloor share tak`: tracks live to a TAK server."""

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.acting import refusals
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    err,
    print_json,
)

if TYPE_CHECKING:
    from watchfloor.exchange.tak import Receipt, TakStream


def tak(
    server: Annotated[
        str, typer.Argument(metavar="URL", help="tls://HOST:PORT; tcp://HOST:PORT on this machine alone.")
    ],
    reads: Annotated[
        str,
        typer.Option(
            "--for", metavar="READER", help="Who reads there, as policy.toml names them: their mask counts."
        ),
    ],
    cert: Annotated[
        Path | None,
        typer.Option("--cert", exists=True, dir_okay=False, help="Our certificate for the server, PEM."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", exists=True, dir_okay=False, help="Its key, PEM, if apart.")
    ] = None,
    ca: Annotated[
        Path | None,
        typer.Option("--ca", exists=True, dir_okay=False, help="Who signed the server's certificate, PEM."),
    ] = None,
    name: Annotated[
        str, typer.Option("--server-name", help="Name in the server's certificate, where it is not HOST.")
    ] = "",
    check: Annotated[
        bool, typer.Option("--check", help="Check address, certificates and reader, say so, and end.")
    ] = False,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Send tracks to a TAK server as they move, each with its marking. Stops with Ctrl+C.

    Sent is what both you and the reader named by --for may see, of the live floor, or, where none runs, of
    the last run. What is new there is logged before it is sent; each minute, and at the end, a receipt is
    logged and printed: events, tracks, SHA-256 of the bytes. A connection that breaks is made anew.

    Example: watchfloor share tak tls://tak.example:8089 --for tak --cert us.pem --key us.key --ca tak.pem
    """
    from watchfloor.exchange import tak as stream
    from watchfloor.store.floor import Floor

    with refusals("en"):
        target = stream.server(server, ca, cert, key, name)
    opened, actor = Floor.open(floor), acting(purpose, authority)

    def report(what: "Receipt | str") -> None:
        if isinstance(what, str):
            err.print(what or f"connected to {server}", markup=False, highlight=False)
        elif as_json:
            print_json(_row(what))
        else:
            typer.echo(
                f"receipt {what.position}: {what.events:,} events of {len(what.tracks):,} tracks, "
                f"SHA-256 {what.sha256}"
            )

    made = stream.TakStream(opened, actor, reads, target, report)
    if check:
        opened.act(actor, "query", {"what": "tak", "server": server, "reader": reads})
        would = {"server": server, "reader": reads, "tracks": made.count}
        if as_json:
            print_json(would)
        else:
            err.print(f"{would['tracks']:,} tracks would go to {server} now", highlight=False, markup=False)
        return
    asyncio.run(_until_stopped(made))


async def _until_stopped(made: "TakStream") -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    await made.run(stop)


def _row(receipt: "Receipt") -> dict[str, Any]:
    import msgspec

    row: dict[str, Any] = msgspec.to_builtins(receipt)
    return row
