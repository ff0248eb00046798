"""`watchfloor referral`: parcels and consignments referred for inspection, and what became of them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli import referral_acts, referral_lookouts, referral_seen
from watchfloor.cli.acting import AsOfOption, clock, minute, refusals
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    print_json,
    print_rows,
    print_table,
    reader,
)
from watchfloor.cli.moments import as_of
from watchfloor.cli.referral_common import HEADS, ReferralArgument, line, looked, plain, say, sentence

if TYPE_CHECKING:
    from watchfloor.cell.acting.acts import Row
    from watchfloor.cell.referrals.life import Referral
    from watchfloor.records.messages import Language
    from watchfloor.store.floor import Floor

app = typer.Typer(
    help="Refer parcels and consignments for inspection, and follow each to its end.", no_args_is_help=True
)
referral_acts.add(app)
referral_lookouts.add(app)
referral_seen.add(app)

NONE: Final = {
    "en": "No such referral that you may see; --ended shows those that have ended.",
    "fr": "Aucune demande de ce genre que vous puissiez voir; --ended montre celles qui ont pris fin.",
}
OVERDUE: Final = {
    "en": "OVERDUE: {count}. Past the deadline, and nobody said what became of it: say so with `watchfloor "
    "referral examined` or `not-examined`.",
    "fr": "EN RETARD : {count}. L’échéance est passée et personne n’a dit ce qu’il en est advenu : dites-le "
    "avec `watchfloor referral examined` ou `not-examined`.",
}


@app.command("list")
def list_(
    open_: Annotated[bool, typer.Option("--open", help="Those to be examined in time.")] = False,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Those past their deadline without a word.")
    ] = False,
    ended: Annotated[bool, typer.Option("--ended", help="Those that have ended.")] = False,
    unit: Annotated[str | None, typer.Option("--unit", help="Only of this unit.")] = None,
    at: AsOfOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List referrals: those past their deadline first, then by deadline. Without an option, all but the
    ended.

    Example: watchfloor referral list --overdue
    """
    from watchfloor.cell.referrals.life import OPEN, urgent

    opened, found, now = _all(floor, at, purpose)
    mine = [one for one in found.values() if unit in (None, one.last["unit"])]
    late = sum(one.standing(now) == "expired" for one in mine)
    wanted = (open_, overdue, ended) if open_ or overdue or ended else (True, True, False)
    kinds = {"open": wanted[0], "expired": wanted[1], "ended": wanted[2]}
    chosen = [
        one
        for one in sorted(mine, key=lambda one: urgent(one, now))
        if kinds["open" if (state := one.standing(now)) in OPEN else state if state == "expired" else "ended"]
    ]
    looked(opened, purpose, authority, "referrals", (one.id for one in chosen))
    if as_json:
        print_rows((plain(one, now) for one in chosen), "referrals")
        return
    if late:
        say(OVERDUE[lang].format(count=late))
    print_table("", HEADS[lang], (line(one, now, lang) for one in chosen), NONE[lang])


@app.command()
def show(
    referral: ReferralArgument,
    at: AsOfOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Show a referral and every act on it, each with its record.

    Example: watchfloor referral show 3f2a
    """
    from watchfloor.cell.acting.acts import pick, words
    from watchfloor.cell.acting.ordering import flags_of
    from watchfloor.cell.referrals import grounds
    from watchfloor.cell.referrals.messages import RELEASE

    opened, found, now = _all(floor, at, purpose)
    with refusals(lang):
        one = pick(found, referral, "referral", "referral list --ended")
        flags = flags_of(opened, reader(opened, purpose), None, [one.subject])
    looked(opened, purpose, authority, "referral", [one.id])
    if as_json:
        more = {"flags": flags, "release": sentence(RELEASE, lang)}
        print_json(plain(one, now) | more | {"history": [_act(row) for row in one.history]})
        return
    stated, badge = grounds.split(one.last["grounds"])
    more_heads = {"en": ("law", "grounds", "flags"), "fr": ("pouvoir", "motifs", "indicateurs")}[lang]
    said = f"{stated} ({badge})" if badge else stated
    rows = [
        *zip(HEADS[lang], line(one, now, lang), strict=True),
        *zip(more_heads, (one.last["authority"], said, words(", ".join(flags), lang)), strict=True),
    ]
    print_table("", ("", one.marking), rows, "")
    heads = {
        "en": ("edition", "act", "at", "by", "result", "why", "record"),
        "fr": ("édition", "acte", "le", "par", "résultat", "pourquoi", "enregistrement"),
    }
    print_table("", heads[lang], (_line(row, lang) for row in one.history), "")
    say(sentence(RELEASE, lang))


def _all(floor: Any, at: str | None, purpose: str) -> "tuple[Floor, dict[str, Referral], datetime]":
    """The floor, its referrals as this reader may see them, and the moment they are looked at."""
    from watchfloor.cell.referrals.keeping import referrals
    from watchfloor.store.floor import Floor

    opened, position = Floor.open(floor), as_of(at)
    return opened, referrals(opened, reader(opened, purpose), position), clock(opened, position)


def _act(row: "Row") -> dict[str, Any]:
    names = (
        "edition",
        "state",
        "means",
        "result",
        "found",
        "substance",
        "grounds",
        "why",
        "by",
        "unit",
        "deadline",
    )
    return {name: row[name] for name in names} | {
        "at": row["observed_at"],
        "record": row["record_id"].hex(),
    }


def _line(row: "Row", lang: "Language") -> tuple[object, ...]:
    from watchfloor.cell.acting.acts import words

    found = ", ".join([*(row["found"] or []), *([row["substance"]] if row["substance"] else [])])
    result = words(row["result"] or "", lang) + (f": {words(found, lang)}" if found else "")
    at = minute(row["observed_at"])
    return (
        row["edition"],
        words(row["state"], lang),
        at,
        row["by"],
        result,
        row["why"],
        row["record_id"].hex()[:8],
    )
