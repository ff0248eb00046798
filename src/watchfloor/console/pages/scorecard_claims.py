"""A claim in full: under each definition, beside the control, with its rows, its pictures and its acts."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Final
from urllib.parse import quote

import msgspec

from watchfloor.actions.register import AgreementAct
from watchfloor.console.endpoints.endpoint import Asker, Raw
from watchfloor.console.endpoints.failures import NotHere
from watchfloor.console.pages.scorecard_cards import (
    CardAsk,
    Worded,
    card_of,
    day_of,
    finding_of,
    heads,
    query_of,
)
from watchfloor.console.pages.scorecard_register import acts_of
from watchfloor.core.marking import joined
from watchfloor.core.messages import Language
from watchfloor.scorecard import claims
from watchfloor.scorecard.bilingual import day, plain
from watchfloor.scorecard.claims.labels import called
from watchfloor.scorecard.claims.measures import sums
from watchfloor.scorecard.findings import Finding, Plot
from watchfloor.scorecard.page.view import FigureView, FindingView
from watchfloor.scorecard.periods import named, parsed
from watchfloor.scorecard.problems import Unanswerable
from watchfloor.scorecard.rows import rows_of

SIZE: Final = 200
"""Rows of a page."""
CITIZENSHIP: Final = "citizenship"
CANADA: Final = "CANADA"
OTHERS: Final = "OTHER THAN CANADA"
"""In the terms in which the claim was made; no page breaks a figure down further."""


class ClaimAsk(CardAsk, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The claim, by the name of its file."""

    claim: str


class PlotAsk(ClaimAsk, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """And the name of one of its plots."""

    plot: str


class RowsAsk(ClaimAsk, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """And a figure of it; `start`: the first row of the page, from 0."""

    figure: str
    start: Annotated[int, msgspec.Meta(ge=0)] = 0


class Drawing(msgspec.Struct, frozen=True):
    """A plot: where it is drawn, its title and what a reader takes from it, its description, its source."""

    path: str
    title: str
    takeaway: str
    alt: str
    source: str


class ClaimPage(Worded, frozen=True):
    """A claim.

    Attributes:
        finding: all of it in words.
        plots: its pictures.
        has_rows: names of the figures that rest on rows.
        lines: ids of the register's lines that it computes.
        acts: on the way to its departments' agreement, the newest first.
    """

    finding: FindingView
    plots: list[Drawing]
    has_rows: list[str]
    lines: list[str]
    acts: list[AgreementAct]


class RowLine(msgspec.Struct, frozen=True):
    """One published number.

    Attributes:
        month: or months, in words.
        cell: of what.
        measure: what was counted; `value` and `unit`.
        published: by when.
        disputed: whether a second file of the same vintage has another number.
        record: its id, of a number that is one record of this floor; `source`, `locator`: where from.
        records: how many records are summed here; 0: the number is of the package's table.
        marking: of them.
    """

    month: str
    cell: str
    measure: str
    value: str
    unit: str
    published: str
    disputed: bool
    record: str
    records: int
    source: str
    locator: str
    marking: str


class RowsPage(Worded, frozen=True):
    """The rows of one figure.

    Attributes:
        claim: its name; `title`: of the claim.
        figure: the figure in words.
        rows: this page; `count`: all of them.
        next: where the next page begins; None at the end.
        none: why there are none.
    """

    claim: str
    title: str
    figure: FigureView
    rows: list[RowLine]
    count: int
    next: int | None
    none: str


def claim(asker: Asker, ask: ClaimAsk) -> ClaimPage:
    """A claim under each admissible definition, with what it is compared with and how sure we are."""
    kept, card = card_of(asker, ask)
    found = finding_of(card, ask.claim)
    words = next(one for one in kept.view(card, asker.language).findings if one.claim == ask.claim)
    asker.log_query("scorecard", claim=ask.claim, on=card.on.isoformat(), edition=card.edition)
    acts = acts_of(asker, [ask.claim], card.on, tell=bool(found.figures))
    return ClaimPage(
        **heads(asker, card, ask) | {"marking": joined([card.marking, *(one.marking for one in acts)])},
        finding=words,
        plots=[drawing(asker, ask, found, one) for one in found.plots],
        has_rows=[one.name for one in (*found.figures, *found.also) if one.rows],
        lines=[one.id for one in card.lines if one.claim == ask.claim],
        acts=acts,
    )


def drawing(asker: Asker, ask: CardAsk, finding: Finding, plot_: Plot) -> Drawing:
    """Return a plot of a claim: where it is drawn, and what stands with it."""
    language, claim_ = asker.language, quote(finding.claim, safe="")
    return Drawing(
        f"/scorecard/claims/{claim_}/plots/{quote(plot_.name, safe='')}{query_of(ask)}",
        plot_.title[language],
        plot_.takeaway[language] if plot_.takeaway else "",
        plot_.alt[language],
        plot_.source[language] if plot_.source else "",
    )


def plot(asker: Asker, ask: PlotAsk) -> Raw:
    """A plot of a claim as SVG, with its title and a description in it."""
    kept, card = card_of(asker, ask)
    text = kept.drawn(card, ask.claim, ask.plot, asker.language)
    asker.log_query("scorecard", claim=ask.claim, plot=ask.plot, on=card.on.isoformat(), edition=card.edition)
    return Raw(text.encode(), "image/svg+xml")


def rows(asker: Asker, ask: RowsAsk) -> RowsPage:
    """The published numbers that one figure rests on, each with its vintage and, on a floor, its record."""
    kept, card = card_of(asker, ask)
    finding = finding_of(card, ask.claim)
    if all(one.name != ask.figure for one in (*finding.figures, *finding.also)):
        raise NotHere
    words = next(one for one in kept.view(card, asker.language).findings if one.claim == ask.claim)
    figure = next(one for one in (*words.figures, *words.also) if one.name == ask.figure)
    found, none = _found(asker, kept.facts(asker, day_of(asker, ask)), ask)
    page = found[ask.start : ask.start + SIZE]
    asker.log_query(
        "scorecard",
        claim=ask.claim,
        figure=ask.figure,
        on=card.on.isoformat(),
        edition=card.edition,
        shown=[one.record for one in page if one.record],
        rows=len(page),
    )
    last = ask.start + SIZE
    return RowsPage(
        **heads(asker, card, ask)
        | {"marking": joined([card.marking, *(one.marking for one in page if one.marking)])},
        claim=ask.claim,
        title=words.title,
        figure=figure,
        rows=page,
        count=len(found),
        next=last if last < len(found) else None,
        none=none,
    )


def _found(asker: Asker, facts: Any, ask: RowsAsk) -> tuple[list[RowLine], str]:
    """The rows of a figure, or why it has none: it is cited, or its months are not published."""
    known = claims.claims()
    asked = dict(known[ask.claim].computed()).get(ask.figure) if ask.claim in known else None
    if asked is None:
        return [], ""
    try:
        found = rows_of(sums(facts, asked))
    except Unanswerable as error:
        return [], error.text[asker.language]
    return [_row(one, asker.language) for one in folded(found)], ""


def folded(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in which all citizenships but Canada's are one: their values added, their records counted."""
    sums_: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in found:
        cell = row["cell"]
        of = cell.get(CITIZENSHIP)
        if of is not None and of not in (CANADA, OTHERS):
            cell = cell | {CITIZENSHIP: OTHERS}
        others = cell.get(CITIZENSHIP) == OTHERS
        key = (
            row["month"],
            row["until"],
            row["series"],
            *sorted(cell.items()),
            row["measure"],
            row["vintage"],
        )
        mine = row | {"cell": cell, "records": int("record" in row), "markings": [row.get("marking") or ""]}
        if others and key in sums_:
            sums_[key] = _added(sums_[key], mine)
        else:
            sums_[key if others else (*key, len(sums_))] = mine
    return list(sums_.values())


def _added(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Two rows as one, which is no single record any more."""
    return one | {
        "value": one["value"] + other["value"],
        "records": one["records"] + other["records"],
        "disputed": one["disputed"] or other["disputed"],
        "markings": [*one["markings"], *other["markings"]],
        "record": "",
        "locator": "",
    }


def _row(row: dict[str, Any], language: Language) -> RowLine:
    first, last = parsed(row["month"]), parsed(row["until"])
    month = named(first)[language]
    return RowLine(
        month if first == last else f"{month} – {named(last)[language]}",
        "; ".join(_cell(name, value, language) for name, value in sorted(row["cell"].items())),
        called("of", row["measure"])[language],
        plain(row["value"])[language],
        called("unit", row["unit"])[language] if row["unit"] else "",
        day(date.fromisoformat(row["vintage"]))[language],
        row["disputed"],
        row.get("record") or "",
        row["records"],
        row.get("source") or "",
        row.get("locator") or "",
        joined([one for one in row["markings"] if one]),
    )


def _cell(name: str, value: str, language: Language) -> str:
    head, text = called("dimension", name)[language], called(name, value)[language]
    return f"{head}: {text}" if language == "en" else f"{head}\u00a0: {text}"
