"""`watchfloor referral hits`, `hit`: declarations that standing lookouts name, and those that are hits."""

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.acting import AsOfOption, MarkingOption, WhyOption, clock, minute, refusals, writing
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
from watchfloor.cli.referral_common import (
    BadgeOption,
    DeadlineOption,
    GroundsOption,
    LawOption,
    MeansOption,
    SubjectArgument,
    UnitOption,
    looked,
    plain,
    say,
    told,
)

if TYPE_CHECKING:
    from watchfloor.cell.referrals.lookouts import Offer

NO_OFFER: Final = {
    "en": "No declaration that you may see names what a standing lookout is about.",
    "fr": "Aucune déclaration que vous puissiez voir ne nomme ce que vise un avis en vigueur.",
}


def add(app: typer.Typer) -> None:
    """Put these commands into a group."""
    for command in (hits, hit):
        app.command()(command)


def hits(
    all_: Annotated[bool, typer.Option("--all", help="Also those that are recorded.")] = False,
    at: AsOfOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List declarations that standing lookouts and targets name. An offer is no hit: record it with `hit`.

    Example: watchfloor referral hits
    """
    from watchfloor.cell.acting.acts import words
    from watchfloor.cell.referrals.lookouts import offers
    from watchfloor.store.floor import Floor

    opened, position = Floor.open(floor), as_of(at)
    found = offers(opened, reader(opened, purpose), clock(opened, position), position)
    chosen = [one for one in found if all_ or one.referral is None]
    looked(opened, purpose, authority, "lookout-hits", (f"{one.task.task} {one.subject}" for one in chosen))
    if as_json:
        print_rows((_offer(one) for one in chosen), "hits")
        return
    heads = {
        "en": ("lookout", "what is asked", "until", "item", "names", "declared as", "recorded"),
        "fr": ("avis", "demande", "jusqu’à", "article", "nomme", "déclaré comme", "inscrit"),
    }
    lines = (
        (
            *(one.task.task, one.task.order.instruction, minute(one.task.order.deadline), one.subject),
            ", ".join(f"{words(called, lang)} {key}" for key, called in one.by.items()),
            *("; ".join(dict.fromkeys(row["goods"] for row in one.lines)), one.referral),
        )
        for one in chosen
    )
    print_table("", heads[lang], lines, NO_OFFER[lang])


def hit(
    task: Annotated[str, typer.Argument(metavar="LOOKOUT", help="The lookout's id, or the start of it.")],
    subject: SubjectArgument,
    means: MeansOption,
    deadline: DeadlineOption,
    why: WhyOption = None,
    grounds: GroundsOption = None,
    badge: BadgeOption = None,
    law: LawOption = None,
    unit: UnitOption = None,
    marking: MarkingOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Record a hit on a lookout that `referral hits` offers, and refer the item where it is not yet.

    Example: watchfloor referral hit 9c1e parcel:s10:RR123456785CA --means x-ray --deadline 2026-11-25
    --why "met at the chute"
    """
    from watchfloor.cell.acting.acts import Post
    from watchfloor.cell.referrals import lookouts, making
    from watchfloor.cell.referrals.life import Pick
    from watchfloor.store.floor import Floor

    asked = Pick(
        subject,
        means,
        moment(deadline, "--deadline"),
        unit=unit,
        grounds=grounds,
        badge=badge,
        law=law,
        marking=marking,
    )
    opened = Floor.open(floor)
    with refusals(lang), writing(opened, purpose, authority) as writer:
        post = Post(opened, reader(opened, purpose), writer)
        done = lookouts.record(post, task, making.item_key(subject), why, asked)
        now = writer.moment()
    if as_json:
        print_json(plain(done.referral, now) | {"task": done.task.task, "position": done.position})
        return
    say(told(done.referral, now, lang))
    say({"en": f"lookout {done.task.task} is hit", "fr": f"avis {done.task.task} : touché"}[lang])


def _offer(one: "Offer") -> dict[str, Any]:
    return {
        "task": one.task.task,
        "form": one.task.order.form,
        "instruction": one.task.order.instruction,
        "deadline": one.task.order.deadline,
        "flags": list(one.task.order.flags),
        "subject": one.subject,
        "names": dict(one.by),
        "goods": [row["goods"] for row in one.lines],
        "document": one.lines[-1]["document"],
        "records": [row["record_id"].hex() for row in one.lines],
        "referral": one.referral,
        "marking": one.marking,
    }
