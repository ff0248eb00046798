"""Words that describe no goods and name nobody, compiled once for whole columns (RE2, linear in the text)."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

NUMBER: Final = "[0-9]+"


@cache
def phrases(name: str) -> tuple[str, ...]:
    """The phrases of a list of `phrases.toml`, normal, each once."""
    return tuple(dict.fromkeys(map(normal, _lists()[name]["words"])))


@cache
def _lists() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((files(__package__) / "phrases.toml").read_text("utf-8"))


def normal(text: str) -> str:
    """A text as it is compared: compatibility forms and accents resolved, lower case, words by one space."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if unicodedata.category(letter)[0] != "M"
    )
    kept = (letter if unicodedata.category(letter)[0] in "LN" else " " for letter in plain.lower())
    return " ".join("".join(kept).split())


def normals(texts: pa.Array) -> pa.Array:
    """`normal` of each text of a column."""
    plain = pc.replace_substring_regex(pc.utf8_normalize(texts, "NFKD"), r"\p{M}+", "")
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(pc.utf8_lower(plain), r"[^\p{L}\p{N}]+", " "))


@cache
def alone(*names: str, fillers: bool = True) -> str:
    """A pattern of normal texts that are made of listed phrases alone, numbers and little words between."""
    listed = _any(word for name in names for word in phrases(name))
    if not fillers:
        return f"^{listed}$"
    little = _any(phrases("filler"), NUMBER)
    return f"^(?:{little} )*{listed}(?: (?:{listed}|{little}))*$"


@cache
def within(name: str) -> str:
    """A pattern of normal texts that hold a listed phrase as words of their own."""
    return f"(?:^| ){_any(phrases(name))}(?: |$)"


@cache
def starting(name: str) -> str:
    """A pattern of normal texts that are a listed phrase; after `to order` may follow whose."""
    return f"^(?:{_any(phrases(name))}|to (?:the )?order of .*)$"


def _any(words: Iterable[str], *patterns: str) -> str:
    """Any of some words in singular or plural, the longest first, or of some patterns."""
    either = {word.removesuffix("s") + "s?" if len(word) > 3 else re.escape(word) for word in words}
    return f"(?:{'|'.join((*sorted(either, key=len, reverse=True), *patterns))})"
