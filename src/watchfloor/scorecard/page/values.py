"""Values as the page writes them in one language: intervals, quantities, days, departments, commands."""

from collections.abc import Sequence
from datetime import date

from watchfloor.core.messages import Language
from watchfloor.scorecard.bilingual import Text, day, number, percent, plain
from watchfloor.scorecard.departments import called
from watchfloor.scorecard.findings import Figure, Finding, Interval, Line
from watchfloor.scorecard.page.page_words import term, word, words

SHARES = frozenset({"share", "change", "cited", "largest"})
"""Measures whose value is a part of one."""


def capital(text: str) -> str:
    """With a capital at its start, as a cell of a table begins."""
    return text[:1].upper() + text[1:]


def share(value: float, language: Language) -> str:
    """A part of one as a percentage with two digits that count: 0.20 %, 7.3 %, 86.6 %, 0.049 %."""
    part = abs(100 * value)
    digits = 1 if part >= 10 or part == 0 else 2 if part >= 0.1 else 3
    return percent(value, digits)[language]


def valued(value: float, measure: str, language: Language) -> str:
    """A value of a figure: a percentage where its measure is a part of one."""
    return share(value, language) if measure in SHARES else plain(value)[language]


def span(found: Sequence[tuple[float, str]], language: Language) -> tuple[str, str]:
    """The least and the greatest of some values of one measure. Of a change a fall is positive; where one of
    them is a rise, all are told with their sign, as +20.0 % and −90.0 %."""
    low, high = min(found), max(found)
    if low[1] == "change" and low[0] < 0:
        rises = (-high[0], -low[0])
        first, last = ("+" * (rise > 0) + share(rise, language) for rise in rises)
        return first, last
    return valued(*low, language), valued(*high, language)


def interval(one: Interval | None, measure: str, language: Language) -> str:
    """From where to where, with which probability and by which method."""
    if one is None:
        return word("detail.none", language)
    low, high = (_bound(side, measure, language) for side in (one.low, one.high))
    level = percent(one.level, 0)[language]
    method = term("method", one.method)[language]
    return word("detail.level", language, low=low, high=high, level=level, method=method)


def quantity(value: float | None, unit: Text | None, language: Language) -> str:
    """So many of what; empty where nobody has said."""
    if value is None:
        return ""
    return plain(value)[language] + (f" {unit[language]}" if unit else "")


def days(found: tuple[date, ...], language: Language) -> str:
    """Days of vintages, the newest last."""
    return ", ".join(day(one)[language] for one in found) or word("detail.none", language)


def held(one: Figure) -> str:
    """Whether the claim holds of it: yes, no, or open, where an interval or the words leave it; nothing where
    there is no figure. It is not asked of a figure that is not judged."""
    return "" if one.value is None else {True: "yes", False: "no", None: "open"}[one.holds]


def standing(line: Line, language: Language) -> str:
    """The verdict of a line, or of a commitment its state; empty of context."""
    found = line.verdict or line.state
    key = f"verdict.{found}"
    return (words()[key] if key in words() else term("state", found))[language] if found else ""


def agreement(finding: Finding, language: Language) -> str:
    """How the agreement of each department that is asked for it stands; empty where nobody looked."""
    return "; ".join(
        f"{called(code)[language]}, {term('agreement', state)[language]}"
        for code, state in finding.agreement.items()
    )


def command(finding: Finding, figure: Figure) -> str:
    """Return the command that prints the rows of a figure."""
    return f"watchfloor claims rows {finding.claim} {figure.name}"


def delivered(line: Line, language: Language) -> str:
    """Return the quantity of a commitment in service, else delivered; empty where nobody has said."""
    found = line.in_service if line.in_service is not None else line.delivered
    return quantity(found, line.unit, language)


def _bound(value: float, measure: str, language: Language) -> str:
    if measure in SHARES:
        return share(value, language)
    digits = 0 if abs(value) >= 100 or float(value).is_integer() else 1 if abs(value) >= 10 else 3
    return number(value, digits)[language]
