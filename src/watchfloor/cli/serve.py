"""`watchfloor serve`: the console, in a browser on this machine or behind TLS."""

import gc
import signal
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    FloorOption,
    JsonOption,
    acting,
    err,
    fail,
    print_json,
    who,
)
from watchfloor.cli.feeds.live import RERUN, RerunOption, RollOption, beside, live_feeds
from watchfloor.core.messages import declare, reason

if TYPE_CHECKING:
    from watchfloor.console.services import Entrance, Services
    from watchfloor.console.serving import Where
    from watchfloor.store.floor import Floor

NO_REGION: Final = declare("tiles.no-region", "why")

BrowserOption = Annotated[
    bool, typer.Option("--browser/--no-browser", help="Open it in a browser; for machines without one, not.")
]
LivePurpose = Annotated[
    str, typer.Option("--purpose", envvar="WATCHFLOOR_PURPOSE", help="What live deliveries are for.")
]
LiveAuthority = Annotated[
    str,
    typer.Option("--authority", envvar="WATCHFLOOR_AUTHORITY", help="The law under which they are taken."),
]
PortOption = Annotated[int, typer.Option(min=0, max=65535, help="Port; 0: any that is free.")]


def serve(
    floor: FloorOption = DEFAULT_FLOOR,
    host: Annotated[str, typer.Option(help="Address to listen on; others than this machine's need TLS.")] = (
        "127.0.0.1"
    ),
    port: PortOption = 8765,
    name: Annotated[
        list[str] | None, typer.Option("--name", help="Host name by which browsers reach it. Repeatable.")
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Certificate chain, PEM.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Its key, PEM.")] = None,
    behind_proxy: Annotated[
        list[str] | None,
        typer.Option("--behind-proxy", help="Address of the proxy with TLS that stands before it."),
    ] = None,
    browser: BrowserOption = True,
    live: Annotated[
        bool, typer.Option("--live", help="Take in what the sources of feeds.toml deliver by themselves too.")
    ] = False,
    roll: RollOption = 60,
    rerun: RerunOption = RERUN,
    purpose: LivePurpose = "",
    authority: LiveAuthority = "",
    log: Annotated[
        str | None,
        typer.Option(
            "--log",
            metavar="FILE",
            help="File for a line of JSON an event; - for standard error. Without it: failures alone, there.",
        ),
    ] = None,
    socket: Annotated[
        Path | None,
        typer.Option(
            "--socket",
            metavar="PATH",
            help="Run commands too, of accounts of this machine that the policy maps: people name it with "
            "--floor unix:PATH and need no access to the floor's files. Linux.",
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Check settings, certificate and port, say what it would do, and end."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Open the console: queue, leads, map, watch, feeds, audit. Stops with Ctrl+C.

    Partners of `watchfloor partner add` pull below /taxii2/ (TAXII 2.1) and /ogc/ (OGC API Features, and
    vector tiles of each collection: /ogc/collections/NAME/tiles). The API of the console is below /api/v1/.

    The first start makes one administrator, named as you are here, and prints a link that works once. Only
    this machine is listened to; anything else is refused without a certificate or a named proxy.

    With --live the sources that feeds.toml describes under [feeds.NAME.live] are taken in beside it, under
    the purpose and authority that you state; how they stand is told, and `watchfloor feeds live status` shows
    it.

    Examples: watchfloor serve --floor floor; watchfloor serve --live --floor floor; watchfloor serve
    --host 0.0.0.0 --name cell.example --tls-cert cell.pem --tls-key cell.key
    """
    if live and not check:
        from watchfloor.cell.live import prepare

        prepare()  # before the console, which takes a second to import
    from watchfloor.console.serving import Where

    names, proxy = tuple(name or ()), tuple(behind_proxy or ())
    where = Where(host, port, names, tls_cert, tls_key, proxy)
    taking = Taking(roll, purpose, authority, rerun) if live else None
    run(floor, where, browser=browser, check=check, as_json=as_json, live=taking, log=log, socket=socket)


class Taking(NamedTuple):
    """How live sources are taken in beside the console: when rolled, what for, by what right.

    `rerun`: seconds between two runs of the desks at least; 0: none.
    """

    roll: float
    purpose: str
    authority: str
    rerun: float


def run(
    floor: Path,
    where: "Where",
    *,
    browser: bool,
    check: bool = False,
    as_json: bool = False,
    live: Taking | None = None,
    log: str | None = None,
    socket: Path | None = None,
    entrance: "Entrance | None" = None,
) -> None:
    """Serve a floor until it is stopped; with `check` say what would be served, and end.

    `log`: where events go, as `operations.log_to` has it; `socket`: on which people's commands are run;
    `entrance`: by which whoever starts a demo is in.
    """
    from watchfloor.console import operations
    from watchfloor.console.services import Services
    from watchfloor.console.serving import address, listening, server, sockets
    from watchfloor.store.floor import Floor

    known = listening(where)
    opened = Floor.open(floor)
    with _refused(), sockets(where) as bound:
        if live:
            live_feeds(opened)
        _said_of_region(opened.root)
        if check:
            _would(opened, where, address(where, bound), as_json)
            return
        home = address(where, bound)
        services = Services(opened, replace(known, origin=home) if where.names else known)
        try:
            start = _first(services, home)
            if as_json:
                print_json({"address": home, "link": start})
                sys.stdout.flush()  # it serves from here on, and a pipe would not be told
            else:
                err.print(f"the console of {opened.settings.name!r} is at {home}", highlight=False)
                if start:
                    err.print(f"first start: open this once, to choose a password: {start}", highlight=False)
                err.print("Ctrl+C stops it", highlight=False)
            if entrance is not None:
                services.entrance = entrance
            elif browser:
                webbrowser.open(start or home)
            with (
                _ended_by_the_system(),
                operations.log_to(log),
                _live(opened, live, as_json),
                _commands(opened, socket),
            ):
                operations.event("start", address=home)
                if entrance is not None:
                    threading.Thread(target=_let_in, args=(entrance, home), daemon=True).start()
                gc.freeze()  # what is there now stays: to walk it again holds up every answer for 140 ms
                server(services, where).run([bound])
                operations.event("stop")
        finally:
            services.close()


def _let_in(entrance: "Entrance", home: str) -> None:
    """Open a demo's console once there is something to see, for who started it."""
    entrance.ready()
    link = f"{home}/enter/{entrance.token}"
    err.print(f"opening the console, signed in as {entrance.account}: {link}", highlight=False)
    webbrowser.open(link)


def _live(opened: "Floor", live: Taking | None, as_json: bool) -> AbstractContextManager[None]:
    """The live floor beside the console, where it was asked for."""
    if live is None:
        return nullcontext()
    usual = (DEFAULT_PURPOSE, DEFAULT_AUTHORITY) if opened.settings.exercise else ("", "")
    actor = acting(live.purpose or usual[0], live.authority or usual[1])
    return beside(opened, actor, live.roll, live.rerun, as_json=as_json)


def _commands(opened: "Floor", socket: Path | None) -> AbstractContextManager[None]:
    """Run the server of people's commands beside the console, where it was asked for."""
    if socket is None:
        return nullcontext()
    from watchfloor.cli.socket_server import listening

    return listening(socket, opened.root)


@contextmanager
def _ended_by_the_system() -> Iterator[None]:
    """A service manager's SIGTERM ends the server and then, like Ctrl+C, this block: what runs is closed."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _refused() -> Iterator[None]:
    """End with the sentence of a refusal, such as of a provider that does not answer."""
    from watchfloor.cell.acts import Refusal

    try:
        yield
    except Refusal as error:
        fail(str(error))


def _said_of_region(root: Path) -> None:
    """Say why maps are drawn without the regional base map, where one is named and cannot be used."""
    from watchfloor.console.settings import load
    from watchfloor.exchange.geo.tile_archive import problem

    settings = load(root)
    path = settings.region(root)
    if path is not None and (why := problem(path)) is not None:
        said = reason(NO_REGION, why=why.render(settings.language)).render(settings.language)
        err.print(said, highlight=False, markup=False, message_id=why.message)


def _would(opened: "Floor", where: "Where", home: str, as_json: bool) -> None:
    """Print what would be served, where; raises what is wrong with settings, certificate or provider."""
    from watchfloor.console.access.oidc import Provider
    from watchfloor.console.settings import load

    oidc = load(opened.root).oidc
    if oidc:
        Provider(oidc).described()
    told = {"address": home, "tls": bool(where.cert), "proxy": list(where.proxy)}
    if as_json:
        print_json({**told, "provider": oidc.issuer if oidc else None, "link": None})
        return
    err.print(f"{opened.settings.name!r} would be served at {home}", highlight=False)
    if oidc:
        err.print(f"people may sign in at {oidc.issuer}, which answers", highlight=False)


def _first(services: "Services", home: str) -> str | None:
    """Where nobody can sign in yet: make the administrator, and the link that works once."""
    from watchfloor.store.readers import NotPermitted

    if any(one.signs_in for one in services.accounts.all()):
        return None
    try:
        return f"{home}/start/{services.administration.first(who())}"
    except NotPermitted as error:
        raise NotPermitted(
            f"nobody can sign in to this console yet, and you cannot be its first administrator: {error}"
        ) from None
