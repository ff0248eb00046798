"""How a language writes numbers, days and lists, and which plural a count takes: by ICU, after CLDR.

French is that of Canada: thousands are parted by a no-break space (U+00A0), and 0 and 1.5 are singular.
English is written without ICU where Python writes the same, so that a command in English does not load it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import icu

Language = Literal["en", "fr"]


def number(value: float | str, language: Language, digits: int = 0, *, grouped: bool = True) -> str:
    """A number with so many decimals: 1,234.50 and 1 234,50. A text has the decimals that it is written with.

    It is rounded once, by Python, so that both languages show the same digits.
    """
    text = value if isinstance(value, str) else f"{value:.{digits}f}"
    if language == "en":
        return _grouped(text) if grouped else text
    sign = "+" if text.startswith("+") else ""
    decimals = len(text.partition(".")[2])
    return sign + str(_formatter(decimals, grouped).formatDecimal(text.removeprefix("+").encode()))


def signed(value: float, language: Language, digits: int = 1) -> str:
    """A difference with its sign, +1.5 and −1,5; 0 where nothing is left of it in so many decimals."""
    if not round(value, digits):
        return "0"
    return number(f"{value:+.{digits}f}", language).replace("-", "−")


def typeset(french: str) -> str:
    """Set a French text as Canada does: no-break spaces before :, % and $ and in guillemets, none before ;.

    A text is written with plain spaces, which a person can see, and gets the others here.
    """
    return _SPACED.sub("\u00a0", _SPACE_BEFORE_SEMICOLON.sub("", french))


def figures(text: str, language: Language) -> str:
    """Write the figures of a text that Python formatted as the language does: 93.5% is 93,5 % in French."""
    return text if language == "en" else _PERCENT.sub("\u00a0%", _POINT.sub(",", text))


_SPACE_BEFORE_SEMICOLON: Final = re.compile(r"[ \u00a0\u202f]+(?=;)")
_SPACED: Final = re.compile(
    r"[ \u202f]+(?=:(?:[\s»]|$))|(?<=«)[ \u202f]+|[ \u202f]+(?=»)|(?<=[\d}]) (?=[%$](?![\w{]))"
)
_POINT: Final = re.compile(r"(?<=\d)\.(?=\d)")
_PERCENT: Final = re.compile(r"(?<=\d) ?%")


def is_singular(count: float, language: Language) -> bool:
    """Whether a count takes the singular: 1 in English, 0 to below 2 in French."""
    if language == "en":
        return count == 1
    return bool(_plurals().select(float(count)) == "one")


def plural(count: float, one: str, other: str, language: Language = "en") -> str:
    """The form of some words that a count takes."""
    return one if is_singular(count, language) else other


def chosen(text: str, language: Language, params: Mapping[str, Any]) -> str:
    """Choose the forms in a sentence that its counts take: one of `{count:piece is|pieces are}`.

    A count that is not known, or a text that is no whole number, takes the plural.
    """
    return _FORMS.sub(lambda found: _form(found, language, params), text) if "|" in text else text


_FORMS: Final = re.compile(r"\{(\w+):([^{}|]*)\|([^{}|]*)\}")


def _form(found: re.Match[str], language: Language, params: Mapping[str, Any]) -> str:
    count = params[found[1]]
    if isinstance(count, str):
        count = int(count) if count.isdecimal() else None
    return found[3] if count is None else plural(count, found[2], found[3], language)


def listed(texts: Sequence[str], language: Language) -> str:
    """Texts as a sentence lists them: A, B and C; A, B et C."""
    if language == "en":
        return " and ".join(filter(None, (", ".join(texts[:-1]), *texts[-1:])))
    import icu

    return str(icu.ListFormatter.createInstance(_locale(language)).format(list(texts))) if texts else ""


def month(of_year: int, language: Language, *, short: bool = False) -> str:
    """The name of a month, 1 to 12: March, mars; short: Mar, mars."""
    return _months(language, short)[of_year - 1]


def day(value: date, language: Language) -> str:
    """A day in a sentence: 4 March 2025, 4 mars 2025, 1er janvier 2025 (CLDR has no form for the first)."""
    first = "1er" if value.day == 1 and language == "fr" else str(value.day)
    return f"{first} {month(value.month, language)} {value.year}"


def country(code: str, language: Language) -> str:
    """Return the name of a country by its two letters; the letters where they are of none."""
    import icu

    return str(icu.Locale("", code).getDisplayCountry(_locale(language))) or code


def _grouped(text: str) -> str:
    whole, point, rest = text.lstrip("+-").partition(".")
    return text[: len(text) - len(text.lstrip("+-"))] + f"{int(whole):,}{point}{rest}"


@cache
def _formatter(decimals: int, grouped: bool) -> Any:
    import icu

    made = icu.NumberFormatter.withLocale(_locale("fr")).precision(icu.Precision.fixedFraction(decimals))
    return made if grouped else made.grouping(icu.UNumberGroupingStrategy.OFF)


@cache
def _plurals() -> "icu.PluralRules":
    import icu

    return icu.PluralRules.forLocale(_locale("fr"))


@cache
def _months(language: Language, short: bool) -> tuple[str, ...]:
    import icu

    symbols = icu.DateFormatSymbols(_locale(language))
    width = symbols.ABBREVIATED if short else symbols.WIDE
    return tuple(symbols.getMonths(symbols.STANDALONE, width))


@cache
def _locale(language: Language) -> "icu.Locale":
    import icu

    return icu.Locale("en_CA" if language == "en" else "fr_CA")
