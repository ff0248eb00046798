"""`watchfloor floor certificate`: the signed certificate of an erasure, issued and checked."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchfloor.cli.acting import write_new
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    PurposeOption,
    acting,
    counted,
    fail,
    print_json,
)

if TYPE_CHECKING:
    from watchfloor.store.erasure.certificates import Certificate
    from watchfloor.store.floor import Floor

app = typer.Typer(help="Certificates of what was erased.", no_args_is_help=True)


@app.command()
def issue(
    position: Annotated[int, typer.Argument(help="Position of the erasure in the log.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write it to a new file; else it is printed.")
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Issue the certificate of an erasure, signed with the node's key. It says nothing of the content.

    Example: watchfloor floor certificate issue 812 -o certificate.txt
    """
    from watchfloor.store import Floor
    from watchfloor.store.erasure import certificates

    opened = Floor.open(floor)
    made = certificates.issue(opened.root, opened.signer, position)
    opened.act(acting(purpose, authority), "query", {"what": "certificate", "position": position})
    if output is not None:
        write_new(output, made)
    if as_json:
        print_json({"position": position, "signed_with": opened.signer.verifier.text, "certificate": made})
    elif output is None:
        typer.echo(made, nl=False)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The certificate.")],
    key: Annotated[
        list[str] | None,
        typer.Option("--key", help="The node's public key, name+hash+key, to check it without the floor."),
    ] = None,
    floor: Annotated[
        Path | None,
        typer.Option("--floor", envvar="WATCHFLOOR_FLOOR", help="The floor, to compare with its log."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a certificate: its signature, its place in the log, and with the floor what the floor's log says.

    Example: watchfloor floor certificate check certificate.txt --floor floor
    """
    from watchfloor.store.erasure import certificates
    from watchfloor.store.log.notes import NoteError, Verifier

    opened = _opened(floor, key)
    try:
        verifiers = [Verifier.parse(text) for text in key or []]
    except NoteError as error:
        fail(str(error))
    if opened is not None:
        verifiers.append(opened.signer.verifier)
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        fail(f"{file} is no certificate: it is no text")
    _told(certificates.check(text, verifiers, opened.root if opened else None), as_json)


def _opened(floor: Path | None, key: list[str] | None) -> "Floor | None":
    from watchfloor.store import Floor

    if floor is None and key:
        return None
    return Floor.open(floor or DEFAULT_FLOOR)


def _told(found: "Certificate", as_json: bool) -> None:
    body, log = found.body, found.log
    if as_json:
        print_json({"holds": True, "signed_by": found.signed_by, "on_floor": found.on_floor, "body": body})
        return
    kinds = ", ".join(counted(count, f"{kind} record") for kind, count in body["records"].items())
    typer.echo(
        f"holds: signed by {', '.join(found.signed_by)}, at position {log['position']} of a log of "
        f"{log['size']:,} acts with root {log['root'][:16]}"
    )
    deliveries = counted(len(body["deliveries"]), "delivery", "deliveries")
    typer.echo(
        f"erased {body['at']} by {body['by']} ({body['category']}, {body['authority']}): {kinds}, "
        f"{counted(body['derived'], 'derived row')}, {deliveries}"
    )
    typer.echo(
        "the floor's log says the same"
        if found.on_floor
        else "not compared with the floor's log: --floor does that"
    )
