"""What the commands of `watchfloor referral` share: options, how an act is done and how a referral is
told."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.acting import minute, refusals, writing
from watchfloor.cli.common import acting, err, print_json, reader

if TYPE_CHECKING:
    from watchfloor.cell.acting.acts import Post
    from watchfloor.cell.referrals.keeping import Done
    from watchfloor.cell.referrals.life import Referral
    from watchfloor.records.messages import Language, Message
    from watchfloor.store.floor import Floor

ReferralArgument = Annotated[
    str, typer.Argument(metavar="REFERRAL", help="The referral's id, or the start of it.")
]
SubjectArgument = Annotated[
    str,
    typer.Argument(metavar="ITEM", help="Typed key of the parcel or container: parcel:s10:RR123456785CA."),
]
EditionOption = Annotated[
    int | None,
    typer.Option(
        "--edition", min=1, help="The edition you looked at, as `referral show` has it; else the present one."
    ),
]
MeansOption = Annotated[
    str, typer.Option("--means", help="open, x-ray, dog, trace, weighing or document: how it is examined.")
]
DeadlineOption = Annotated[
    str, typer.Option("--deadline", help="Until when it can be held: a day (its end) or a moment.")
]
GroundsOption = Annotated[
    str | None,
    typer.Option("--grounds", help="An officer's, in his own words; the law asks for them to open mail."),
]
BadgeOption = Annotated[
    str | None, typer.Option("--badge", help="Badge number of the officer whose grounds they are.")
]
LawOption = Annotated[
    str | None,
    typer.Option("--law", help="Another section of powers.toml, such as 99(1)(e); else as the item has it."),
]
UnitOption = Annotated[str | None, typer.Option("--unit", help="Who examines.")]

HEADS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("referral", "state", "item", "document", "means", "chosen", "until", "unit", "last act"),
    "fr": ("demande", "état", "article", "document", "moyen", "choisi", "jusqu’à", "unité", "dernier acte"),
}


def do(
    floor: Path,
    purpose: str,
    authority: str,
    lang: "Language",
    make: "Callable[[Post], Done]",
    as_json: bool,
) -> "tuple[Floor, Referral]":
    """Act behind the floor's writer, and say how the referral stands then."""
    from watchfloor.cell.acting.acts import Post
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    with refusals(lang), writing(opened, purpose, authority) as writer:
        done = make(Post(opened, reader(opened, purpose), writer))
        now = writer.moment()
    one = done.referral
    if as_json:
        print_json(plain(one, now) | {"position": done.position})
    else:
        say(f"{told(one, now, lang)}, position {done.position}")
    return opened, one


def told(one: "Referral", now: datetime, lang: "Language") -> str:
    """A referral in a line."""
    from watchfloor.cell.acting.acts import words

    state, means = words(one.standing(now), lang), by_means(one.last["means"], lang)
    return {
        "en": f"referral {one.id} of {one.subject} is {state}: edition {one.edition}, {means}, "
        f"{one.last['authority']}",
        "fr": f"demande {one.id} sur {one.subject} : {state}, édition {one.edition}, {means}, "
        f"{one.last['authority']}",
    }[lang]


def by_means(means: str | None, lang: "Language") -> str:
    """How an item is examined, in words; `document` alone names a number in the words of other records."""
    from watchfloor.cell.acting.acts import words

    return "documents seuls" if (means, lang) == ("document", "fr") else words(means or "", lang)


def say(text: str) -> None:
    """A line on standard error."""
    err.print(text, highlight=False, markup=False)


def sentence(message: "Message", lang: "Language") -> str:
    """A sentence without parameters."""
    return message.en if lang == "en" else message.fr


def looked(opened: "Floor", purpose: str, authority: str, what: str, shown: Iterable[str]) -> None:
    """Log what was shown to whom."""
    opened.act(acting(purpose, authority), "query", {"what": what, "shown": list(shown)})


def line(one: "Referral", now: datetime, lang: "Language") -> tuple[object, ...]:
    """A referral as a row of a table."""
    from watchfloor.cell.acting.acts import words

    last = one.last
    return (
        one.id,
        words(one.standing(now), lang),
        one.subject,
        "" if one.subject.endswith(f":{last['document']}") else last["document"],
        by_means(last["means"], lang),
        words(one.chosen_by or "", lang),
        minute(one.deadline),
        last["unit"],
        f"{words(one.state, lang)}, {last['by']}, {minute(last['observed_at'])}",
    )


def plain(one: "Referral", now: datetime) -> dict[str, Any]:
    """A referral as JSON. What who examines should not know is null until its end."""
    from watchfloor.cell.referrals import grounds

    last, blind = one.last, one.chosen_by == "plan"
    words, badge = grounds.split(last["grounds"])
    return {
        "referral": one.id,
        "subject": one.subject,
        "document": last["document"],
        "state": one.standing(now),
        "edition": one.edition,
        "means": last["means"],
        "chosen_by": one.chosen_by,
        "chance": None if blind else last["chance"],
        "scheme": None if blind else last["scheme"],
        "grounds": words or None,
        "badge": badge,
        "authority": last["authority"],
        "referred_at": one.at,
        "deadline": one.deadline,
        "unit": last["unit"],
        "result": last["result"],
        "found": last["found"] or [],
        "substance": last["substance"],
        "why": last["why"],
        "last_act": one.state,
        "by": last["by"],
        "at": last["observed_at"],
        "marking": one.marking,
    }
