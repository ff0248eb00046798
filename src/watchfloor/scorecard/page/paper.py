"""The weekly page on paper: PDF/UA made by Typst, with the same words and pictures as the page.

The date of the paper is the day as of which everything is known, and its fonts are those that Typst brings
wherever they have the character, so the same scorecard gives the same bytes.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec

from watchfloor.cell.wording import typesetting
from watchfloor.core.messages import Language, declare, reason
from watchfloor.scorecard.findings import Scorecard
from watchfloor.scorecard.page.page_words import word, words
from watchfloor.scorecard.page.view import pictures, view
from watchfloor.scorecard.plots import svg
from watchfloor.scorecard.problems import Unanswerable

FONT: Final = "'Libertinus Serif'"
"""Of text in pictures: Typst has it on every machine."""

NO_PDF: Final = declare("scorecard.no-pdf", "problem")


def pdf(card: Scorecard, languages: Sequence[Language] = ("en",)) -> bytes:
    """The scorecard as tagged PDF, in one language or in several one after the other.

    Raises `Unanswerable` where Typst makes none, which says why.
    """
    at = datetime.combine(card.on, time(), UTC)

    def missing(n: int, char: str) -> str:
        return word("page.undrawn", languages[0], n=n, first=char)

    try:
        return typesetting.pdf(_template(), _data(card, languages), missing, at)
    except typesetting.Unset as error:
        raise Unanswerable(reason(NO_PDF, problem=str(error))) from error


@cache
def _template() -> bytes:
    return files(__package__).joinpath("templates/page.typ").read_bytes()


def _data(card: Scorecard, languages: Sequence[Language]) -> dict[str, Any]:
    """All that the template shows; pictures by language and name."""
    drawn = {
        f"{language}-{name}": svg(plot, language, name, FONT)
        for language in languages
        for name, plot in pictures(card)
    }
    views = [msgspec.to_builtins(view(card, language)) for language in languages]
    return {
        "title": f"{views[0]['title']}, {card.on.isoformat()}",
        "views": views,
        "words": [{key: said[language] for key, said in words().items()} for language in languages],
        "pictures": drawn,
    }
