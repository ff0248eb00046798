"""Lines of the register and figures of the cell in words of one language."""

from collections.abc import Sequence
from datetime import date

from watchfloor.records.messages import Language
from watchfloor.scorecard.departments import called
from watchfloor.scorecard.findings import CellFigure, Data, Evidence, Line, Scorecard
from watchfloor.scorecard.page import values
from watchfloor.scorecard.page.words import of, word
from watchfloor.scorecard.said import day


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
    agreement = of("agreement", one.agreement)[language]
    if one.until is not None:
        agreement = word("register.until", language, agreement=agreement, on=day(one.until)[language])
    return LineView(
        one.id,
        of("kind", one.kind)[language],
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


def _evidence(one: Line, language: Language) -> list[str]:
    """What a line rests on; what one source of one day shows stands together, before the source."""
    found: dict[tuple[str, date], list[Evidence]] = {}
    for each in one.evidence:
        found.setdefault((each.source, each.day), []).append(each)
    return [
        f"{'; '.join(_shows(each, one, language) for each in many)} ({source}), {day(on)[language]}"
        for (source, on), many in found.items()
    ]


def _shows(one: Evidence, line: Line, language: Language) -> str:
    """What a document shows, and the number of it."""
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
