"""Which encoding older than Unicode a text is in, found from its letters.

`chardet` ranks the encodings that offices have used; its word is taken where the letters make words: those
of a word are of one script, capitals come first, and no symbol stands between them. Western text comes before
it, because statistics of letters err on a few French or Spanish names, whose accents all fit a Western
alphabet. The alphabets are those of CLDR, from ICU.
"""

import re
from collections.abc import Iterable
from functools import cache
from itertools import repeat
from typing import Final, NamedTuple

WESTERN: Final = "cp1252"
LATIN: Final = {
    WESTERN: ("fr", "es", "pt", "de", "it", "nl", "sv", "da", "ca"),
    "cp1250": ("pl", "cs", "sk", "hu", "hr", "sl"),
    "iso8859-2": ("pl", "cs", "sk", "hu", "hr", "sl"),
    "cp1254": ("tr",),
}
"""Encodings of Latin letters, and the languages that are written in them."""
OTHERS: Final = {
    "cp1251": ("Cyrl",),
    "koi8-r": ("Cyrl",),
    "koi8-u": ("Cyrl",),
    "cp866": ("Cyrl",),
    "gb18030": ("Hani",),
    "big5hkscs": ("Hani",),
    "cp932": ("Hani", "Hira", "Kana"),
    "euc_jis_2004": ("Hani", "Hira", "Kana"),
    "cp949": ("Hang", "Hani"),
    "cp1256": ("Arab",),
    "cp1253": ("Grek",),
    "cp1255": ("Hebr",),
}
"""Encodings of other letters, and the scripts that they are for (ISO 15924)."""
COMMON: Final = {
    "gb18030": ("gb2312", 0xD7),
    "big5hkscs": ("big5", 0xC6),
    "cp932": ("shift_jis", 0x97),
    "euc_jis_2004": ("euc_jp", 0xCF),
    "cp949": ("euc_kr", 0xC8),
}
"""The encoding that each grew out of, and the first byte up to which that has the common characters."""

_TOKEN: Final = re.compile(r"[^\s,;|\"/()<>\[\]:.'’&\u05be\u05f3\u05f4\u3000-\u303f\u30fb\uff00-\uff0f-]+")
_AROUND: Final = " \t\xa0\xad!#$%*+=?@\\^_`{}~0123456789«»“”„‚‘’‹›–—…•·°ºª¡¿™©®§"
"""What stands around words in any text; other symbols there are letters of another encoding."""
_TYPOGRAPHIC: Final = frozenset(map(chr, range(128))) | frozenset(_AROUND + "€£¢½¼¾²³±×÷µ¶")
_ACCENTED: Final = re.compile(r"[^\x00-\x7f]{3}")
"""So many accented letters in a row are no Western word."""
_HALF_WIDTH: Final = re.compile(r"[\uff61-\uff9f]")
_ENOUGH: Final = 8
"""Different words that settle a question which fewer leave open."""


class Guess(NamedTuple):
    """An encoding; `rival` is another that fits as well, empty where the answer is sure."""

    encoding: str
    rival: str = ""


def guess(sample: bytes) -> Guess:
    """The encoding of text that is no UTF-8. Western where little speaks for anything else."""
    western = _share(sample, WESTERN, mixed=True)
    if not _words(sample, WESTERN) and _TYPOGRAPHIC.issuperset(sample.decode(WESTERN, "replace")):
        return Guess(WESTERN)
    if western >= 0.95 and not _is_of_one_language(sample):
        return Guess(WESTERN)
    ranked = _ranked(sample)
    shares = {name: _share(sample, name) for name, _ in ranked}
    best = max(shares.values())
    fitting = [(name, weight) for name, weight in ranked if shares[name] >= best - 0.1]
    (first, weight), *rest = fitting
    if first in LATIN:
        first = max((name for name, _ in fitting), key=lambda name: (name in LATIN) * shares[name])
    if best < max(0.6, min(western + 0.15, 0.98)):
        return Guess(WESTERN, first)
    first = next(name for name in (*LATIN, *OTHERS) if not _differs(sample, first, name))
    telling = _words(sample, WESTERN, first)
    if len(_words(sample, first)) >= _ENOUGH and len(telling) >= 3:
        return Guess(first)
    if first in LATIN:
        return (
            Guess(WESTERN, first) if _fitting(telling, WESTERN, mixed=True) >= 0.5 else Guess(first, WESTERN)
        )
    rivals = (name for name, other in rest if weight < 2 * other and _differs(sample, first, name))
    return Guess(first, next(rivals, ""))


def _is_of_one_language(sample: bytes) -> bool:
    """Whether one language of another part of Europe has all the letters, and no Western one has.

    Each Hungarian word could be a Portuguese or a French one; all of them together could not.
    """
    every = _words(sample, WESTERN)
    known = [alphabet(language) for language in LATIN[WESTERN]]
    for name in LATIN:
        telling = _words(sample, WESTERN, name)
        if len(every) < 2 * _ENOUGH or 2 * len(telling) < _ENOUGH or _share(sample, name) < 0.95:
            continue
        if not any(min(_spelt(every, one), _spelt(telling, one)) >= 0.95 for one in known):
            return True
    return False


def _ranked(sample: bytes) -> list[tuple[str, float]]:
    """Encodings by how well the statistics of their letters fit, the best first, with the weight of each."""
    import chardet

    names = (*LATIN, *OTHERS)
    found = chardet.detect_all(sample, ignore_threshold=True, include_encodings=names, compat_names=False)
    weights = {one["encoding"]: one["confidence"] for one in found}
    return sorted(
        ((name, weights.get(name, 0.0)) for name in names if name != WESTERN), key=lambda one: -one[1]
    )


def _differs(sample: bytes, one: str, other: str) -> bool:
    return sample.decode(one, "replace") != sample.decode(other, "replace")


def _words(sample: bytes, encoding: str, other: str | None = None) -> set[str]:
    """The different words of a text that are not in ASCII alone, without symbols and digits around them.

    With another encoding, only those that are not the same words in it.
    """
    text = sample.decode(encoding, "replace")
    words = set(_TOKEN.findall(text))
    if other:
        words -= set(_TOKEN.findall(sample.decode(other, "replace")))
    words = {word.strip(_AROUND) for word in words if not word.isascii()}
    return {word for word in words if not word.isascii() and any(map(str.isalpha, word))}


def _share(sample: bytes, encoding: str, *, mixed: bool = False) -> float:
    """Share of the words of a sample that are words in an encoding, see `_fitting`."""
    if encoding == "iso8859-2" and any(0x80 <= byte < 0xA0 for byte in sample):
        return 0.0
    return _fitting(_words(sample, encoding), encoding, mixed=mixed)


def _fitting(words: set[str], encoding: str, *, mixed: bool = False) -> float:
    """Share of the words that are of the encoding's best language, or of any where they are `mixed`."""
    if not words:
        return 0.0
    if encoding in OTHERS:
        return sum(_of_script(word, encoding) for word in words) / len(words)
    alphabets = [alphabet(language) for language in LATIN[encoding]]
    if mixed:
        return _spelt(words, *alphabets)
    return max(_spelt(words, one) for one in alphabets)


def _spelt(words: set[str], *alphabets: frozenset[str]) -> float:
    """Share of the words whose accented letters are all in one of some alphabets."""
    spelt = [word.replace("İ", "i").lower() for word in words if _latin(word)]
    letters = [frozenset(char for char in word if char > "\x7f") for word in spelt]
    return sum(any(one <= known for known in alphabets) for one in letters) / len(words)


def of_scripts(text: str, encoding: str) -> bool:
    """Whether all letters of a text that are not in ASCII are of the scripts of an encoding."""
    scripts = {*OTHERS.get(encoding, ("Latn",)), "Zyyy", "Zinh"}
    letters = {char for char in text if char > "\x7f" and char.isalpha()}
    return bool(letters) and all(_script(char) in scripts for char in letters)


@cache
def alphabet(language: str) -> frozenset[str]:
    """The letters of a language that are not in ASCII."""
    import icu

    found: Iterable[str] = icu.LocaleData(language).getExemplarSet()
    return frozenset(char for char in found if len(char) == 1 and char > "\x7f")


def _latin(word: str) -> bool:
    """Whether letters and their case make a word of Latin letters."""
    return word.isalpha() and _cased(word) and not _ACCENTED.search(word)


def _cased(word: str) -> bool:
    """Whether a word is in capitals, or has none but the first: no lower case goes before a capital."""
    return word.isupper() or word[1:] == word[1:].lower()


def _of_script(word: str, encoding: str) -> bool:
    """Whether a word has common letters of an encoding's scripts, and capitals where a word has them."""
    found = {_script(char) for char in word} - {"Zyyy", "Zinh"}
    spelt = all(char.isalpha() or _script(char) == "Zinh" for char in word)
    if not spelt or not found <= set(OTHERS[encoding]):
        return False
    if encoding in COMMON and 2 * sum(map(_is_common, word, repeat(encoding))) < len(word):
        return False
    if found == {"Hani", "Hang"} or ("Hani" in found and _HALF_WIDTH.search(word)):
        return False
    return found.isdisjoint(("Cyrl", "Grek")) or _cased(word)


@cache
def _is_common(char: str, encoding: str) -> bool:
    older, last = COMMON[encoding]
    try:
        return char.encode(older)[0] <= last
    except UnicodeEncodeError:
        return False


@cache
def _script(char: str) -> str:
    import icu

    return str(icu.Script.getScript(char).getShortName())
