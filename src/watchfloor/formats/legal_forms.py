"""Legal forms of companies in any language, and their short generic names: "Aktiengesellschaft" is a JSC.

The table is rigour's, see `design/names.py`.
"""

import re
from functools import cache
from importlib.resources import files
from typing import Final

Trie = dict[str, "Trie"]
_END: Final = ""


def generic(text: str) -> str:
    """Return a text in small letters with every legal form in its generic one; the longest match counts."""
    return _pattern().sub(lambda match: _table()[match[0]], text)


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
def _pattern() -> re.Pattern[str]:
    """One expression for all forms: its alternatives branch by letter, so a word costs what it is long."""
    root: Trie = {}
    for spelling in _table():
        node = root
        for char in spelling:
            node = node.setdefault(char, {})
        node[_END] = {}
    return re.compile(rf"(?<!\w){_expression(root)}(?!\w)")


def _expression(node: Trie) -> str:
    """The rest of every form that goes on from here, longer ones first."""
    ways = [re.escape(char) + _expression(after) for char, after in sorted(node.items()) if char != _END]
    if not ways:
        return ""
    both = ways[0] if len(ways) == 1 and _END not in node else f"(?:{'|'.join(ways)})"
    return f"{both}?" if _END in node else both
