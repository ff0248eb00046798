"""The scorecard in words of one language: all that the page, the paper and the text show, laid out by none.

What is here is on each of them, so none says what another does not.
"""

from typing import Any

import msgspec

from watchfloor.records.messages import Language
from watchfloor.scorecard.findings import Data, Plot, Scorecard
from watchfloor.scorecard.page import values
from watchfloor.scorecard.page.claims import FigureView, FindingView, finding
from watchfloor.scorecard.page.front import Front, front
from watchfloor.scorecard.page.lines import CellView, LineView, cells, line
from watchfloor.scorecard.page.words import spaced, word
from watchfloor.scorecard.said import day, number

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
    """What belongs together stays on one line, whoever wrote it: a number and its per cent sign, and in
    French a word and the colon after it, a quotation and its marks."""
    if isinstance(value, str):
        value = value.replace(" %", "\u00a0%")
        return spaced(value) if language == "fr" else value
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
