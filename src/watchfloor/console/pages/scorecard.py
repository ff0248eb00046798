"""The scorecard: what a person reads in two minutes, and the way to each figure's rows.

The words are those of the weekly page (`scorecard.page_view`), so that the console and the paper agree. Data
calls, forms, attestations and approvals are acts of the command line; here they are looked at.
"""

from collections import Counter
from datetime import date
from typing import Final

import msgspec

from watchfloor.console.endpoint import Asker, Endpoint, Raw
from watchfloor.console.pages import scorecard_claims as claims
from watchfloor.console.pages import scorecard_register as register
from watchfloor.console.pages.scorecard_cards import CardAsk, Worded, card_of, query_of
from watchfloor.scorecard.findings import Scorecard
from watchfloor.scorecard.page.front import ClaimView, LateView, PendingView
from watchfloor.scorecard.page.view import CellView
from watchfloor.scorecard.page.words import of


class Unanswered(msgspec.Struct, frozen=True):
    """A claim without a computed verdict, and why."""

    claim: str
    title: str
    verdict: str
    why: str


class Picture(msgspec.Struct, frozen=True):
    """A plot: where it is drawn, its title and what a reader takes from it, its description, its source."""

    path: str
    title: str
    takeaway: str
    alt: str
    source: str


class Tally(msgspec.Struct, frozen=True):
    """How many lines of the register are of a kind, a state or an agreement."""

    value: str
    called: str
    count: int


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
    picture: Picture | None
    cell: list[CellView]
    lines: int
    kinds: list[Tally]
    agreements: list[Tally]
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
    front, query = view.front, query_of(ask)
    return ScorecardPage(
        marking=card.marking,
        language=asker.language,
        on=card.on,
        edition=card.edition,
        query=query,
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
        picture=_picture(card, asker, query),
        cell=view.cell,
        lines=len(card.lines),
        kinds=_tallies(asker, "kind", [one.kind for one in card.lines]),
        agreements=_tallies(asker, "agreement", [one.agreement for one in card.lines]),
        empty=view.empty,
        evidence=view.evidence,
        digest=card.digest,
        version=card.version,
        today=asker.at.date(),
    )


def _picture(card: Scorecard, asker: Asker, query: str) -> Picture | None:
    found = next(((one, one.plots[0]) for one in card.findings if one.plots), None)
    if found is None:
        return None
    finding, plot = found
    path = claims.plot_path(finding.claim, plot.name, query)
    source = plot.source[asker.language] if plot.source else ""
    takeaway = plot.takeaway[asker.language] if plot.takeaway else ""
    return Picture(path, plot.title[asker.language], takeaway, plot.alt[asker.language], source)


def _tallies(asker: Asker, section: str, values: list[str]) -> list[Tally]:
    """In the order in which they first stand in the register."""
    found = Counter(values)
    return [Tally(value, of(section, value)[asker.language], count) for value, count in found.items()]


ENDPOINTS: Final = (
    Endpoint("scorecard", "GET", "/scorecard", CardAsk, ScorecardPage, scorecard, page="scorecard.html"),
    Endpoint(
        "scorecard.register",
        "GET",
        "/scorecard/register",
        register.RegisterAsk,
        register.RegisterPage,
        register.lines,
        page="scorecard-register.html",
    ),
    Endpoint(
        "scorecard.line",
        "GET",
        "/scorecard/register/{line}",
        register.LineAsk,
        register.LinePage,
        register.line,
        page="scorecard-line.html",
    ),
    Endpoint(
        "scorecard.claim",
        "GET",
        "/scorecard/claims/{claim}",
        claims.ClaimAsk,
        claims.ClaimPage,
        claims.claim,
        page="scorecard-claim.html",
    ),
    Endpoint(
        "scorecard.rows",
        "GET",
        "/scorecard/claims/{claim}/figures/{figure}",
        claims.RowsAsk,
        claims.RowsPage,
        claims.rows,
        page="scorecard-rows.html",
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
