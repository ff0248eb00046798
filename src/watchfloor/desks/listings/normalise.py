"""A name to tokens: script, case, legal forms and the compounds of Arabic names.

One function serves the list and the query. It works on many names at once as one text with a line a name, so
that the list costs microseconds a name; a query is a text of one line.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

import icu

from watchfloor.formats.encoding.romanise import romanise
from watchfloor.formats.lists import legal_forms

MAX_TEXT: Final = 400
"""Characters of a name that are read. The longest published name has fewer."""

MAX_TOKENS: Final = 24
"""Tokens of a name that are compared."""

Tokens = tuple[str, ...]


def tokenise(names: Sequence[str], organisations: bool) -> list[Tokens]:
    """Tokens of each name, lower case, in order; Arabic script stays, every other script becomes Latin.

    Args:
        names: as published or delivered. What stands beyond `MAX_TEXT` and `MAX_TOKENS` is not read.
        organisations: rewrite legal forms ("Aktiengesellschaft", "ООО") to short generic ones.
    """
    return [tuple(words[:MAX_TOKENS]) for words in _all_tokens(names, organisations)]


def is_cut(name: str, organisations: bool) -> bool:
    """Whether `tokenise` leaves an end of the name unread: it is beyond `MAX_TEXT` or `MAX_TOKENS`."""
    if name.isascii() and len(name) < 2 * MAX_TOKENS:  # words of one letter and a space each
        return False
    plain = " ".join(_FORMAT.sub("", unicodedata.normalize("NFKC", name)).split())
    return (
        len(name.rstrip()) > 4 * MAX_TEXT
        or len(plain) > MAX_TEXT
        or len(_all_tokens([name], organisations)[0]) > MAX_TOKENS
    )


def _all_tokens(names: Sequence[str], organisations: bool) -> list[list[str]]:
    if not names:
        return []
    text = "\n".join([" ".join(name[: 4 * MAX_TEXT].split())[:MAX_TEXT] for name in names])
    text = text.lower() if text.isascii() else "\n".join(map(_latin_or_arabic, text.split("\n")))
    if organisations:
        if "." in text:
            text = _DOTTED.sub(lambda match: match[0].replace(".", ""), text)
        text = legal_forms.generic(text)
    if "-" in text or not text.isascii():
        text = _ARTICLE.sub("al ", text)
    text = text.translate(_PUNCTUATION)
    text = _words(text)
    return [line.split() for line in text.split("\n")]


@cache
def warm_up_scripts() -> None:
    """Load the rules of every script, once: the first Han name alone would wait 80 ms for them."""
    for text in ("王伟", "ひカ", "권", "محمد", "Ιωάννης", "Мария", "Հայ", "ქარ", "שלום", "नाम", "ไทย"):
        tokenise([text], organisations=True)


def is_legal_form(token: str) -> bool:
    """Whether a token says only what kind of company it is."""
    return token in LEGAL_WORDS or legal_forms.is_legal_form(token)


def script(text: str) -> str:
    """The script of a name as thresholds know it: Latin, Cyrillic, Arabic, Han, Hangul, Kana or Other.

    It is the first that occurs in this order: Arabic, Hangul, Kana, Han, Cyrillic, other, Latin.
    """
    if text.isascii():
        return "Latin"
    text = text[:MAX_TEXT]
    for name, pattern in _SCRIPTS.items():
        if pattern.search(text):
            return name
    return "Latin"


def _latin_or_arabic(line: str) -> str:
    if line.isascii():
        return line.lower()
    line = _FORMAT.sub("", unicodedata.normalize("NFKC", line))[:MAX_TEXT]
    line = _IDEOGRAPHS.sub(_spell, _KANA.sub(lambda match: _to_latin(match[0]), line))
    line = _ALPHABETS.sub(lambda match: romanise(match[0]), line)
    line = _MARKS.sub("", unicodedata.normalize("NFKD", line)).casefold()
    if not line.isascii():
        line = _FOREIGN.sub(lambda match: _to_latin(match[0]), line.translate(_LETTERS))
    return line.replace("\n", " ").lower()


def _spell(match: re.Match[str]) -> str:
    """A space between syllables: names are written together in Han and Hangul and apart in Latin."""
    return f" {' '.join(map(_syllable, match[0]))} "


@lru_cache(maxsize=1 << 15)
def _syllable(char: str) -> str:
    return _to_latin(char)


def _to_latin(text: str) -> str:
    return str(_transliterator().transliterate(text))


@cache
def _transliterator() -> icu.Transliterator:
    return icu.Transliterator.createInstance("Any-Latin; Latin-ASCII")


def _words(text: str) -> str:
    if "abd" in text:
        text = _ABDULLAH.sub("abdullah", text)
        text = _ABDUL.sub("abdul ", text)
    if not text.isascii() and _ARABIC.search(text):
        for pattern, into in _ARABIC_WORDS:
            text = pattern.sub(into, text)
    return text


class _Punctuation(dict[int, str | None]):
    """Letters and digits stay, apostrophes and their kin vanish, everything else separates."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        kept = char if char.isalnum() or char == "\n" else " "
        self[code] = kept
        return kept


_PUNCTUATION: Final = _Punctuation(dict.fromkeys(map(ord, "'’‘`´ʹʻʼʾʿ\"“”·"), None))
_LETTERS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "ə": "a", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ħ": "h"}
    | {"ک": "ك", "ی": "ي", "ې": "ي", "ۍ": "ي", "ے": "ي", "ہ": "ه", "ھ": "ه", "ە": "ه", "ۀ": "ه", "ـ": ""}
    | {"ٱ": "ا", "ټ": "ت", "ٹ": "ت", "ډ": "د", "ڈ": "د", "ړ": "ر", "ڑ": "ر", "ڼ": "ن", "ں": "ن", "ګ": "گ"}
    | {"ښ": "ش", "ږ": "ژ", "ځ": "ز", "څ": "س", "ڤ": "ف", "ۆ": "و", "ۋ": "و", "ڕ": "ر", "ڵ": "ل"}
)
_MARKS: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]+"
)
_FORMAT: Final = re.compile(
    "[\ud800-\udfff\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]+"
)
_KANA: Final = re.compile("[\u3040-\u30ff]+")
_IDEOGRAPHS: Final = re.compile("[\u1100-\u11ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
_ALPHABETS: Final = re.compile(
    "[\u00c0-\u024f\u0370-\u052f\u0531-\u058f\u10a0-\u10ff\u1c90-\u1cbf\u1e00-\u1fff]+"
)
_FOREIGN: Final = re.compile(r"[^\x00-\x7f؀-ۿ]+")
_ARABIC: Final = re.compile("[\u0600-\u06ff]")
_SCRIPTS: Final = {
    "Arabic": re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefe]"),
    "Hangul": re.compile("[\u1100-\u11ff\uac00-\ud7af]"),
    "Kana": re.compile("[\u3040-\u30ff]"),
    "Han": re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"),
    "Cyrillic": re.compile("[\u0400-\u052f]"),
    "Other": re.compile("[\u0370-\u03ff\u0530-\u05ff\u0700-\u074f\u0780-\u10ff\u1200-\u1dff]"),
}
_DOTTED: Final = re.compile(r"\b(?:\w\.){2,}")
_ARTICLE: Final = re.compile(r"\b(?:al|el|ul|ad|ar|as|ash|at|an|az|ed|er|es|ez|en|ur|us|ud)[-‐‑–](?=\w)")
# Abd, the article and one of the names of God are written together or apart, the article assimilated or not.
_ABDULLAH: Final = re.compile(r"\babd[ ]?[aeiou]{1,2}[ ]?l{1,2}[ ]?[aeo]{1,2}h?\b")
_ABDUL: Final = re.compile(
    r"\babd[ ]?[aeiou]{1,2}"
    r"(?:l[ ]?(?!lah\b)(?=[a-z]{3})|([rsdnztj])[ ]?(?=\1[a-z]{2})|(?=[rsnz][aeiou][a-z]{3}))"
)
_ARABIC_WORDS: Final = tuple(
    (re.compile(pattern), into)
    for pattern, into in (
        (r"\bعبد ?الله?\b", "abdullah"),
        (r"\bعبد ?ال(?=\w{2})", "abdul "),
        (r"\bا?بن\b", "bin"),
        (r"\bبنت\b", "bint"),
        (r"\bاب[ويا]\b", "abu"),
        (r"\bال(?!له\b)(?=\w{3})", "al "),
        (r"\bال\b", "al"),
    )
)
LEGAL_WORDS: Final = frozenset(
    """
    company companies co corp corporation incorporated inc limited ltd plc llc llp lp sa sarl gmbh ag nv
    bv srl spa oao ooo zao pao ao jsc ojsc cjsc pjsc pte pty sdn bhd kk oy ab sas cia ltda enterprise
    enterprises societe sociedad compagnie compania
    """.split()
)
