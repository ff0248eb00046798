"""The weekly page as one HTML file: no script, nothing fetched, the pictures and the style within it."""

import re
from collections.abc import Sequence
from functools import cache, partial
from importlib.resources import files
from typing import Final

from jinja2 import Environment
from markupsafe import Markup

from watchfloor.core.messages import Language
from watchfloor.core.templates import environment
from watchfloor.scorecard.findings import Scorecard
from watchfloor.scorecard.page.page_words import word
from watchfloor.scorecard.page.view import View, pictures, view
from watchfloor.scorecard.plots import svg

ADDRESS: Final = re.compile(r"(https://[^\s()<>\"”»]+[^\s()<>\"”».,;:])")
"""An address as evidence has it, at the end of a source."""


def html(card: Scorecard, languages: Sequence[Language] = ("en",)) -> str:
    """The page, in one language or in several one after the other, each with a link to the other.

    The text depends on the scorecard and the languages alone. Nothing of a scorecard is markup.
    """
    views = [view(card, language) for language in languages]
    return (
        _templates()
        .get_template("page.html")
        .render(
            card=card,
            views=views,
            bodies=[_body(card, one, languages) for one in views],
            css=Markup(_css()),  # noqa: S704 - our own file
            words=lambda language, key: word(key, language),
        )
    )


def _body(card: Scorecard, one: View, languages: Sequence[Language]) -> Markup:
    language = one.language
    other = next((each for each in languages if each != language), None)
    found = dict(pictures(card))

    def drawn(name: str) -> Markup:
        text = svg(found[name], language, f"{language}-{name}")
        return Markup(text)  # noqa: S704 - serialised by lxml, texts escaped

    made = (
        _templates()
        .get_template("page-body.html")
        .render(
            view=one,
            w=partial(_word, language),
            svg=drawn,
            colon=":" if language == "en" else "\u00a0:",
            other=other,
            other_word=word("page.other", language),
        )
    )
    return Markup(made)  # noqa: S704 - rendered with escapes


def _word(language: Language, key: str, **filled: str | int) -> str:
    return word(key, language, **filled)


@cache
def _templates() -> Environment:
    filters = {"css": _css_text, "linked": _linked}
    return environment("watchfloor.scorecard.page", filters, keep_trailing_newline=True)


def _linked(text: str) -> Markup:
    """A text whose addresses can be followed. Nothing is fetched until somebody does."""
    parts = ADDRESS.split(text)
    return Markup("").join(
        Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(part) if at % 2 else part
        for at, part in enumerate(parts)
    )


@cache
def _css() -> str:
    return files(__package__).joinpath("templates/page.css").read_text(encoding="utf-8")


def _css_text(text: str) -> Markup:
    """A text as a string of CSS: what is no plain letter as its number, so that nothing ends the style."""
    plain = (
        char if char.isascii() and (char.isalnum() or char in " ./-") else f"\\{ord(char):x} "
        for char in text
    )
    return Markup(f'"{"".join(plain)}"')  # noqa: S704 - escaped above
