"""`watchfloor custody transfer`, `receive`, `withdraw`: an exhibit from hand to hand, signed by both."""

from pathlib import Path
from typing import Annotated

import typer

from watchfloor.cli.acting import WhyOption, refusals
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    fail,
)
from watchfloor.cli.custody_common import (
    AtOption,
    EditionOption,
    ExhibitArgument,
    PlaceOption,
    do,
    simple,
    when,
)

KeyOption = Annotated[
    Path | None,
    typer.Option("--key", exists=True, dir_okay=False, help="Your secret key, of `custody key make`."),
]


def add(app: typer.Typer) -> None:
    """Put these commands into a group."""
    for command in (transfer, receive, withdraw):
        app.command(command.__name__)(command)


def transfer(
    exhibit: ExhibitArgument,
    to: Annotated[str, typer.Option("--to", help="Who receives it, as their key is named.")],
    key: Annotated[
        Path,
        typer.Option("--key", exists=True, dir_okay=False, help="Your secret key, of `custody key make`."),
    ],
    place: PlaceOption = None,
    why: WhyOption = None,
    edition: EditionOption = None,
    at: AtOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Offer an exhibit to somebody, with your signature. It is theirs once they have signed too.

    Example: watchfloor custody transfer 2026-118-1 --to roy --key okafor.key --place "vault 3"
    """
    from watchfloor.cell.custody import keeping, signing

    with refusals(lang):
        signer = signing.load(key)
    given = {"place": place, "why": why}
    do(
        *(floor, purpose, authority, lang),
        lambda desk: keeping.offer(desk, exhibit, to, signer, given, edition, when(at)),
        as_json,
    )


def receive(
    exhibit: ExhibitArgument,
    seal: Annotated[
        str | None, typer.Option("--seal", help="The seal as you see it; leave it out where there is none.")
    ] = None,
    key: KeyOption = None,
    signed: Annotated[
        Path | None,
        typer.Option(
            "--signed",
            exists=True,
            dir_okay=False,
            help="The statement as the receiver signed it elsewhere (`custody key sign`).",
        ),
    ] = None,
    place: PlaceOption = None,
    at: AtOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Take what is offered to you: the second signature. Sign only for the seal that you see.

    Example: watchfloor custody receive 2026-118-1 --seal A1002 --key roy.key
    """
    from watchfloor.cell.custody import keeping, signing

    if (key is None) == (signed is None):
        fail("sign with your own --key, or give the statement as it was --signed elsewhere")
    with refusals(lang):
        signature = signing.load(key) if key else (signed or Path()).read_text(encoding="utf-8")
    do(
        *(floor, purpose, authority, lang),
        lambda desk: keeping.receive(desk, exhibit, seal, signature, {"place": place}, when(at)),
        as_json,
    )


def withdraw(
    exhibit: ExhibitArgument,
    why: Annotated[str, typer.Option("--why", help="The reason, in your words.")],
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Withdraw an offer that was not signed yet, or decline it.

    Example: watchfloor custody withdraw 2026-118-1 --why "roy is called away"
    """
    simple(floor, purpose, authority, lang, as_json, exhibit, "withdrawn", {"why": why})
