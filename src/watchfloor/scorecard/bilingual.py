"""Sentences of the page in both official languages, and numbers as each of them writes them."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import msgspec

from watchfloor import messages
from watchfloor.core.messages import Language, Message

MINUS: Final = "\u2212"
LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in English and in French."""

    en: str
    fr: str

    def __getitem__(self, language: Language) -> str:
        """The text in one language."""
        return self.en if language == "en" else self.fr


def fill(message: Message, **params: "Text | str | int") -> Text:
    """A declared message filled with texts of both languages; a plain text stands in both as it is.

    Raises `KeyError` for a parameter that is missing.
    """
    return Text(*(_filled(message, language, params) for language in ("en", "fr")))


def same(text: str) -> Text:
    """A text that reads alike in both languages: a name, a number of a document."""
    return Text(text, text)


def joined(texts: Iterable[Text], by: str | Text = ", ") -> Text:
    """Several texts in one, with what stands between two of them; empty of none."""
    every, between = list(texts), same(by) if isinstance(by, str) else by
    return Text(between.en.join(one.en for one in every), between.fr.join(one.fr for one in every))


def listed(texts: Iterable[Text]) -> Text:
    """Several texts as a sentence lists them: A, B and C."""
    every = list(texts)
    return Text(*(messages.listed([one[language] for one in every], language) for language in LANGUAGES))


def days(found: Iterable[date]) -> Text:
    """Days as a sentence lists them, in French each with its article: le 4 mars 2025 et le 1er avril 2025."""
    return listed(Text(one.en, f"le {one.fr}") for one in map(day, found))


def capital(text: Text) -> Text:
    """A text with a capital at its start, as a sentence begins."""
    return Text(text.en[:1].upper() + text.en[1:], text.fr[:1].upper() + text.fr[1:])


def number(value: float, digits: int = 0) -> Text:
    """A number with so many decimals: 21,889.21 and 21 889,21."""
    text = f"{abs(value):.{digits}f}"
    sign = MINUS if value < 0 and text.strip("0.") else ""
    return Text(*(sign + messages.number(text, language) for language in LANGUAGES))


def plain(value: float) -> Text:
    """A number with as many decimals as it has, six at most: 15, 1.735."""
    return number(value, len(f"{value:.6f}".rstrip("0").partition(".")[2]))


def percent(share: float, digits: int = 1) -> Text:
    """A share of one as a percentage: 0.00197 with three decimals is 0.197 % (0,197 %)."""
    text = number(100 * share, digits)
    return Text(f"{text.en} %", f"{text.fr}\u00a0%")


def shown_percent(share: float) -> Text:
    """A share with three digits that count, no more than three of them decimals: 0.197 %, 7.35 %, 43.0 %."""
    return percent(share, percent_digits(share))


def percent_digits(share: float) -> int:
    """How many decimals a percentage has with three digits that count; three at most."""
    points = abs(100 * share)
    return next((n for n, end in ((3, 1), (2, 10), (1, 100)) if round(points, n) < end), 0)


def day(value: date) -> Text:
    """A day as both languages write it in a sentence: 4 March 2025, 4 mars 2025 (1er janvier)."""
    return Text(*(messages.day(value, language) for language in LANGUAGES))


def _filled(message: Message, language: Language, params: dict[str, Any]) -> str:
    text = message.en if language == "en" else message.fr
    given = {k: v[language] if isinstance(v, Text) else v for k, v in params.items()}
    return messages.chosen(text, language, given).format(**given)
