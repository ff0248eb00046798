"""`watchfloor referral refer`, `amend`, `withdraw`, `examined`, `not-examined`, `expire`, `hit`: acts on
referrals."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from watchfloor.cli.acting import MarkingOption, WhyOption
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    reader,
)
from watchfloor.cli.moments import moment
from watchfloor.cli.referral_common import (
    BadgeOption,
    DeadlineOption,
    EditionOption,
    GroundsOption,
    LawOption,
    MeansOption,
    ReferralArgument,
    SubjectArgument,
    UnitOption,
    do,
    say,
    sentence,
)

if TYPE_CHECKING:
    from watchfloor.cell.referrals.life import Referral
    from watchfloor.records.messages import Language
    from watchfloor.store.floor import Floor

ModeOption = Annotated[
    str | None,
    typer.Option(
        "--mode", help="post, courier, air-cargo, marine-container, vehicle or rail; else as declared."
    ),
]
DirectionOption = Annotated[
    str | None, typer.Option("--direction", help="inbound, outbound or in-transit; else as declared.")
]

OFFER: Final = {
    "en": "Lead {lead} is about it. What came of the lead is yours to say: watchfloor outcome {lead} "
    "{result} --why …{task}",
    "fr": "La piste {lead} porte sur lui. Ce qu’elle est devenue, c’est à vous de le dire : watchfloor "
    "outcome {lead} {result} --why …{task}",
}


def add(app: typer.Typer) -> None:
    """Put these commands into a group."""
    for command in (refer, amend, withdraw, examined, not_examined):
        app.command(command.__name__.replace("_", "-"))(command)


def refer(
    subject: SubjectArgument,
    means: MeansOption,
    deadline: DeadlineOption,
    grounds: GroundsOption = None,
    badge: BadgeOption = None,
    law: LawOption = None,
    unit: UnitOption = None,
    document: Annotated[
        str | None, typer.Option("--document", help="Number of its transport document; else as declared.")
    ] = None,
    mode: ModeOption = None,
    direction: DirectionOption = None,
    marking: MarkingOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Refer an item for inspection. Mail is opened on an officer's grounds alone: see `referral draft`.

    Example: watchfloor referral refer parcel:s10:RR123456785CA --means x-ray --deadline 2026-11-25
    """
    from watchfloor.cell.referrals.keeping import refer_one
    from watchfloor.cell.referrals.life import Pick

    asked = Pick(
        subject,
        means,
        moment(deadline, "--deadline"),
        document=document,
        unit=unit,
        grounds=grounds,
        badge=badge,
        law=law,
        mode=mode,
        direction=direction,
        marking=marking,
    )
    do(floor, purpose, authority, lang, lambda post: refer_one(post, asked), as_json)


def amend(
    referral: ReferralArgument,
    means: Annotated[str | None, typer.Option("--means", help="Another means.")] = None,
    deadline: Annotated[str | None, typer.Option("--deadline", help="Another deadline.")] = None,
    unit: UnitOption = None,
    grounds: GroundsOption = None,
    badge: BadgeOption = None,
    why: WhyOption = None,
    edition: EditionOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Change the means, the deadline, the unit or the grounds of a referral, with a reason.

    Example: watchfloor referral amend 3f2a --means open --grounds "I suspect …" --badge 1234 --why "x-ray
    outline"
    """
    from watchfloor.cell.referrals import keeping
    from watchfloor.cell.referrals.life import Change

    change = Change(means, moment(deadline, "--deadline") if deadline else None, unit, grounds)
    make = lambda post: keeping.amend(post, referral, change, why, badge, edition)  # noqa: E731
    do(floor, purpose, authority, lang, make, as_json)


def withdraw(
    referral: ReferralArgument,
    why: WhyOption = None,
    edition: EditionOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Take a referral back, with a reason. It counts in the audit.

    Example: watchfloor referral withdraw 3f2a --why "the lead was unfounded"
    """
    from watchfloor.cell.referrals import keeping

    make = lambda post: keeping.withdraw(post, referral, why, edition)  # noqa: E731
    do(floor, purpose, authority, lang, make, as_json)


def examined(
    referral: ReferralArgument,
    result: Annotated[str, typer.Option("--result", help="nothing, finding or inconclusive.")],
    found: Annotated[
        list[str] | None,
        typer.Option(
            "--found", help="What: controlled-substance, precursor, undeclared, …; may be given again."
        ),
    ] = None,
    substance: Annotated[
        str | None, typer.Option("--substance", help="Typed key of what was found: substance:cas:….")
    ] = None,
    means: Annotated[str | None, typer.Option("--means", help="If not as it was referred.")] = None,
    grounds: GroundsOption = None,
    badge: BadgeOption = None,
    why: WhyOption = None,
    edition: EditionOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Say what an examination gave. Nothing found is no clearance; a correction says why.

    Example: watchfloor referral examined 3f2a --result finding --found precursor
    """
    from watchfloor.cell.referrals import keeping
    from watchfloor.cell.referrals.life import Found

    what = Found(result, means, tuple(found or ()), substance, why)
    make = lambda post: keeping.examined(post, referral, what, grounds, badge, edition)  # noqa: E731
    opened, one = do(floor, purpose, authority, lang, make, as_json)
    if not as_json:
        _after(opened, one, purpose, lang)


def not_examined(
    referral: ReferralArgument,
    why: Annotated[
        str,
        typer.Option(
            "--why",
            help="departed, already-released, not-found, no-officer, no-means, no-grounds, cancelled, "
            "handed-over, hazard or other.",
        ),
    ],
    words: Annotated[str, typer.Option("--words", help="What happened, in your words.")],
    edition: EditionOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Say why an item was not examined: a reason of the list, and words.

    Example: watchfloor referral not-examined 3f2a --why departed --words "on the 14:10 flight"
    """
    from watchfloor.cell.referrals import keeping

    make = lambda post: keeping.not_examined(post, referral, why, words, edition)  # noqa: E731
    opened, one = do(floor, purpose, authority, lang, make, as_json)
    if not as_json:
        _after(opened, one, purpose, lang)


def _after(opened: "Floor", one: "Referral", purpose: str, lang: "Language") -> None:
    """That a release is no clearance, and what may be said of leads about the item."""
    from datetime import UTC, datetime

    from watchfloor.cell.queue import queue
    from watchfloor.cell.referrals.messages import RELEASE
    from watchfloor.cell.referrals.outcomes import offered
    from watchfloor.cell.weights import load
    from watchfloor.desks.registry import declare_messages

    if one.last["result"] != "finding":
        say(sentence(RELEASE, lang))
    declare_messages()
    mine = reader(opened, purpose)
    for offer in offered(opened, mine, one, queue(opened, mine, load(), datetime.now(UTC))):
        task = f" --task {offer.task}" if offer.task else ""
        say(OFFER[lang].format(lead=offer.lead, result=offer.result, task=task))
