"""A claim in words of one language: verdict, figures under each definition, cautions, pictures."""

from watchfloor.core.messages import Language
from watchfloor.scorecard.bilingual import day, number, percent
from watchfloor.scorecard.claims.doubt import as_told
from watchfloor.scorecard.departments import called
from watchfloor.scorecard.findings import Compared, Data, Figure, Finding, Warned
from watchfloor.scorecard.page import values
from watchfloor.scorecard.page.page_words import headed, term, word
from watchfloor.scorecard.titles import title


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
    takeaway: str
    alt: str
    source: str
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
    agreement: str


def finding(one: Finding, language: Language, front_picture: str) -> FindingView:
    """A claim in full; `front_picture` names the picture that stands on the front."""
    return FindingView(
        one.claim,
        one.title[language],
        one.words[language],
        word(
            "detail.said",
            language,
            by=one.by[language],
            on=day(one.said_on)[language],
            department=called(one.department)[language],
        ),
        term("verdict", one.verdict)[language],
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
                plot.takeaway[language] if plot.takeaway else "",
                plot.alt[language],
                plot.source[language] if plot.source else "",
                name == front_picture,
            )
            for plot in one.plots
        ],
        [
            word(f"detail.{name}_caption", language, title=one.title[language])
            for name in ("figures", "also", "compared")
        ],
        values.agreement(one, language),
    )


def _figure(of_claim: Finding, one: Figure, language: Language) -> FigureView:
    held = values.held(one) if one in of_claim.figures else ""
    label = values.capital(one.label[language])
    if one.department:
        owner = called(one.department)[language]
        label = f"{label} ({word('detail.of', language, department=owner)})"
    return FigureView(
        one.name,
        label,
        one.shown[language],
        values.interval(as_told(one), one.measure, language),
        term("holds", held)[language] if held else word("detail.none", language),
        one.cited[language] if one.cited else values.days(one.vintages, language),
        number(one.rows)[language],
        one.digest,
        values.command(of_claim, one),
        title(one.series)[language] if one.series and not one.cited else "",
    )


def _compared(one: Compared, language: Language) -> list[str]:
    """A change beside that of the control, a fall as a negative one, as the cautions have it."""
    points = word("detail.points", language, n=number(-100 * one.difference, 1)[language])
    changes = (percent(-each, 1)[language] for each in (one.ours, one.theirs))
    return [one.label[language], *changes, points]


def _warned(one: Warned, language: Language) -> str:
    return headed(term("warned", one.kind)[language], one.text[language], language)
