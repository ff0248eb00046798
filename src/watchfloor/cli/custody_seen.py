"""`watchfloor custody list`, `show`, `balance`, `clocks`, `verify`: what is known of exhibits."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.acting import AsOfOption, minute
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    PARTLY,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    print_json,
    print_rows,
    print_table,
    reader,
    who,
)
from watchfloor.cli.custody_common import HEADS, ExhibitArgument, line, looked, one_of, plain, several
from watchfloor.cli.moments import as_of, day
from watchfloor.messages import number

if TYPE_CHECKING:
    from watchfloor.cell.acting.acts import Row
    from watchfloor.cell.custody.balance import Balance
    from watchfloor.cell.custody.clocks import Clock
    from watchfloor.cell.custody.masses import Mass
    from watchfloor.records.messages import Language

NONE: Final = {
    "en": "No exhibit that you may see is here; --all shows those that are gone.",
    "fr": "Aucune pièce que vous puissiez voir n’est ici; --all montre celles qui n’y sont plus.",
}
NO_CLOCK: Final = {
    "en": "No clock of the Act runs for an exhibit that you may see.",
    "fr": "Aucune horloge de la Loi ne court pour une pièce que vous puissiez voir.",
}


def add(app: typer.Typer) -> None:
    """Put these commands into a group."""
    for command in (list_, show, balance, clocks, verify):
        app.command(command.__name__.rstrip("_"))(command)


def list_(
    all_: Annotated[bool, typer.Option("--all", help="Also what is gone.")] = False,
    holder: Annotated[str | None, typer.Option("--holder", help="Only what this person holds.")] = None,
    at: AsOfOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List exhibits: who holds each, under which seal, what is left.

    Example: watchfloor custody list --holder okafor
    """
    from watchfloor.cell.acting.acts import same_person
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    found, _ = several(opened, [], purpose, lang, as_of(at))
    chosen = [
        one
        for one in found.values()
        if (all_ or one.state == "held") and (holder is None or same_person(holder, one.holder))
    ]
    looked(opened, purpose, authority, "exhibits", chosen)
    if as_json:
        print_rows(map(plain, chosen), "exhibits")
        return
    print_table("", HEADS[lang], (line(one, lang) for one in chosen), NONE[lang])


def show(
    exhibit: ExhibitArgument,
    statement: Annotated[
        bool, typer.Option("--statement", help="Print the statement of the standing offer, to be signed.")
    ] = False,
    at: AsOfOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show an exhibit and every act on it, each with its record.

    Example: watchfloor custody show 2026-118-1
    """
    from watchfloor.cell.acting.acts import refuse, words
    from watchfloor.cell.custody import readings
    from watchfloor.cell.custody.refusals import NO_OFFER
    from watchfloor.cli.acting import refusals
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    _, (one,) = several(opened, [exhibit], purpose, lang, as_of(at))
    taken = readings.of_exhibit(opened, reader(opened, purpose), one, as_of(at))
    looked(opened, purpose, authority, "exhibit", [one])
    if statement:
        with refusals(lang):
            if one.offer is None:
                refuse(NO_OFFER, exhibit=one.id, holder=one.holder)
        typer.echo(one.offer["statement"], nl=False)
        return
    if as_json:
        lines = {"readings": [readings.told(row, lang) for row in taken]}
        print_json(plain(one) | {"history": [_act(row) for row in one.history]} | lines)
        return
    print_table("", ("", one.marking), zip(HEADS[lang], line(one, lang), strict=True), "")
    heads = {
        "en": ("edition", "at", "who", "what", "seal", "law", "why", "flagged", "record"),
        "fr": ("édition", "quand", "qui", "quoi", "scellé", "droit", "pourquoi", "signalé", "enregistrement"),
    }
    rows = (
        (
            *(row["edition"], minute(row["observed_at"]), row["by"], words(row["act"], lang), row["seal"]),
            *(row["law"], row["why"] or row["document"], ", ".join(row["doubts"]), row["record_id"].hex()),
        )
        for row in one.history
    )
    print_table("", heads[lang], rows, "")
    for row in taken:
        typer.echo(readings.told(row, lang))


def balance(
    exhibit: ExhibitArgument,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Say where the mass of an exhibit went, over splits, samples and its end, with uncertainty (k = 2).

    Example: watchfloor custody balance 2026-118-1
    """
    from watchfloor.cell.custody.balance import balance as balanced
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    found, one = one_of(opened, exhibit, purpose, lang)
    made = balanced(found, one)
    looked(opened, purpose, authority, "exhibit", [one])
    if as_json:
        print_json(_balance(made))
        return
    for text in _told(made, lang):
        typer.echo(text)


def clocks(
    on: Annotated[str | None, typer.Option("--on", help="The day that is asked about, if not today.")] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Also what was done in time, and what is over.")
    ] = False,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List what the Controlled Drugs and Substances Act gives days for, the nearest end first.

    Ss. 12.1 and 12.1(c): report within 30 days; 24(1): 60 days to apply for return; 24(3)(a): 180 days; 29:
    report of disposition within 30 days.

    Example: watchfloor custody clocks --on 2026-12-24
    """
    from watchfloor.cell.custody.clocks import clocks as running
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    today = day(on, "--on") if on else datetime.now().astimezone().date()  # of the place, as days of acts are
    found, _ = several(opened, [], purpose, lang)
    chosen = [one for one in running(found, today) if all_ or one.state in ("due", "overdue", "open", "late")]
    detail = {"what": "clocks", "shown": sorted({one.exhibit for one in chosen}), "on": today.isoformat()}
    opened.act(acting(purpose, authority), "query", detail)
    if as_json:
        print_rows((one._asdict() | {"says": one.says(lang)} for one in chosen), "clocks")
        return
    heads = {
        "en": ("exhibit", "section", "from", "last day", "days left", "state", "what"),
        "fr": ("pièce", "article", "depuis", "dernier jour", "jours", "état", "quoi"),
    }
    print_table("", heads[lang], (_clock(one, lang) for one in chosen), NO_CLOCK[lang])


def verify(
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out the floor's other bytes (`watchfloor verify`).")
    ] = False,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Check every act on every exhibit: proof, order, chain, rules, both signatures; say where it is wrong.

    The floor's other bytes, and positions in its log, are for who keeps the floor. That an exhibit's last act
    was taken out shows in those alone: no act after it misses it, so leave --quick away before a trial.

    Example: watchfloor custody verify
    """
    from watchfloor.cell.custody.verifying import verify as verified
    from watchfloor.exchange.access import access
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    keeper = access(opened, who()).keeper
    found = verified(opened, reader(opened, purpose), whole=keeper and not quick, language=lang)
    if not keeper:
        found = [one._replace(position=None) for one in found]
    shown = sorted({one.exhibit for one in found if one.exhibit})
    opened.act(acting(purpose, authority), "query", {"what": "verify", "shown": shown})
    if as_json:
        rows = (
            {"exhibit": o.exhibit, "edition": o.edition, "position": o.position, "says": o.says(lang)}
            for o in found
        )
        print_rows(rows, "found")
    else:
        heads = {
            "en": ("exhibit", "edition", "position", "what is wrong"),
            "fr": ("pièce", "édition", "position", "ce qui ne va pas"),
        }
        whole = {
            "en": "Every act on every exhibit that you may see is whole.",
            "fr": "Chaque acte sur chaque pièce que vous puissiez voir est intact.",
        }
        lines = ((o.exhibit or "–", o.edition, o.position, o.says(lang)) for o in found)
        print_table("", heads[lang], lines, whole[lang])
    if found:
        raise typer.Exit(PARTLY)


STATES: Final = {
    "due": "à faire",
    "overdue": "en retard",
    "met": "fait à temps",
    "late": "fait en retard",
    "open": "ouvert",
    "used": "utilisé",
    "over": "échu",
}
"""States of a clock in French."""


def _clock(one: "Clock", lang: "Language") -> tuple[object, ...]:
    state = one.state if lang == "en" else STATES[one.state]
    act = {"en": "CDSA s.", "fr": "LRCDAS, art."}[lang]
    return (one.number, f"{act} {one.section}", one.started, one.last, one.left, state, one.says(lang))


def _act(row: "Row") -> dict[str, Any]:
    """An act as JSON."""
    names = (
        *("edition", "act", "by", "day", "mass", "mass_error", "seal", "old_seal", "to", "witness", "parent"),
        *("children", "law", "place", "agency", "file", "document", "analyst", "doubts", "why", "statement"),
        "signature",
    )
    return {name: row[name] for name in names} | {
        "at": row["observed_at"],
        "record": row["record_id"].hex(),
    }


LABELS: Final = {
    "en": {
        "entered": "came in",
        "consumed": "consumed by analysis",
        "destroyed": "destroyed",
        "returned": "returned",
        "used": "used (s. 29(2))",
        "remaining": "remaining",
        "difference": "found by weighings, more or less",
    },
    "fr": {
        "entered": "entré",
        "consumed": "consommé par l’analyse",
        "destroyed": "détruit",
        "returned": "restitué",
        "used": "utilisé (par. 29(2))",
        "remaining": "reste",
        "difference": "trouvé par pesée, en plus ou moins",
    },
}


def _told(made: "Balance", lang: "Language") -> list[str]:
    from watchfloor.cell.custody.masses import written

    if made.entered is None:
        return [
            {
                "en": "It was never weighed: there is nothing to balance.",
                "fr": "Jamais pesée : rien à comparer.",
            }[lang]
        ]
    colon = {"en": ":", "fr": " :"}[lang]
    lines = [f"{label}{colon} {written(getattr(made, name), lang)}" for name, label in LABELS[lang].items()]
    lines.append(
        {"en": "(± is the expanded uncertainty, k = 2)", "fr": "(± est l’incertitude élargie, k = 2)"}[lang]
    )
    for id_, apart in made.differences:
        why = {"en": "nobody said why", "fr": "personne n’a dit pourquoi"}[lang]
        why = apart.why or (why if (id_, apart) in made.unexplained else "")
        sigmas = f"{number(f'{apart.mass.sigmas:+.1f}', lang)} σ"
        lines.append(f"  {id_}, {apart.edition}{colon} {written(apart.mass, lang)}, {sigmas} {why}".rstrip())
    if made.subtracted:
        text = {"en": "by subtraction, not weighed since", "fr": "par soustraction, non pesé depuis"}[lang]
        lines.append(f"{text}{colon} {', '.join(made.subtracted)}")
    if made.lost:
        text = {"en": "parts that cannot be seen", "fr": "parties invisibles"}[lang]
        lines.append(f"{text}{colon} {', '.join(made.lost)}")
    if made.unexplained:
        lines.append({"en": "UNEXPLAINED beyond 2 σ", "fr": "INEXPLIQUÉ au-delà de 2 σ"}[lang])
    return lines


def _balance(made: "Balance") -> dict[str, Any]:
    masses = {name: _mass(getattr(made, name)) for name in LABELS["en"]}
    return {
        "exhibit": made.exhibit,
        **masses,
        "residual": made.residual,
        "parts": made.parts,
        "differences": [
            {
                "exhibit": id_,
                "edition": one.edition,
                **(_mass(one.mass) or {}),
                "sigmas": one.mass.sigmas,
                "why": one.why,
            }
            for id_, one in made.differences
        ],
        "unexplained": len(made.unexplained),
        "by_subtraction": list(made.subtracted),
        "lost": list(made.lost),
    }


def _mass(mass: "Mass | None") -> dict[str, float] | None:
    if mass is None:
        return None
    return {"grams": mass.grams, "standard_uncertainty": mass.error, "if_errors_are_shared": mass.bound}
