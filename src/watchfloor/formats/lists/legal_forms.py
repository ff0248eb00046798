"""Legal forms of companies in any language, and their short generic names: "Aktiengesellschaft" is a JSC.

The table is rigour's, see `design/names.py`.
"""

import re
from functools import cache
from importlib.resources import files
from typing import Final

_WORD: Final = re.compile(r"\w+")


def generic(text: str) -> str:
    """Return a text in small letters with every legal form in its generic one; the longest match counts.

    A form stands where no letter or digit is on either side of it.
    """
    start, forms = _beginnings()
    parts: list[str] = []
    end = 0
    for beginning in start.finditer(text):
        word, at = beginning[0], beginning.start()
        if word in forms and at >= end and (found := _pattern(word).match(text, at)):  # else within another
            parts += text[end:at], _table()[found[0]]
            end = found.end()
    return "".join((*parts, text[end:]))


def is_legal_form(word: str) -> bool:
    """Whether a word in small letters is a legal form, or one that a form is written with."""
    return word in _spellings()


@cache
def _spellings() -> dict[str, str]:
    text = (files(__package__) / "names" / "legal_forms.tsv").read_text(encoding="utf-8")
    return dict(line.split("\t") for line in text.splitlines())


@cache
def _table() -> dict[str, str]:
    return {spelling: short for spelling, short in _spellings().items() if short}


@cache
def _beginnings() -> tuple[re.Pattern[str], dict[str, list[str]]]:
    """How a form may begin, with a word or a single sign, and the forms with each beginning."""
    forms: dict[str, list[str]] = {}
    for form in _table():
        word = _WORD.match(form)
        forms.setdefault(word[0] if word else form[0], []).append(form)
    signs = "".join(re.escape(one) for one in sorted(forms) if not _WORD.match(one))
    return re.compile(rf"(?<!\w)(?:\w+|[{signs}])"), forms


@cache
def _pattern(beginning: str) -> re.Pattern[str]:
    """The forms with one beginning, longer ones first. All in one would take 60 ms to compile."""
    _, forms = _beginnings()
    longest = sorted(forms[beginning], key=len, reverse=True)
    return re.compile(rf"(?:{'|'.join(map(re.escape, longest))})(?!\w)")
