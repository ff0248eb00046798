"""`watchfloor custody key`: the keys that people sign transfers with."""

from pathlib import Path
from typing import Annotated

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
    who,
)

app = typer.Typer(help="Keys that people sign transfers with.", no_args_is_help=True)

NONE = {"en": "No key is entered.", "fr": "Aucune clé n’est inscrite."}


@app.command()
def make(
    output: Annotated[Path, typer.Option("-o", "--output", help="A new file, which only you must read.")],
    name: Annotated[
        str | None, typer.Option("--name", help="Who signs with it; else who runs this command.")
    ] = None,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Make a secret key for yourself, and print the public one to be entered with `custody key register`.

    Example: watchfloor custody key make -o okafor.key
    """
    from watchfloor.cell.custody import signing

    with refusals(lang):
        signer = signing.make(output, name or who())
    if as_json:
        print_json({"name": signer.name, "key": signer.verifier.text, "file": output})
        return
    typer.echo(signer.verifier.text)
    err.print(f"wrote {output}: keep it to yourself", highlight=False, markup=False)


@app.command()
def sign(
    exhibit_statement: Annotated[
        Path,
        typer.Argument(
            metavar="STATEMENT", exists=True, dir_okay=False, help="`custody show --statement` of the offer."
        ),
    ],
    key: Annotated[Path, typer.Option("--key", exists=True, dir_okay=False, help="Your secret key.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="A new file for the signed statement.")],
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Sign the statement of a transfer away from the floor; `custody receive --signed` takes it in there.

    Example: watchfloor custody key sign statement.txt --key roy.key -o signed.txt
    """
    from watchfloor.cell.custody import signing
    from watchfloor.cli.acting import write_new
    from watchfloor.store.notes import note

    text = exhibit_statement.read_text(encoding="utf-8", errors="replace")
    if not text.startswith(f"{signing.HEAD}\n"):
        fail(f"{exhibit_statement} is no statement of a transfer; see `custody show EXHIBIT --statement`")
    with refusals(lang):
        signer = signing.load(key)
    signed = note(text, signer)
    write_new(output, signed)
    if as_json:
        print_json({"signed_by": signer.name, "file": output})


@app.command()
def register(
    key: Annotated[
        str, typer.Argument(help="The public key, name+hash+key, as `custody key make` prints it.")
    ],
    checked: Annotated[str, typer.Option("--checked", help="How you compared it, and with whom.")],
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Enter the public key of a person. Not by who then gives that person something, or gets it from them.

    Example: watchfloor custody key register roy+1a2b3c4d+AQ… --checked "read out by phone"
    """
    from watchfloor.cell.custody import signing
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with refusals(lang):
        made = signing.register(opened, acting(purpose, authority), key, checked)
    row = _plain(made)
    if as_json:
        print_json(row)
    else:
        typer.echo(f"{row['name']} {row['key']} ({row['checked']})")


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="Whose key it is.")],
    why: Annotated[str, typer.Option("--why", help="The reason, in your words.")],
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Let a person's key stand no longer. What was signed with it before stays signed.

    Example: watchfloor custody key remove roy --why "the laptop was stolen"
    """
    from watchfloor.cell.custody import signing
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with refusals(lang):
        gone = signing.remove(opened, acting(purpose, authority), name, why)
    if as_json:
        print_json(_plain(gone) | {"removed": True})
    else:
        typer.echo(gone.verifier.name)


@app.command("list")
def list_(
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List the keys that stand.

    Example: watchfloor custody key list
    """
    from watchfloor.cell.custody import signing
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    rows = [_plain(key) for key in signing.keys(opened).values()]
    opened.act(acting(purpose, authority), "query", {"what": "keys", "shown": [row["name"] for row in rows]})
    if as_json:
        print_rows(rows, "keys")
        return
    heads = {"en": ("name", "key", "entered by", "checked"), "fr": ("nom", "clé", "inscrite par", "comparée")}
    print_table(
        "",
        heads[lang],
        ([row[n] for n in ("name", "key", "entered_by", "checked")] for row in rows),
        NONE[lang],
    )


def _plain(key: object) -> dict[str, object]:
    from watchfloor.cell.custody.signing import Key

    assert isinstance(key, Key)
    return {
        "name": key.verifier.name,
        "key": key.verifier.text,
        "entered_by": key.entered_by,
        "checked": key.checked,
    }
