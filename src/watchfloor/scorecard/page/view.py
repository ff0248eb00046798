"""The scorecard in words of one language: all that the page, the paper and the text show, laid out by none.

What is here is on each of them, so none says what another does not.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from watchfloor.core.messages import Language
from watchfloor.messages import typeset
from watchfloor.scorecard.bilingual import day, number
from watchfloor.scorecard.departments import called
from watchfloor.scorecard.findings import CellFigure, Data, Evidence, Line, Plot, Scorecard
from watchfloor.scorecard.page import values
from watchfloor.scorecard.page.claims import FigureView, FindingView, finding
from watchfloor.scorecard.page.front import Front, front
from watchfloor.scorecard.page.page_words import term, word

# Lines of the register and figures of the cell in words of one language.


class LineView(Data, frozen=True):
    """A line of the register."""

    id: str
    kind: str
    says: str
    department: str
    claim: str
    state: str
    amounts: list[str]
    found: str
    evidence: list[str]
    agreement: str
    late: bool
    hidden: str


class CellView(Data, frozen=True):
    """A figure of the cell."""

    title: str
    text: str
    interval: str


def line(one: Line, card: Scorecard, language: Language) -> LineView:
    """A line of the register; what may not appear in this edition is not in it."""
    agreement = term("agreement", one.agreement)[language]
    if one.until is not None:
        agreement = word("register.until", language, agreement=agreement, on=day(one.until)[language])
    return LineView(
        one.id,
        term("kind", one.kind)[language],
        one.says[language],
        called(one.department)[language],
        one.claim if any(found.claim == one.claim for found in card.findings) else "",
        values.standing(one, language),
        _amounts(one, language) if one.shown else [],
        one.found[language] if one.found and one.shown else "",
        _evidence(one, language) if one.shown else [],
        agreement,
        one.id in card.late or one.state == "late",
        "" if one.shown else word("register.hidden", language, agreement=agreement),
    )


def _amounts(one: Line, language: Language) -> list[str]:
    """Say what was announced, is delivered and in service, with days."""
    amounts = [
        word(f"register.{name}", language, n=values.quantity(value, one.unit, language))
        for name, value in (
            ("announced", one.announced),
            ("delivered", one.delivered),
            ("in_service", one.in_service),
        )
        if value is not None
    ]
    dated = [
        word(f"register.{name}", language, on=day(value)[language])
        for name, value in (("announced_on", one.announced_on), ("due", one.due))
        if value is not None
    ]
    return amounts + dated


def _evidence(one: Line, language: Language) -> list[str]:
    """Say what a line rests on; what one source of one day shows stands together, before the source."""
    found: dict[tuple[str, date], list[Evidence]] = {}
    for each in one.evidence:
        found.setdefault((each.source, each.day), []).append(each)
    return [
        f"{'; '.join(_shows(each, one, language) for each in many)} ({source}), {day(on)[language]}"
        for (source, on), many in found.items()
    ]


def _shows(one: Evidence, line: Line, language: Language) -> str:
    """Say what a document shows, with its number."""
    amount = values.quantity(one.value, line.unit, language)
    what = one.what[language].rstrip(".")
    return f"{what} [{amount}]" if amount else what


def cells(found: Sequence[CellFigure], language: Language) -> list[CellView]:
    """Figures of the cell; neighbours of which the same is said stand together."""
    made: list[CellView] = []
    for one in (_cell(each, language) for each in found):
        if made and (made[-1].text, made[-1].interval) == (one.text, one.interval):
            last = made.pop()
            one = CellView(f"{last.title}; {one.title[:1].lower()}{one.title[1:]}", one.text, one.interval)
        made.append(one)
    return made


def _cell(one: CellFigure, language: Language) -> CellView:
    return CellView(
        one.title[language],
        one.text[language],
        values.interval(one.interval, "", language) if one.interval else "",
    )


__all__ = ["CellView", "FigureView", "FindingView", "LineView", "View", "pictures", "view"]


class View(Data, frozen=True):
    """Everything, in words of `language`.

    Attributes:
        week: until when.
        notices: what to know before reading: exercise, edition, what is withheld.
        empty: that there is nothing at all; else empty.
        front: the two-minute part; what follows is the depth.
        foot: one line on what this page is; `running` stands on each printed page.
        digest: of the evidence, which `evidence` names.
        checks: commands that check the page, each after what it is for.
    """

    language: Language
    title: str
    deck: str
    week: str
    edition: str
    marking: str
    exercise: str
    notices: list[str]
    empty: str
    front: Front
    findings: list[FindingView]
    lines: list[LineView]
    cell: list[CellView]
    foot: str
    running: str
    evidence: str
    digest: str
    checks: list[list[str]]


def view(card: Scorecard, language: Language) -> View:
    """The scorecard in words of a language."""
    found = front(card, language)
    edition = word(f"page.{card.edition}", language)
    exercise = word("page.exercise", language) if card.exercise else ""
    marked = " · ".join(filter(None, (exercise, edition, card.marking)))
    made = View(
        language,
        word("page.title", language),
        word("page.deck", language),
        word("page.week", language, on=day(card.on)[language]),
        edition,
        card.marking,
        exercise,
        _notices(card, language),
        "" if card.findings or card.lines or card.cell else word("page.empty", language),
        found,
        [finding(one, language, found.picture) for one in card.findings],
        [line(one, card, language) for one in card.lines],
        cells(card.cell, language),
        word(
            "page.foot",
            language,
            edition=edition,
            on=day(card.on)[language],
            evidence=card.evidence[language],
            version=card.version,
        ),
        marked,
        card.evidence[language],
        card.digest,
        _checks(card, language),
    )
    return msgspec.convert(_held(msgspec.to_builtins(made), language), View)


def _held(value: Any, language: Language) -> Any:
    """Keep on one line what belongs together, whoever wrote it: a number and its per cent sign, and in
    French a word and the colon after it, a quotation and its marks."""
    if isinstance(value, str):
        value = value.replace(" %", "\u00a0%")
        return typeset(value) if language == "fr" else value
    if isinstance(value, dict):
        return {name: _held(each, language) for name, each in value.items()}
    return [_held(each, language) for each in value] if isinstance(value, list) else value


def pictures(card: Scorecard) -> list[tuple[str, Plot]]:
    """Every plot with the name that it has in a document."""
    return [(f"{one.claim}-{plot.name}", plot) for one in card.findings for plot in one.plots]


def _notices(card: Scorecard, language: Language) -> list[str]:
    said = [word(f"page.{card.edition}_says", language)]
    if card.exercise:
        said.insert(0, word("page.exercise_says", language))
    if card.withheld:
        said.append(word("page.withheld", language, n=number(card.withheld)[language]))
    return said


def _checks(card: Scorecard, language: Language) -> list[list[str]]:
    """Commands that check the page, with what each is for."""
    on, edition = card.on.isoformat(), card.edition
    asked = [("again", f"watchfloor scorecard --on {on} --edition {edition} -o scorecard-{on}.html")]
    asked.append(("signature", f"watchfloor scorecard --verify scorecard-{on}.sig"))
    first = next(((one, one.figures[0]) for one in card.findings if one.figures), None)
    if first:
        asked.insert(0, ("rows", values.command(*first)))
    return [[word(f"check.{name}", language), text] for name, text in asked]
