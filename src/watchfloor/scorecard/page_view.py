"""The scorecard in words of one language: all that the page, the paper and the text show, laid out by none.

What is here is on each of them, so none says what another does not.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from watchfloor.records.messages import Language
from watchfloor.scorecard import page_values as values
from watchfloor.scorecard.findings import (
    CellFigure,
    Compared,
    Data,
    Evidence,
    Figure,
    Finding,
    Line,
    Plot,
    Scorecard,
    Warned,
)
from watchfloor.scorecard.page_front import Front, front
from watchfloor.scorecard.said import day, number, percent
from watchfloor.scorecard.words import headed, of, word


class FigureView(Data, frozen=True):
    """A figure under a definition; `command` prints its rows."""

    name: str
    label: str
    shown: str
    interval: str
    holds: str
    published: str
    rows: str
    digest: str
    command: str
    series: str


class PictureView(Data, frozen=True):
    """A picture's name, unique in the document, and what stands with it."""

    name: str
    title: str
    alt: str
    front: bool


class FindingView(Data, frozen=True):
    """A claim in full; what it has not is empty."""

    claim: str
    title: str
    words: str
    said: str
    verdict: str
    why: str
    sure: str
    figures: list[FigureView]
    also: list[FigureView]
    compared: list[list[str]]
    warnings: list[str]
    notes: list[str]
    more: list[list[str]]
    pictures: list[PictureView]
    captions: list[str]


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


class View(Data, frozen=True):
    """Everything, in words of `language`.

    Attributes:
        heads: headings and labels, by their key with `_` for the dot.
        notices: what to know before reading: edition, exercise, what is withheld.
        foot: one line on what this page is.
        running: what stands at the foot of each printed page.
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
        [_finding(one, language, found.picture) for one in card.findings],
        [_line(one, card, language) for one in card.lines],
        _cells(card.cell, language),
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
    return msgspec.convert(_held(msgspec.to_builtins(made)), View)


def _held(value: Any) -> Any:
    """A number and its per cent sign stay on one line, whoever wrote them."""
    if isinstance(value, str):
        return value.replace(" %", "\u00a0%")
    if isinstance(value, dict):
        return {name: _held(each) for name, each in value.items()}
    return [_held(each) for each in value] if isinstance(value, list) else value


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


def _finding(one: Finding, language: Language, front_picture: str) -> FindingView:
    return FindingView(
        one.claim,
        one.title[language],
        one.words[language],
        word(
            "detail.said",
            language,
            by=one.by[language],
            on=day(one.said_on)[language],
            department=values.department(one.department)[language],
        ),
        of("verdict", one.verdict)[language],
        one.why[language],
        one.sure[language],
        [_figure(one, each, language) for each in one.figures],
        [_figure(one, each, language) for each in one.also],
        [_compared(each, language) for each in one.compared],
        [_warned(each, language) for each in one.warnings],
        [each[language] for each in one.notes],
        [
            [word(f"detail.{name}", language), said[language]]
            for name, said in (
                ("tried", one.tried),
                ("seasonal", one.seasonal),
                ("interrupted", one.interrupted),
                ("nowcast", one.nowcast),
            )
            if said is not None
        ],
        [
            PictureView(
                name := f"{one.claim}-{plot.name}",
                plot.title[language],
                plot.alt[language],
                name == front_picture,
            )
            for plot in one.plots
        ],
        [
            word(f"detail.{name}_caption", language, title=one.title[language])
            for name in ("figures", "also", "compared")
        ],
    )


def _figure(finding: Finding, one: Figure, language: Language) -> FigureView:
    held = values.held(one)
    label = values.capital(one.label[language])
    if one.department:
        owner = values.department(one.department)[language]
        label = f"{label} ({word('detail.of', language, department=owner)})"
    return FigureView(
        one.name,
        label,
        one.shown[language],
        values.interval(one.interval, one.measure, language),
        of("holds", held)[language] if held else word("detail.none", language),
        values.days(one.vintages, language),
        number(one.rows)[language],
        one.digest,
        values.command(finding, one),
        one.series,
    )


def _compared(one: Compared, language: Language) -> list[str]:
    points = word("detail.points", language, n=number(100 * one.difference, 1)[language])
    return [
        one.label[language],
        percent(one.ours, 1)[language],
        percent(one.theirs, 1)[language],
        points,
    ]


def _warned(one: Warned, language: Language) -> str:
    return headed(of("warned", one.kind)[language], one.text[language], language)


def _line(one: Line, card: Scorecard, language: Language) -> LineView:
    agreement = of("agreement", one.agreement)[language]
    if one.until is not None:
        agreement = word("register.until", language, agreement=agreement, on=day(one.until)[language])
    return LineView(
        one.id,
        of("kind", one.kind)[language],
        one.says[language],
        values.department(one.department)[language],
        one.claim if any(found.claim == one.claim for found in card.findings) else "",
        values.standing(one, language),
        _amounts(one, language) if one.shown else [],
        one.found[language] if one.found and one.shown else "",
        [_evidence(each, one, language) for each in one.evidence] if one.shown else [],
        agreement,
        one.id in card.late or one.state == "late",
        "" if one.shown else word("register.hidden", language, agreement=agreement),
    )


def _amounts(one: Line, language: Language) -> list[str]:
    """What was announced, is delivered and in service, and the days of it."""
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


def _evidence(one: Evidence, line: Line, language: Language) -> str:
    amount = values.quantity(one.value, line.unit, language)
    said = f"{one.what[language]} ({one.source}), {day(one.day)[language]}"
    return headed(said, amount, language) if amount else said


def _cells(found: Sequence[CellFigure], language: Language) -> list[CellView]:
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


def _checks(card: Scorecard, language: Language) -> list[list[str]]:
    """Commands that check the page, with what each is for."""
    on, edition = card.on.isoformat(), card.edition
    asked = [("again", f"watchfloor scorecard --on {on} --edition {edition} -o scorecard-{on}.html")]
    asked.append(("signature", f"watchfloor scorecard --verify scorecard-{on}.sig"))
    first = next(((one, one.figures[0]) for one in card.findings if one.figures), None)
    if first:
        asked.insert(0, ("rows", values.command(*first)))
    return [[word(f"check.{name}", language), text] for name, text in asked]
