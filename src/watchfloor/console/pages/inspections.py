"""The pages of inspections: referrals with the facts about their items, one referral, and the forms on it."""

from typing import Any, Final

import msgspec
from msgspec import structs

from watchfloor.actions import referrals
from watchfloor.actions.referrals import (
    ListReferrals,
    LookoutMatch,
    ReferralChange,
    ReferralHistory,
    ReferralList,
    ShowReferral,
)
from watchfloor.actions.tasks import may_act
from watchfloor.casework.referrals import drafting, outcomes, powers
from watchfloor.casework.referrals.life import Referral
from watchfloor.console.endpoints.endpoint import Asker, Endpoint
from watchfloor.core.marking import joined

SIZE: Final = 50
SHOWN: Final = 2
"""Facts beside the description that the list shows of an item; its own page has all."""


class Inspections(ReferralList, frozen=True):
    """A page of referrals, those past their deadline first.

    Attributes:
        facts: what is on record about the items, as sentences, by the typed key of each.
        met: items that standing lookouts name and nobody has recorded as a hit.
        release: that a release is not a clearance.
        may: whether this person may act at all.
    """

    facts: dict[str, list[str]]
    met: list[LookoutMatch]
    release: str
    may: bool


def page(asker: Asker, ask: ListReferrals) -> Inspections:
    """List referrals that still ask for an examination: those past their deadline first, then by deadline."""
    listed = referrals.listed(asker, structs.replace(ask, size=ask.size or SIZE))
    drafts = drafting.drafts(asker.floor, asker.reader, {one.subject for one in listed.referrals})
    met = referrals.matches(asker)
    shown = [one.referral for one in listed.referrals]
    asker.log_query("referrals", shown=shown, met=[f"{one.task} {one.subject}" for one in met])
    markings = [listed.marking, *(one.marking for one in met), *(one.marking for one in drafts.values())]
    return Inspections(
        **structs.asdict(listed) | {"marking": joined(filter(None, markings))},
        facts={key: _shown(one.sentences(asker.language)) for key, one in drafts.items()},
        met=met,
        release=referrals.release(asker),
        may=may_act(asker),
    )


def _shown(facts: list[str]) -> list[str]:
    """Return the first fact, which describes the item, and the last, which say why somebody looks at it."""
    return facts[:1] + facts[1:][-SHOWN:]


class InspectionPage(msgspec.Struct, frozen=True, kw_only=True):
    """A referral, the facts about its item, the law, and every act on it.

    Attributes:
        marking: of the referral and of the facts that are shown.
        facts: what is on record about the item, as sentences.
        omitted: reasons that are left out, because they say how items are ordered.
        covers: what the section covers, in words; empty where the floor's table has no such section.
        asks: whether it asks for reasonable grounds to suspect before the item is opened.
        status: how far the table of powers may be trusted.
        follows: acts that may follow, by what the forms are called.
        leads: leads that its end may be reported on, each with the result.
        may: whether this person may act at all.
    """

    marking: str
    about: ReferralHistory
    facts: list[str]
    omitted: int
    covers: str
    asks: bool
    status: str
    follows: list[str]
    leads: list[tuple[str, str]]
    may: bool


def referral(asker: Asker, ask: ShowReferral) -> InspectionPage:
    """Show a referral, the facts about its item, the law, and every act on it, each with its record."""
    about = referrals.show(asker, ask)
    one = Referral.read(asker.floor, asker.reader)[about.referral]
    draft = drafting.draft(asker.floor, asker.reader, one.subject)
    table = powers.load(asker.floor.root)
    power = powers.named(table, about.authority)
    follows = one.allowed(asker.at)
    offered = outcomes.offered(asker.floor, asker.reader, one, [])
    return InspectionPage(
        marking=joined(filter(None, [about.marking, draft.marking])),
        about=about,
        facts=draft.sentences(asker.language),
        omitted=draft.omitted,
        covers=power.text(asker.language) if power else "",
        asks=power.opens == "suspicion" if power else True,
        status=table.status[asker.language],
        follows=[name for name, makes in FOLLOWS.items() if makes in follows],
        leads=[(each.lead, each.result) for each in offered],
        may=may_act(asker),
    )


FOLLOWS: Final = {
    "examined": "examined",
    "not-examined": "not-examined",
    "amend": "amended",
    "withdraw": "withdrawn",
}
"""What an act is called, and the state that it makes."""


def _there(_: Any, done: ReferralChange) -> str:
    return f"/inspections/{done.referral}"


ENDPOINTS: Final = (
    Endpoint("inspections", "GET", "/inspections", ListReferrals, Inspections, page, page="inspections.html"),
    Endpoint(
        *("inspections.referral", "GET", "/inspections/{referral}", ShowReferral, InspectionPage, referral),
        page="inspection.html",
    ),
    Endpoint.for_action(referrals.refer, "/inspections", within="inspections", then=_there),
    Endpoint.for_action(referrals.hit, "/inspections/hit", within="inspections", then=_there),
    *(
        Endpoint.for_action(
            act, f"/inspections/{{referral}}/{act.name.split()[-1]}", within="inspections.referral"
        )
        for act in (referrals.examined, referrals.not_examined, referrals.amend, referrals.withdraw)
    ),
)
