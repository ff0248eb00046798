"""The scorecard: what a person reads in two minutes, and the way to each figure's rows.

The words are those of the weekly page (`scorecard.page`), so that the console and the paper agree. Data
calls, forms, attestations and approvals are acts of the command line; here they are looked at.
"""

from datetime import date
from typing import Final

import msgspec

from watchfloor.console.endpoints.endpoint import Asker, Endpoint, Raw
from watchfloor.console.pages import scorecard_claims as claims
from watchfloor.console.pages import scorecard_register as register
from watchfloor.console.pages.scorecard_cards import CardAsk, Worded, card_of, first_card, heads
from watchfloor.console.pages.scorecard_claims import Drawing
from watchfloor.scorecard.findings import Scorecard
from watchfloor.scorecard.page.front import ClaimView, LateView, PendingView
from watchfloor.scorecard.page.view import CellView


class Unanswered(msgspec.Struct, frozen=True):
    """A claim without a computed verdict, and why."""

    claim: str
    title: str
    verdict: str
    why: str


class ScorecardPage(Worded, frozen=True):
    """The front of the scorecard.

    Attributes:
        week: until when.
        notices: what to know before reading.
        changed: what changed in the seven days; `no_change` where nothing did.
        late: commitments whose day is past without evidence; `no_late` where none is.
        pending: commitments that are said to be there, and what evidence shows of them.
        states: how many commitments are in which state.
        claims: with a verdict; `unanswered`: those without one.
        picture: of the first claim; None without one.
        cell: figures of the cell itself.
        lines: in the register; `kinds` and `agreements` count them.
        empty: that there is nothing at all.
        evidence: on what it rests; `digest`: of that, SHA-256; `version`: of the program.
    """

    week: str
    notices: list[str]
    changed: list[str]
    no_change: str
    late: list[LateView]
    no_late: str
    pending: list[PendingView]
    more_pending: str
    states: str
    claims: list[ClaimView]
    unanswered: list[Unanswered]
    picture: Drawing | None
    cell: list[CellView]
    lines: int
    kinds: list[register.Choice]
    agreements: list[register.Choice]
    empty: str
    evidence: str
    digest: str
    version: str
    today: date


def scorecard(asker: Asker, ask: CardAsk) -> ScorecardPage:
    """The scorecard in two minutes: what changed, what is late, what a claim rests on, how sure we are."""
    kept, card = card_of(asker, ask)
    view = kept.view(card, asker.language)
    asker.log_query(
        "scorecard",
        on=card.on.isoformat(),
        edition=card.edition,
        shown=[one.claim for one in card.findings],
        digest=card.digest,
    )
    front = view.front
    return ScorecardPage(
        **heads(asker, card, ask),
        week=view.week,
        notices=view.notices,
        changed=[*front.changed, *front.all_changed],
        no_change=front.no_change,
        late=front.late,
        no_late=front.no_late,
        pending=front.pending,
        more_pending=front.more_pending,
        states=front.states,
        claims=front.claims,
        unanswered=[Unanswered(*one) for one in front.unanswered],
        picture=_picture(card, asker, ask),
        cell=view.cell,
        lines=len(card.lines),
        kinds=register.choices(asker.language, "kind", (one.kind for one in card.lines)),
        agreements=register.choices(asker.language, "agreement", (one.agreement for one in card.lines)),
        empty=view.empty,
        evidence=view.evidence,
        digest=card.digest,
        version=card.version,
        today=asker.at.date(),
    )


def _picture(card: Scorecard, asker: Asker, ask: CardAsk) -> Drawing | None:
    found = next((one for one in card.findings if one.plots), None)
    return claims.drawing(asker, ask, found, found.plots[0]) if found else None


ENDPOINTS: Final = (
    Endpoint(
        "scorecard",
        "GET",
        "/scorecard",
        CardAsk,
        ScorecardPage,
        scorecard,
        page="scorecard.html",
        prepares=first_card,
    ),
    Endpoint(
        "scorecard.register",
        "GET",
        "/scorecard/register",
        register.RegisterAsk,
        register.RegisterPage,
        register.lines,
        page="scorecard-register.html",
        prepares=first_card,
    ),
    Endpoint(
        "scorecard.line",
        "GET",
        "/scorecard/register/{line}",
        register.LineAsk,
        register.LinePage,
        register.line,
        page="scorecard-line.html",
        prepares=first_card,
    ),
    Endpoint(
        "scorecard.claim",
        "GET",
        "/scorecard/claims/{claim}",
        claims.ClaimAsk,
        claims.ClaimPage,
        claims.claim,
        page="scorecard-claim.html",
        prepares=first_card,
    ),
    Endpoint(
        "scorecard.rows",
        "GET",
        "/scorecard/claims/{claim}/figures/{figure}",
        claims.RowsAsk,
        claims.RowsPage,
        claims.rows,
        page="scorecard-rows.html",
        prepares=first_card,
    ),
    Endpoint(
        "scorecard.plot",
        "GET",
        "/scorecard/claims/{claim}/plots/{plot}",
        claims.PlotAsk,
        Raw,
        claims.plot,
    ),
)
