"""`watchfloor register form`, `sign`, `receive`: a data call as a form that the department signs."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchfloor.cli.acting import refusals, write_new, writing
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
    print_json,
)
from watchfloor.cli.register_common import (
    ClaimsOption,
    DepartmentOption,
    LineArgument,
    LinesOption,
    desk,
    looked,
    plain,
    say,
)

if TYPE_CHECKING:
    from watchfloor.cli.register_common import Desk
    from watchfloor.scorecard.agreement.standing import Standing

LARGEST: Final = 16 << 20
"""Bytes of a form at most: some hundred thousand rows."""

BEFORE: Final = {
    "en": "this form came before, at position {position}: nothing was written",
    "fr": "ce formulaire est déjà venu, à la position {position} : rien n’a été écrit",
}
TAKEN: Final = {
    "en": "{line}, {department}: attested by {person}, {function}; numbers of series: {rows}. A second "
    "person approves: watchfloor register approve {line}",
    "fr": "{line}, {department} : attesté par {person}, {function}; chiffres de séries : {rows}. "
    "Une deuxième personne approuve : watchfloor register approve {line}",
}
FILL: Final = {
    "en": "fill in person, function, values and series, then: watchfloor register sign {file} --key KEYFILE "
    "-o SIGNED",
    "fr": "remplissez person, function, values et series, puis : watchfloor register sign {file} --key CLÉ "
    "-o SIGNÉ",
}


def add(app: typer.Typer) -> None:
    """Put these commands into a group."""
    for command in (form, sign, receive):
        app.command(command.__name__)(command)


def form(
    line: LineArgument,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A new file for the form; else it is printed.")
    ] = None,
    period: Annotated[
        str, typer.Option("--period", help="What the values are to be of: 2025-01, 2024, FY2024.")
    ] = "",
    department: DepartmentOption = None,
    lines: LinesOption = None,
    claims: ClaimsOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Make the form of the data call that stands: line, definition, unit, deadline, and empty values.

    Example: watchfloor register form 14b --period 2026-10 -o 14b.form.json
    """
    from watchfloor.scorecard.agreement.rows import On, whose
    from watchfloor.scorecard.agreement.standing import fold
    from watchfloor.scorecard.forms import making as forms
    from watchfloor.scorecard.forms.receiving import make

    where, now = desk(floor, purpose, lines, claims, lang), datetime.now(UTC)
    item = where.item(line, shown=False)
    with refusals(lang):
        code = whose(item, department)
        mine = tuple(row for row in where.acts if (row["line"], row["department"]) == (line, code))
        if period:
            forms.months(period, "--period")
        one = On(item, code, mine, fold(mine, line, code), now)
        made = make(one, where.floor, _units(where).get(line, {}), period)
    looked(where, authority, "form", [line])
    text = forms.written(made)
    if output is not None:
        write_new(output, text)
    if as_json:
        import msgspec

        print_json(msgspec.to_builtins(made))
    elif output is None:
        typer.echo(text, nl=False)
    else:
        say(FILL[lang].format(file=output))


def sign(
    filled: Annotated[
        Path, typer.Argument(metavar="FORM", exists=True, dir_okay=False, help="The form, filled in.")
    ],
    key: Annotated[
        Path, typer.Option("--key", exists=True, dir_okay=False, help="The department's secret key.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="A new file for what is signed; else it is printed."),
    ] = None,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """Sign a filled form, at the department; a wrong number or period is refused here already.

    Example: watchfloor register sign 14b.form.json --key cbsa.key -o 14b.signed
    """
    from watchfloor.scorecard.forms import keys as form_keys
    from watchfloor.scorecard.forms import making as forms

    text = _bytes(filled).decode("utf-8", errors="replace")
    with refusals(lang):
        signer = form_keys.load(key)
        signed = forms.sign(text, signer, datetime.now(UTC))
    if output is not None:
        write_new(output, signed)
    if as_json:
        print_json({"signed_by": signer.name, "file": output, "note": None if output else signed})
    elif output is None:
        typer.echo(signed, nl=False)


def receive(
    signed: Annotated[
        Path, typer.Argument(metavar="FORM", exists=True, dir_okay=False, help="The signed form.")
    ],
    lines: LinesOption = None,
    claims: ClaimsOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Take a signed form in: signature, key, department, line and numbers are checked, or nothing is written.

    Example: watchfloor register receive 14b.signed --floor floor
    """
    from watchfloor.cell.acting.acts import Post
    from watchfloor.scorecard.forms import receiving as form_receive

    where, data = desk(floor, purpose, lines, claims, lang), _bytes(signed)
    items = {id_: where.item(id_, shown=False) for id_ in where.subjects.ids}
    with refusals(lang), writing(where.floor, purpose, authority) as writer:
        made = form_receive.receive(Post(where.floor, where.reader, writer), data, items, _units(where))
    one = made.form
    if as_json:
        told = {"line": one.line, "before": made.before, "rows": made.rows, "form": made.digest}
        held = _standing(where, one.line, one.department)
        print_json(told | plain(held, lang) | {"position": made.position})
    elif made.before:
        say(BEFORE[lang].format(position=made.position))
    else:
        about = {"line": one.line, "department": one.department, "rows": made.rows}
        say(TAKEN[lang].format(**about, person=one.person, function=one.function))


def _standing(where: "Desk", id_: str, department: str) -> "Standing":
    """How the agreement to a line stands now that its form is in, beside what stands with that."""
    from watchfloor.scorecard.agreement.digests import Shown
    from watchfloor.scorecard.agreement.rows import acts
    from watchfloor.scorecard.agreement.standing import standing

    now = replace(where, acts=acts(where.floor, where.reader))
    shown = now.item(id_).shown or Shown("")
    return standing(now.acts, id_, shown, datetime.now(UTC), department)


def _units(where: "Desk") -> dict[str, dict[str, str]]:
    """The values that each line is asked for, with their units; a claim is asked for series alone."""
    from watchfloor.scorecard.agreement.form_evidence import asked_of

    return {id_: asked_of(entry) for id_, entry in where.subjects.entries.items()}


def _bytes(path: Path) -> bytes:
    """A file of a size that a form has. Ends the command for a larger one."""
    if path.stat().st_size > LARGEST:
        fail(f"{path}: {path.stat().st_size:,} bytes; a form has {LARGEST:,} at most")
    return path.read_bytes()
