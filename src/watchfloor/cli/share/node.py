"""`watchfloor share node`: this node, its peers, and what peers say they hold."""

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
    LangOption,
    PurposeOption,
    acting,
    err,
    fail,
    print_json,
    print_rows,
    print_table,
    reader,
)
from watchfloor.cli.tls import CertOption, KeyOption

if TYPE_CHECKING:
    from watchfloor.exchange.bundles.peers import Peer

app = typer.Typer(
    help="This node, the nodes it exchanges bundles with, and their keys.", no_args_is_help=True
)


@app.command()
def show(
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show what a peer must know of this node: its name, institution, country, ceiling and public key.

    Give the key by one way (mail), and read its last eight characters out by another (a known telephone
    number).

    Example: watchfloor share node show --floor floor
    """
    from watchfloor.exchange.bundles.peers import me
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    here, key = me(opened), opened.signer.verifier.text
    opened.act(acting(purpose, authority), "query", {"what": "node"})
    said = _party(here) | {"ceiling": str(opened.ceiling), "key": key}
    if as_json:
        print_json(said)
        return
    print_table("This node", ("", ""), said.items(), "")
    command = (
        f"watchfloor share node trust '{key}' --name {here.name} --institution {here.institution} "
        f"--country {here.country} --ceiling {opened.ceiling} --checked '…'"
    )
    err.print(f"a peer takes it with: {command}", markup=False, highlight=False)


@app.command()
def trust(
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="The public key that its `share node show` prints.")
    ],
    name: Annotated[str, typer.Option("--name", help="Its name, as its `share node show` prints it.")],
    institution: Annotated[str, typer.Option("--institution", help="What kind of institution it is of.")],
    checked: Annotated[str, typer.Option("--checked", help="How the key was compared, and with whom.")],
    country: Annotated[str, typer.Option("--country", help="ISO 3166-1 alpha-3.")] = "CAN",
    ceiling: Annotated[str, typer.Option("--ceiling", help="The highest marking it may hold.")] = "PB",
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Take a node among the peers, once its key has been compared with a person there.

    Example: watchfloor share node trust bank-a+1a2b3c4d+AQ… --name bank-a --institution reporting-entity
    --ceiling PB --checked "read out by phone by A. Roy, compliance, 24 November"
    """
    from watchfloor.exchange.bundles import peers
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with refusals(lang):
        peer = peers.trust(
            opened,
            acting(purpose, authority),
            key,
            name=name,
            institution=institution,
            country=country,
            ceiling=ceiling,
            checked=checked,
        )
    _said(f"{peer.name} is a peer, with the key {peer.verifier.hash.hex()}", peer, as_json)


@app.command()
def distrust(
    name: Annotated[str, typer.Argument(metavar="PEER", help="Its name.")],
    why: Annotated[str, typer.Option("--why", help="The reason, in your words.")],
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Remove a peer: nothing goes there any more, and nothing that it signs is taken in.

    Example: watchfloor share node distrust bank-a --why "its key was copied"
    """
    from watchfloor.exchange.bundles import peers
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with refusals(lang):
        peer = peers.distrust(opened, acting(purpose, authority), name, why)
    _said(f"{peer.name} is no peer any more; what came from there stays", peer, as_json)


@app.command("list")
def list_(
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List the peers, removed ones too, with how each key was checked.

    Example: watchfloor share node list --floor floor
    """
    from watchfloor.exchange.bundles import peers
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    found = list(peers.known(opened).values())
    opened.act(acting(purpose, authority), "query", {"what": "nodes", "peers": len(found)})
    if as_json:
        print_rows(map(_about, found), "peers")
        return
    print_table(
        "Peers",
        ("name", "institution", "country", "ceiling", "key", "checked", "since", "removed"),
        [tuple(_about(one)[name] for name in _COLUMNS) for one in found],
        "No peer yet. `watchfloor share node show` prints what to give one, `watchfloor share node trust` "
        "adds one.",
    )


@app.command()
def pointers(
    subject: Annotated[str | None, typer.Option("--subject", help="Only about this subject.")] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List the pointers that came in: who holds something about a subject, and so whom to ask.

    Example: watchfloor share node pointers --subject vessel:imo:9074729
    """
    from watchfloor.exchange.bundles.pointers import pointers as held
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    found = held(opened, reader(opened, purpose), subject)
    detail = {"what": "pointers", "rows": len(found)}
    shown = list(dict.fromkeys(one.subject for one in found))
    opened.act(acting(purpose, authority), "query", detail | {"shown": shown})
    if as_json:
        print_rows((one._asdict() for one in found), "pointers")
        return
    print_table(
        "Who holds something",
        ("subject", "node", "told on", "marking"),
        [(one.subject, one.node, f"{one.at:%Y-%m-%d}", one.marking) for one in found],
        "No node has told of anything that it holds.",
    )


@app.command()
def serve(
    tls_cert: CertOption,
    tls_key: KeyOption,
    client_ca: Annotated[
        Path,
        typer.Option("--client-ca", exists=True, dir_okay=False, help="Authority of the peers' own, PEM."),
    ],
    client_crl: Annotated[
        Path | None,
        typer.Option(
            "--client-crl", exists=True, dir_okay=False, help="What that authority has revoked, PEM."
        ),
    ] = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 8443,
    check: Annotated[
        bool, typer.Option("--check", help="Check the certificates, say who may post, and end.")
    ] = False,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Take bundles that peers post over HTTPS, each with its own certificate; the answer is the receipt.

    Example: watchfloor share node serve --tls-cert cell.crt --tls-key cell.key --client-ca peers.crt --port
    8443
    """
    import ssl

    from watchfloor.exchange.bundles import peers, serving
    from watchfloor.store.floor import Floor

    opened, actor = Floor.open(floor), acting(purpose, authority)
    try:
        server = serving.server(opened, actor, tls_cert, tls_key, client_ca, host, port, client_crl)
    except ssl.SSLError as error:
        fail(f"{tls_cert}, {tls_key} or {client_ca} cannot be used: {error.reason or error}")
    address, names = f"https://{host}:{port}{serving.PATH}", list(peers.standing(opened))
    if as_json:
        print_json({"address": address, "peers": names})
    else:
        who = (
            f"from {', '.join(names)}"
            if names
            else "from nobody yet: `watchfloor share node trust` adds a peer"
        )
        err.print(f"{address} takes bundles {who}", markup=False, highlight=False)
    if not check:
        opened.act(actor, "serving", {"address": address, "peers": names})
        server.run()


_COLUMNS = ("name", "institution", "country", "ceiling", "hash", "checked", "since", "removed")


def _party(party: Any) -> dict[str, Any]:
    return {"name": party.name, "institution": party.institution, "country": party.country}


def _about(peer: "Peer") -> dict[str, Any]:
    return {
        "name": peer.name,
        "institution": peer.institution,
        "country": peer.country,
        "ceiling": str(peer.ceiling),
        "hash": peer.verifier.hash.hex(),
        "key": peer.verifier.text,
        "checked": peer.checked,
        "since": peer.since,
        "removed": peer.removed,
        "why": peer.why or None,
    }


def _said(text: str, peer: "Peer", as_json: bool) -> None:
    if as_json:
        print_json(_about(peer))
    else:
        err.print(text, markup=False, highlight=False)
