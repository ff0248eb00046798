"""`watchfloor referral draft`, `hits`, `audit`: facts for grounds, offers of lookouts, what became of
referrals."""

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.acting import AsOfOption, clock, refusals, writing
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
from watchfloor.cli.moments import as_of, moment
from watchfloor.cli.referral_common import looked, plain, say, sentence, told

if TYPE_CHECKING:
    from watchfloor.cell.referrals.audit import Line
    from watchfloor.cell.referrals.drafting import Draft
    from watchfloor.records.messages import Language

NONE_LATE: Final = {
    "en": "No referral that you may see is past its deadline without an end.",
    "fr": "Aucune demande que vous puissiez voir n’a dépassé son échéance sans avoir pris fin.",
}
NO_REFERRAL: Final = {
    "en": "No referral that you may see.",
    "fr": "Aucune demande d’examen que vous puissiez voir.",
}


def add(app: typer.Typer) -> None:
    """Put these commands into a group."""
    for command in (draft, audit, expire):
        app.command()(command)


def draft(
    subject: Annotated[str, typer.Argument(metavar="ITEM", help="Typed key of the parcel or container.")],
    at: AsOfOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List the facts on record that an officer may go by. It states no grounds: a person does, in own words.

    Example: watchfloor referral draft parcel:s10:RR123456785CA
    """
    from watchfloor.cell.referrals import drafting, making
    from watchfloor.cell.referrals.messages import NO_FACT, OMITTED, RELEASE, STATE_IT
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with refusals(lang):
        key = making.item_key(subject)
    found = drafting.draft(opened, reader(opened, purpose), key, as_of(at))
    looked(opened, purpose, authority, "grounds", [key])
    if as_json:
        print_json(_drafted(found, lang) | {"release": sentence(RELEASE, lang)})
        return
    for text in found.sentences(lang) or [sentence(NO_FACT, lang).format(subject=key)]:
        typer.echo(f"- {text}")
    if found.omitted:
        say(sentence(OMITTED, lang).format(count=found.omitted))
    for message in (STATE_IT, RELEASE):
        say(sentence(message, lang))


def audit(
    since: Annotated[str | None, typer.Option("--from", help="Only referred from then on.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Only referred until then.")] = None,
    at: AsOfOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Count what became of referrals, by stream and unit: overdue first, then not examined and why.

    Example: watchfloor referral audit --from 2026-11-01
    """
    from watchfloor.cell.referrals.audit import audit as audited
    from watchfloor.cell.referrals.audit import total
    from watchfloor.cell.referrals.messages import NO_RATE, RELEASE
    from watchfloor.store.floor import Floor

    opened, position = Floor.open(floor), as_of(at)
    ends = (
        moment(since, "--from", first=True) if since else None,
        moment(until, "--until") if until else None,
    )
    lines = audited(opened, reader(opened, purpose), clock(opened, position), position, *ends)
    looked(opened, purpose, authority, "referral-audit", [])
    if as_json:
        print_rows(map(_counted, lines), "streams")
        return
    heads = {
        "en": (
            "which way",
            "how",
            "unit",
            "due",
            "overdue",
            "not examined",
            "withdrawn",
            "examined",
            "found",
        ),
        "fr": (
            "sens",
            "mode",
            "unité",
            "dues",
            "en retard",
            "sans examen",
            "retirées",
            "examinées",
            "trouvé",
        ),
    }
    share = {"en": ("nobody examined, 95 %", "open"), "fr": ("sans examen aucun, 95 %", "en cours")}
    rows = [_share(one, lang) for one in lines]
    if len(lines) > 1:
        rows.append(({"en": "all", "fr": "tout"}[lang], "", "", *_share(total(lines), lang)[3:]))
    print_table("", (*heads[lang], *share[lang]), rows, NO_REFERRAL[lang])
    for message in (NO_RATE, RELEASE) if lines else ():
        say(sentence(message, lang))


def expire(
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Put on record, and tell, every referral whose deadline went by without a word of its end.

    Example: watchfloor referral expire
    """
    from watchfloor.cell.acting.acts import Post
    from watchfloor.cell.referrals import keeping
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with refusals(lang), writing(opened, purpose, authority) as writer:
        ended = keeping.expire(Post(opened, reader(opened, purpose), writer))
        now = writer.moment()
    if as_json:
        print_rows((plain(one, now) for one in ended), "referrals")
        return
    for one in ended:
        typer.echo(told(one, now, lang))
    if not ended:
        typer.echo(NONE_LATE[lang])


def _drafted(found: "Draft", lang: "Language") -> dict[str, Any]:
    return {
        "subject": found.subject,
        "facts": [
            {"text": text, "marking": fact.marking, "records": [one.hex() for one in fact.records]}
            for text, fact in zip(found.sentences(lang), found.facts, strict=True)
        ],
        "omitted": found.omitted,
        "marking": found.marking,
    }


def _counted(one: "Line") -> dict[str, Any]:
    share = one.share(one.unexamined)
    names = ("direction", "mode", "unit", "open", "overdue", "withdrawn", "examined", "not_examined", "due")
    return {name: getattr(one, name) for name in names} | {
        "results": {name or "not stated": count for name, count in one.results.items()},
        "reasons": dict(one.reasons),
        "unexamined_share": None
        if share is None
        else dict(zip(("share", "low", "high"), share, strict=True)),
    }


def _share(one: "Line", lang: "Language") -> tuple[object, ...]:
    from watchfloor.cell.acting.acts import words

    unsaid = {"en": "not stated", "fr": "non précisé"}[lang]
    why = ", ".join(f"{words(name, lang)} {count}" for name, count in one.reasons.items())
    share = one.share(one.unexamined)
    text = "" if share is None else "{:.0f} % ({:.0f}–{:.0f})".format(*(100 * each for each in share))
    return (
        *(words(name, lang) if name else unsaid for name in (one.direction, one.mode)),
        *(one.unit or unsaid, one.due, one.overdue, f"{one.not_examined}: {why}" if why else 0),
        *(one.withdrawn, one.examined, one.results.get("finding", 0), text, one.open),
    )
