"""`watchfloor register key`, `trust`, `distrust`, `keys`: the keys that departments sign their forms with."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

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
    print_json,
    print_rows,
    print_table,
)

if TYPE_CHECKING:
    from watchfloor.scorecard.forms.keys import Key

CodeArgument = Annotated[
    str, typer.Argument(metavar="DEPARTMENT", help="Its code, such as CBSA; `register list` shows them.")
]

NONE: Final = {
    "en": "No department's key is entered.",
    "fr": "Aucune clé de ministère n’est inscrite.",
}
HEADS: Final = {
    "en": ("department", "key", "checked", "entered by", "since", "revoked", "why"),
    "fr": ("ministère", "clé", "vérifiée", "inscrite par", "depuis", "révoquée", "pourquoi"),
}
STANDS: Final = {
    "en": "{department} signs with the key {hash}",
    "fr": "{department} signe avec la clé {hash}",
}
GONE: Final = {
    "en": "{department} signs nothing any more with the key {hash}; what was received before stays",
    "fr": "{department} ne signe plus rien avec la clé {hash}; ce qui a été reçu avant reste",
}
KEEP: Final = {
    "en": "wrote {file}: keep it to yourself, and have the line above entered with `watchfloor register "
    "trust`",
    "fr": "{file} est écrit : gardez-le pour vous, et faites inscrire la ligne ci-dessus avec `watchfloor "
    "register trust`",
}


def add(app: typer.Typer) -> None:
    """Put these commands into a group."""
    for command in (key, trust, distrust, keys):
        app.command(command.__name__)(command)


def key(
    department: CodeArgument,
    output: Annotated[Path, typer.Option("-o", "--output", help="A new file, which only you must read.")],
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Make a department's secret key, at the department, and print the public one.

    Example: watchfloor register key CBSA -o cbsa.key
    """
    from watchfloor.scorecard.forms import keys as form_keys

    with refusals(lang):
        signer = form_keys.make(output, department)
    if as_json:
        print_json({"department": signer.name, "key": signer.verifier.text, "file": output})
        return
    typer.echo(signer.verifier.text)
    err.print(KEEP[lang].format(file=output), highlight=False, markup=False)


def trust(
    department: CodeArgument,
    public: Annotated[
        str, typer.Argument(metavar="KEYLINE", help="The public key that `register key` prints there.")
    ],
    checked: Annotated[str, typer.Option("--checked", help="How you compared it, and with whom.")],
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Enter the public key of a department. Not by who then approves what it signs.

    Example: watchfloor register trust CBSA CBSA+1a2b3c4d+AQ… --checked "read out by phone by A. Roy"
    """
    from watchfloor.scorecard.forms import keys as form_keys
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with refusals(lang):
        made = form_keys.trust(opened, acting(purpose, authority), department, public, checked)
    _tell(made, STANDS[lang], as_json)


def distrust(
    department: CodeArgument,
    why: Annotated[str, typer.Option("--why", help="The reason, in your words.")],
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Revoke the key of a department: nothing that it signs is taken in any more.

    Example: watchfloor register distrust CBSA --why "the laptop with it was stolen"
    """
    from watchfloor.scorecard.forms import keys as form_keys
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with refusals(lang):
        gone = form_keys.distrust(opened, acting(purpose, authority), department, why)
    _tell(gone, GONE[lang], as_json)


def keys(
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List the keys of departments, revoked ones too, with how each was compared.

    Example: watchfloor register keys
    """
    from watchfloor.scorecard.forms import keys as form_keys
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    rows = [_plain(one) for one in form_keys.known(opened).values()]
    shown = [row["department"] for row in rows]
    opened.act(acting(purpose, authority), "query", {"what": "department-keys", "shown": shown})
    if as_json:
        print_rows(rows, "keys")
        return
    names = ("department", "hash", "checked", "entered_by", "since", "removed", "why")
    print_table("", HEADS[lang], ([row[name] for name in names] for row in rows), NONE[lang])


def _tell(one: "Key", text: str, as_json: bool) -> None:
    row = _plain(one)
    if as_json:
        print_json(row)
    else:
        err.print(text.format(**row), highlight=False, markup=False)


def _plain(one: "Key") -> dict[str, Any]:
    return {
        "department": one.department,
        "key": one.verifier.text,
        "hash": one.verifier.hash.hex(),
        "checked": one.checked,
        "entered_by": one.entered_by,
        "since": f"{one.since:%Y-%m-%d}",
        "removed": f"{one.removed:%Y-%m-%d}" if one.removed else None,
        "why": one.why or None,
    }
