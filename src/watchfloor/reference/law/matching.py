"""Names of substances in running text: which are there, in any script, and not as part of something else.

A text is folded (NFKC, case, one kind of dash, Greek letters spelt out) and cut into tokens: a word, a number
or one Chinese character. A name is a sequence of tokens: `4 - Piperidone`, `4piperidone` are `4-piperidone`.
Names stand in a trie over tokens; the longest that begins at a token wins. A name with more of a chemical
name tied to it (`N-methyl-4-piperidone`) is `within` another one, and so is a known stem that ends a longer
word (`benzoylfentanyl`). Words beside it can undo a name: `acetone-free`, `toluene diisocyanate`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from stdnum import casrn

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

Strength = Literal["name", "synonym", "cas", "un", "short", "within", "euphemism"]

STRENGTHS: Final[tuple[Strength, ...]] = ("name", "synonym", "cas", "un", "within", "short", "euphemism")
"""From what says most to what says least."""

_HAN: Final = "㐀-䶿一-鿿豈-﫿"
_TOKEN: Final = re.compile(rf"[{_HAN}]|[^\W\d_{_HAN}]+|\d+")
_LETTER: Final = re.compile(rf"[{_HAN}]")
_CAS: Final = re.compile(r"(?<![\d-])\d{2,7}-\d\d-\d(?![\d-])")
_UN: Final = re.compile(r"\bun[\s-]*(?:no\.?|number|nr\.?|#|:)?\s*(\d{4})\b")
_PLAIN: Final = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-") | {
    ord(letter): name
    for letter, name in zip("αβγδω", ("alpha", "beta", "gamma", "delta", "omega"), strict=True)
}


class TextMatch(NamedTuple):
    """One place in a text.

    Attributes:
        strength: one of `STRENGTHS`.
        text: as it is written there, folded.
        start: its first character in the folded text.
        what: what it names, such as an id of `trade.toml`; its place in the text where the rows gave it.
        lang: of the name; empty for a number.
        name: the name that was found, as it was given.
    """

    strength: Strength
    text: str
    start: int
    what: str
    lang: str
    name: str


class Name(NamedTuple):
    """One name to look for.

    Attributes:
        text: as it is written.
        what: what it names.
        strength: `name`, `synonym`, `short`, `euphemism`, `cas` or `un`.
        lang: ISO 639-1, with the script where that matters.
        alone: counts only where no letter of its script touches it.
        stem: counts inside a longer chemical name, as `within`.
    """

    text: str
    what: str
    strength: Strength
    lang: str = ""
    alone: bool = False
    stem: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """Words next to a name that change what it says: see `[beside]` in `trade.toml`."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    salts: tuple[str, ...] = ()
    stereo: tuple[str, ...] = ()


def fold(text: str) -> str:
    """A text as it is compared: NFKC, without case, one kind of dash, no signs that are not seen."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(_PLAIN)
    return "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")


def without_accents(text: str) -> str:
    """Latin letters without their accents; other scripts as they are."""
    parts = unicodedata.normalize("NFD", text)
    bare = "".join(sign for at, sign in enumerate(parts) if not (at and _on_latin(parts, at)))
    return unicodedata.normalize("NFC", bare)


def _on_latin(parts: str, at: int) -> bool:
    return unicodedata.category(parts[at]) == "Mn" and parts[at - 1].isascii()


Node = dict[str, Any]
_END: Final = ""


@dataclass(slots=True)
class Matcher:
    """All names, compiled. Not changed after `build`.

    Attributes:
        trie: tokens to nodes; a node's `""` holds the names that end there.
        numbers: CAS and UN numbers to what they stand for.
        needed: one token of each name: a text with none of them holds no name.
        stems: endings of words.
        beside: words next to a name.
    """

    trie: Node = field(default_factory=dict)
    numbers: dict[str, list[Name]] = field(default_factory=dict)
    needed: set[str] = field(default_factory=set)
    stems: list[tuple[str, Name]] = field(default_factory=list)
    beside: Beside = field(default_factory=Beside)
    before: tuple[str, ...] = ()
    after: re.Pattern[str] = re.compile("$^")
    search: str | None = None

    @classmethod
    def build(cls, names: Iterable[Name], beside: Beside | None = None) -> "Matcher":
        """From names; the first of two that are written alike and mean one thing wins."""
        made = cls(beside=beside or Beside())
        for name in names:
            if name.strength in ("cas", "un"):
                made.numbers.setdefault(name.text, []).append(name)
            else:
                made._add(name)
        made.before = tuple(fold(word) for word in made.beside.before)
        words = "|".join(re.escape(fold(word)) for word in sorted(made.beside.after, key=len, reverse=True))
        made.after = re.compile(rf"[\s-]*(?:{words})(?![^\W\d_{_HAN}])") if words else made.after
        return made

    def _add(self, name: Name) -> None:
        folded = fold(name.text)
        for text in dict.fromkeys((folded, _bare(folded))):
            node, tokens = self.trie, _TOKEN.findall(text)
            self.needed.add(max(tokens, key=_telling))
            for token in tokens:
                node = node.setdefault(token, {})
            held: list[Name] = node.setdefault(_END, [])
            if all(one.what != name.what for one in held):
                held.append(name)
        if name.stem and folded.isalpha() and not _LETTER.search(folded):
            self.stems.append((folded, name))

    def may(self, texts: "pa.Array") -> "npt.NDArray[np.bool_]":
        """[n] which texts can name something, for many at once: never wrong with no.

        Texts that are not plain ASCII, and such as are not there, are left to `find`.
        """
        if self.search is None:
            words = sorted(one for one in self.needed if one.isascii())
            letters = _either("[^a-z]", (one for one in words if one.isalpha()))
            digits = _either("[^0-9]", (one for one in words if one.isdigit()))
            stems = "|".join(re.escape(stem) for stem, _ in self.stems)
            numbers = r"[0-9]-[0-9][0-9]-[0-9]|\bun[^a-z]*[0-9]"
            self.search = "|".join(filter(None, (letters, digits, stems, numbers)))
        import numpy as np  # a tenth of a second that looking up one name does without
        import pyarrow.compute as pc

        plain = pc.match_substring_regex(pc.ascii_lower(texts), self.search)
        found = pc.or_(plain, pc.invert(pc.string_is_ascii(texts)))
        return np.asarray(pc.fill_null(found, False).to_numpy(zero_copy_only=False), np.bool_)

    def find(self, text: str) -> list[TextMatch]:
        """Find the names in a text, in order; of overlapping names the longest."""
        folded = fold(text)
        return list(self._found(folded)) if self._may(folded) else []

    def _may(self, folded: str) -> bool:
        """Whether a search can find anything: quick, and never wrong when it says no."""
        if not self.needed.isdisjoint(_TOKEN.findall(folded)):
            return True
        if any(stem in folded for stem, _ in self.stems):
            return True
        return ("-" in folded and _CAS.search(folded) is not None) or (
            "un" in folded and _UN.search(folded) is not None
        )

    def _found(self, folded: str) -> Iterator[TextMatch]:
        taken: list[tuple[int, int]] = []
        for found in self._numbers(folded):
            taken.append((found.start, found.start + len(found.text)))
            yield found
        pieces = [(one.group(), one.start(), one.end()) for one in _TOKEN.finditer(folded)]
        at = 0
        while at < len(pieces):
            count, names = self._longest(pieces, at)
            start, end = pieces[at][1], pieces[at + max(count, 1) - 1][2]
            if any(start < till and begin < end for begin, till in taken):
                at += 1
                continue
            if count:
                kept = [one for name in names for one in self._judged(folded, start, end, name)]
                yield from kept
                at += count
                continue
            yield from self._stem(folded, *pieces[at])
            at += 1

    def _longest(self, pieces: Sequence[tuple[str, int, int]], at: int) -> tuple[int, list[Name]]:
        node, best, names = self.trie, 0, []
        for ahead in range(at, len(pieces)):
            if ahead > at and _apart(pieces[ahead - 1][2], pieces[ahead][1]):
                break
            following = node.get(pieces[ahead][0])
            if following is None:
                break
            node = following
            if _END in node:
                best, names = ahead - at + 1, node[_END]
        return best, names

    def _judged(self, folded: str, start: int, end: int, name: Name) -> Iterator[TextMatch]:
        """The name at a place, unless what stands beside it undoes it."""
        if self._undone(folded, start, end) or (name.alone and _touched(folded, start, end)):
            return
        tied = self._tied(folded, start, end, name)
        if tied and not name.stem:
            return
        strength: Strength = "within" if tied else name.strength
        yield TextMatch(strength, folded[start:end], start, name.what, name.lang, name.text)

    def _undone(self, folded: str, start: int, end: int) -> bool:
        head = folded[max(0, start - _NEAR) : start].rstrip(" -,;:(")
        if any(head.endswith(word) and _starts(head, word) for word in self.before):
            return True
        return self.after.match(folded, end) is not None

    def _tied(self, folded: str, start: int, end: int, name: Name) -> bool:
        """Whether more of a chemical name hangs on it: `methyl-`, `(methyl)`, `methyl `; `-2,4-di…`."""
        left, right = _before(folded, start, name.text.startswith("(")), _behind(folded, end)
        return (bool(left) and left not in self.beside.stereo) or (
            bool(right) and right not in self.beside.salts
        )

    def _stem(self, folded: str, token: str, start: int, end: int) -> Iterator[TextMatch]:
        for stem, name in self.stems:
            if len(token) > len(stem) and token.endswith(stem) and not self._undone(folded, start, end):
                yield TextMatch("within", token, start, name.what, name.lang, name.text)
                return

    def _numbers(self, folded: str) -> Iterator[TextMatch]:
        for one in _CAS.finditer(folded):
            if one.group() in self.numbers and casrn.is_valid(one.group()):
                for name in self.numbers[one.group()]:
                    yield TextMatch("cas", one.group(), one.start(), name.what, "", name.text)
        for one in _UN.finditer(folded):
            for name in self.numbers.get(one[1], ()):
                yield TextMatch("un", one.group(), one.start(), name.what, "", name.text)


_EVERYWHERE: Final = frozenset(
    "acid filling human lots machine machines machinery material mini mold mould oil organic plant plants"
    " press presses pressing sample samples set white yellow red salts food making and not for".split()
)
"""Words of names that many descriptions of goods have: a quick search goes by another word of the name."""


def _either(gap: str, words: Iterable[str]) -> str:
    """A pattern for any of some words between gaps; empty for none."""
    joined = "|".join(words)
    return f"(?:^|{gap})(?:{joined})(?:{gap}|$)" if joined else ""


def _telling(token: str) -> tuple[bool, bool, int, bool]:
    """How much a token of a name tells: the least common of them is the one to search by."""
    return token not in _EVERYWHERE, not token.isascii(), len(token), token.isalpha()


def _apart(end: int, start: int) -> bool:
    """Whether two tokens stand too far apart to be of one name."""
    return start - end > 3


def _starts(head: str, word: str) -> bool:
    at = len(head) - len(word)
    return at == 0 or not head[at - 1].isalpha() or bool(_LETTER.match(word))


def _touched(folded: str, start: int, end: int) -> bool:
    beside = folded[start - 1 : start] + folded[end : end + 1]
    return bool(_LETTER.search(beside))


_NEAR: Final = 40
"""Characters before a name that are looked at."""

_PART: Final = "yl|oxyl?|amino|amido|imino|nitro|nitroso|chloro|bromo|iodo|fluoro|oxo|thio|mercapto|cyano|boc"
"""What pieces of chemical names end in: one of them before a name makes another substance of it."""

_LEFT: Final = re.compile(
    rf"([^\W_]+)['′.]*[\])}}]*-$|\d['′]?(,)$|([\])}}])$|([^\W\d_]+)$|([^\W\d_]*(?:{_PART}))\s$"
)
_RIGHT: Final = re.compile(
    r"-[\[({]*([^\W\d_][^\W_]*|\d+(?=[^\W\d_]|[,'′-]))|(,)\d|([^\W\d_]+)|(,)\s*\S{0,80}-(?=[\s,;)]|$)"
)


@lru_cache(maxsize=4096)
def _before(folded: str, start: int, bracket: bool) -> str:
    """Return the word that hangs on a name to the left; a Chinese character is a word of its own."""
    head = folded[max(0, start - _NEAR) : start]
    return _latin(_LEFT.search(head.rstrip("([{") if bracket else head))


@lru_cache(maxsize=4096)
def _behind(folded: str, end: int) -> str:
    return _latin(_RIGHT.match(folded, end))


def _latin(found: re.Match[str] | None) -> str:
    part = next(filter(None, found.groups()), "") if found else ""
    return "" if _LETTER.search(part) else part


def _bare(folded: str) -> str:
    """The name without accents, unless that makes an everyday word of it."""
    bare = without_accents(folded)
    return folded if bare in _EVERYDAY else bare


_EVERYDAY: Final = frozenset({"heroine", "opio"})
"""What names of substances become without accents that are words for something else."""
