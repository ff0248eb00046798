"""`watchfloor register`: every line and claim, whose agreement it needs, and how that stands."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli import register_acts, register_forms, register_keys
from watchfloor.cli.acting import minute
from watchfloor.cli.claims_evidence import day_of
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
    print_rows,
    print_table,
)
from watchfloor.cli.register_common import (
    STATES,
    ClaimsOption,
    LineArgument,
    LinesOption,
    act_of,
    desk,
    line_of,
    looked,
    plain,
    say,
    word,
)

if TYPE_CHECKING:
    from watchfloor.cli.register_common import Desk
    from watchfloor.records.messages import Language
    from watchfloor.scorecard.agreement.standing import Standing

app = typer.Typer(
    help="Lines and claims of the scorecard, and each department's agreement to its figures.",
    no_args_is_help=True,
)
register_acts.add(app)
register_forms.add(app)
register_keys.add(app)

OnOption = Annotated[
    str | None, typer.Option("--on", metavar="DATE", help="As it stood on that day; else as it stands now.")
]

KNOWN: Final = (*STATES, "overdue")
"""What `list` may be asked for: a corrected figure is attested, and an answer that is overdue has a state."""

NONE: Final = {
    "en": "No line or claim is like that.",
    "fr": "Aucune ligne ni affirmation n’est ainsi.",
}
OVERDUE: Final = {
    "en": "OVERDUE: {count}. The answer was due and has not come: {lines}.",
    "fr": "EN RETARD : {count}. La réponse était attendue et n’est pas venue : {lines}.",
}
HEADS: Final = {
    "en": ("line", "department", "state", "due", "how it stands", "words"),
    "fr": ("ligne", "ministère", "état", "échéance", "où cela en est", "mots"),
}
ACTS: Final = {
    "en": ("edition", "department", "act", "at", "by", "for the department", "until", "words", "digest"),
    "fr": ("édition", "ministère", "acte", "le", "par", "pour le ministère", "jusqu’à", "mots", "empreinte"),
}
FIGURES: Final = {"en": ("figure", "as shown now"), "fr": ("chiffre", "comme montré maintenant")}


@app.command("list")
def list_(
    on: OnOption = None,
    state: Annotated[
        str | None, typer.Option("--state", help=f"Only in this state: {', '.join(KNOWN)}.")
    ] = None,
    department: Annotated[
        str | None, typer.Option("--department", help="Only of this department, by its code.")
    ] = None,
    lines: LinesOption = None,
    claims: ClaimsOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List lines and claims with how agreement stands; overdue answers are told first.

    Example: watchfloor register list --state called --department CBSA
    """
    from watchfloor.cli.acting import refusals
    from watchfloor.scorecard.forms.keys import code_of

    if state is not None and state not in KNOWN:
        fail(f"--state {state}: the states are {', '.join(KNOWN)}")
    with refusals(lang):
        code = code_of(department) if department else None
    where = desk(floor, purpose, lines, claims, lang, day_of(on))
    found = [(id_, one) for id_ in where.subjects.ids for one in _standings(where, id_)]
    chosen = [
        (id_, one)
        for id_, one in found
        if code in (None, one.department)
        and (state in (None, one.state) or (state == "overdue" and one.overdue))
    ]
    looked(where, authority, "register", (id_ for id_, _ in chosen))
    if as_json:
        print_rows((_row(where, id_, one, lang) for id_, one in chosen), "lines")
        return
    if late := list(dict.fromkeys(id_ for id_, one in found if one.overdue)):
        say(OVERDUE[lang].format(count=len(late), lines=", ".join(late)))
    rows = [
        (
            *(id_, one.department, word(one.state, lang), minute(one.due)),
            *(one.sentence[lang], where.subjects.item(id_).says[lang]),
        )
        for id_, one in chosen
    ]
    print_table("", HEADS[lang], rows, NONE[lang])


@app.command()
def show(
    line: LineArgument,
    on: OnOption = None,
    lines: LinesOption = None,
    claims: ClaimsOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show a line: its words, what its department is asked for, the figures that stand, and every act on it.

    It is for whoever is asked and shows what no page may show yet.

    Example: watchfloor register show 14b
    """
    where = desk(floor, purpose, lines, claims, lang, day_of(on))
    item = where.item(line)
    shown = item.shown
    assert shown is not None
    held = _standings(where, line)
    history = [row for row in where.acts if row["line"] == line and row["observed_at"] <= _end(on)]
    looked(where, authority, "register", [line])
    figures = [
        {"name": one.name, "value": one.value, "unit": one.unit or None, "shown": one.shown[lang]}
        for one in shown.values
    ]
    if as_json:
        top = {"line": line, "says": item.says[lang], "asked": item.asked[lang], "digest": shown.digest}
        told = {"standing": [plain(one, lang) for one in held], "figures": figures}
        print_json(top | told | {"acts": [act_of(row) for row in history]})
        return
    say(item.says[lang])
    say(item.asked[lang])
    for one in held:
        say(f"{one.department}: {word(one.state, lang)}. {one.sentence[lang]}")
    print_table(shown.digest[:8], FIGURES[lang], ((one["name"], one["shown"]) for one in figures), "–")
    print_table("", ACTS[lang], (line_of(row, lang) for row in history), _no_acts(lang))


def _standings(where: "Desk", id_: str) -> "list[Standing]":
    """How the agreement of each department that a line or claim needs stands.

    What stands for it is computed only where somebody agreed to something: nothing else asks for it.
    """
    from watchfloor.scorecard.agreement.digests import Shown
    from watchfloor.scorecard.agreement.standing import as_of, standing
    from watchfloor.scorecard.agreement.subjects import has_figure

    mine = [row for row in where.acts if row["line"] == id_]
    shown = where.shown[id_] if any(row["values"] is not None for row in mine) else Shown("")
    entry = where.subjects.entries.get(id_)
    needless = entry is not None and not has_figure(entry, where.on)
    moment = as_of(where.on, datetime.now(UTC))
    asked = (*where.subjects.item(id_, shown).departments, *(row["department"] for row in mine))
    held = [replace(standing(mine, id_, shown, moment, one), department=one) for one in dict.fromkeys(asked)]
    return [_needless(one) if needless and one.state == "not-called" else one for one in held]


def _needless(one: "Standing") -> "Standing":
    from watchfloor.scorecard.agreement.words import NOT_NEEDED
    from watchfloor.scorecard.said import said

    return replace(one, state="not-needed", sentence=said(NOT_NEEDED))


def _row(where: "Desk", id_: str, one: "Standing", lang: "Language") -> dict[str, Any]:
    item = where.subjects.item(id_)
    what = "claim" if id_ in where.subjects.claims else where.subjects.entries[id_].kind
    return {"line": id_, "what": what, "says": item.says[lang], **plain(one, lang)}


def _no_acts(lang: "Language") -> str:
    return {"en": "Nobody has acted on it.", "fr": "Personne n’a encore agi."}[lang]


def _end(on: str | None) -> datetime:
    """The last moment of which acts are shown."""
    from watchfloor.scorecard.agreement.standing import as_of, moments

    return moments(as_of(day_of(on), datetime.now(UTC)))[1]
