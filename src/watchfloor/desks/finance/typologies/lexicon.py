"""Words in the texts of payments: names of substances, trades and goods in several scripts, and CAS numbers.

A text is compared as compatibility forms (NFKC), without case and without signs that are not seen. A word
counts where it stands by itself: not inside a longer word of its own script. Scripts that write no spaces
(Chinese, Japanese, Thai…) need no gap; a word that ends in `*` may go on, for languages that inflect.

The lists are `words/*.toml`. Of substances they hold what laws and conventions name, and registry numbers.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from stdnum import casrn

Bits = npt.NDArray[np.int64]

NUMBERS: Final = ("cas", "cas-listed")
"""What is found beside the words: any CAS number with a right check digit, and one that the lists hold."""

_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-")
_UNSPACED: Final = frozenset(
    "CJK HIRAGANA KATAKANA KATAKANA-HIRAGANA THAI LAO KHMER MYANMAR IDEOGRAPHIC BOPOMOFO".split()
)
_CAS: Final = re.compile(r"(?<![\d-])(\d{2,7})-(\d{2})-(\d)(?![\d-]\d|\d)")
_BARE_CAS: Final = re.compile(r"(?<![a-z])cas(?:\s*(?:no|number|rn|nr|#|:|\.))*\s*(\d{5,10})(?!\d)")
_DATE: Final = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-\d")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All lists.

    Attributes:
        lists: words by list, each normal, `*` at the end where it may go on.
        cas: registry numbers of regulated substances.
    """

    lists: Mapping[str, tuple[str, ...]]
    cas: frozenset[str]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the lists, in the order of their bits."""
        return (*NUMBERS, *sorted(self.lists))

    def bit(self, name: str) -> int:
        """The bit of a list. Raises `ValueError` where there is none of that name."""
        return 1 << self.names.index(name)


@cache
def lexicon() -> Lexicon:
    """The lists that come with the package."""
    lists: dict[str, tuple[str, ...]] = {}
    cas: set[str] = set()
    folder = files(__package__) / "words"
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml"):
            found: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
            cas |= set(found.get("cas", ()))
            words = (normal(word) for said in found["words"].values() for word in said)
            lists[file.name.removesuffix(".toml")] = tuple(dict.fromkeys(words))
    return Lexicon(lists, frozenset(cas))


def normal(text: str) -> str:
    """A text as it is compared: NFKC, without case, one kind of dash, no signs that are not seen."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(_DASHES)
    return "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")


def found_in(text: str) -> int:
    """The bits of the lists that have a word in the text."""
    known, said = lexicon(), normal(text)
    bits = sum(known.bit(name) for name in known.lists if _says(said, known.lists[name]))
    numbers = cas_numbers(said)
    if numbers:
        bits |= known.bit("cas")
    if known.cas & numbers:
        bits |= known.bit("cas-listed")
    return bits


def bits_of(texts: pa.DictionaryArray) -> Bits:
    """[n] bits of `found_in` for coded texts; 0 where there is none. A search over all words picks the
    texts that are looked at one by one."""
    said = texts.dictionary.cast(pa.string())
    found = np.zeros(len(said) + 1, np.int64)
    for at in np.flatnonzero(_may_say(said)).tolist():
        found[at] = found_in(said[at].as_py())
    return np.asarray(found[pc.fill_null(texts.indices, len(said)).to_numpy()], np.int64)


def _may_say(said: pa.Array) -> npt.NDArray[np.bool_]:
    """Which texts may have a word: those with the start of one, and all that are not plain ASCII and have
    letters of a list's scripts or digits."""
    if not len(said):
        return np.zeros(0, np.bool_)
    ascii_, other = _searches()
    plain = pc.match_substring_regex(pc.ascii_lower(said), ascii_)
    return np.asarray(
        pc.fill_null(
            pc.or_(
                plain, pc.and_(pc.invert(pc.string_is_ascii(said)), pc.match_substring_regex(said, other))
            ),
            False,
        ).to_numpy(zero_copy_only=False)
    )


@cache
def _searches() -> tuple[str, str]:
    words = {word.rstrip("*") for said in lexicon().lists.values() for word in said}
    plain = sorted(re.escape(word) for word in words if word.isascii())
    digits = r"[0-9]+-[0-9]{2}-[0-9]", r"cas[^a-z]*[0-9]{5}"
    return "|".join((*plain, *digits)), r"[^\x00-\x7f]"


def _says(said: str, words: tuple[str, ...]) -> bool:
    return any(word.rstrip("*") in said and _alone(said, word) for word in words)


def _alone(said: str, word: str) -> bool:
    """Whether the word stands somewhere by itself."""
    stem, open_ = word.rstrip("*"), word.endswith("*")
    at = said.find(stem)
    while at >= 0:
        end = at + len(stem)
        before = at == 0 or _gap(said[at - 1], said[at])
        after = end == len(said) or open_ or _gap(said[end - 1], said[end])
        if before and after:
            return True
        at = said.find(stem, at + 1)
    return False


def _gap(one: str, next_: str) -> bool:
    """Whether a word may end between two signs."""
    kinds = _kind(one), _kind(next_)
    return "" in kinds or kinds[0] != kinds[1] or kinds[0] in _UNSPACED


@lru_cache(maxsize=4096)
def _kind(sign: str) -> str:
    """The script of a letter, `DIGIT` of a number; empty for what is neither."""
    category = unicodedata.category(sign)
    if category[0] == "N":
        return "DIGIT"
    if category[0] not in "LM":
        return ""
    return unicodedata.name(sign, "LATIN").split()[0]


def cas_numbers(said: str) -> set[str]:
    """CAS numbers in a normal text whose check digit is right; what reads as a date is none."""
    written = {"-".join(one.groups()) for one in _CAS.finditer(said) if not _DATE.fullmatch(one[0])}
    bare = {f"{d[:-3]}-{d[-3:-1]}-{d[-1]}" for d in _BARE_CAS.findall(said)}
    return {one for one in written | bare if casrn.is_valid(one)}
