"""Names of persons and companies in prose, English and French: proposals, chosen with care.

A name is a run of words with capitals. It is a company's where it ends in a legal form. It is a person's
where a form of address stands before it, or where it has two words or more, the first is a name that people
bear (rigour's table, drawn from Wikidata, see `design/names.py`), and none is a word for a place, an office
or a thing. Family names are not held against the table, which knows those of some peoples better than those
of others. A name goes into the record as a proposal, and no name is an identity.
"""

import gzip
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from itertools import takewhile
from typing import Final, NamedTuple

from watchfloor.formats.countries import territory_names
from watchfloor.formats.report_words import BORNE, CALENDAR, LEGAL, OPENERS, PARTICLES, STOPS, TITLES

MAX_NAMES: Final = 5_000
"""Names that are proposed of one report; a telephone book is no report."""

_WORD: Final = r"(?:(?:al|el|ul|ad|as|an)-)?[A-ZÀ-ÖØ-Þ](?:\w|['’-](?=\w))*"
_TIE: Final = r"(?:[ \t]+|[ \t]*\n[ \t]*)"
_PARTICLE: Final = "|".join(sorted(PARTICLES, key=len, reverse=True))
_RUN: Final = re.compile(
    rf"(?<![\w@/.'’-])(?:{_WORD}\.?|[A-Z]\.)(?:{_TIE}(?:(?:(?:{_PARTICLE}){_TIE}){{0,2}}(?:{_WORD}))\.?)*"
)
_PARTNERS: Final = "Sons|Fils|Brothers|Frères|Associates|Associés|Company|Compagnie|Co|Daughters|Filles"
_LIMITED: Final = r"(?:,(?=\s+(?:Ltd|Inc|LLC|LLP|Limited|Corp|Lt[ée]e|S\.?A|GmbH|Co)\b))"
_COMPANY: Final = re.compile(
    rf"(?<![\w@/.'’-])[A-ZÀ-ÖØ-Þ0-9][\w.&'’/-]*(?:{_LIMITED}?{_TIE}"
    rf"(?:&|de|du|des|la|les|(?:and|et)(?=\s+(?:{_PARTNERS})\b)|[A-ZÀ-ÖØ-Þ0-9(][\w.&'’/()-]*)){{0,8}}"
)
_INITIAL: Final = re.compile(r"[A-Z]\.?")
_CUE: Final = re.compile(
    r"\b(?:named|called|alias|a\.k\.a\.|aka|nommée?|surnommée?|dénommée?)\s+[“\"«]?\s*$", re.IGNORECASE
)
_TURNED: Final = re.compile(
    r"(?<![\w,])(?P<family>[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ'’-]+(?: [A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ'’-]+)?),"
    r" (?P<given>[A-ZÀ-ÖØ-Þ][\w-]+)(?!\w)"
)


class Named(NamedTuple):
    """A name in a text: as written, first character, `Person` or `Company`."""

    text: str
    start: int
    schema: str


def names(text: str) -> list[Named]:
    """The names in a text, in its order."""
    found = list(_companies(text))
    found += [one for one in _turned(text) if not _inside(one, found)]
    found += [one for one in _persons(text) if not _inside(one, found)]
    return sorted(found, key=lambda one: one.start)


def _companies(text: str) -> Iterator[Named]:
    for match in _COMPANY.finditer(text):
        words = list(re.finditer(r"\S+", match[0]))
        ends = [i for i, word in enumerate(words) if i and _bare(word[0]) in LEGAL]
        if not ends:
            continue
        first = max((i + 1 for i in range(ends[0]) if _ends_sentence(words[i][0])), default=0)
        first += sum(1 for _ in takewhile(lambda word: _bare(word[0]) in OPENERS, words[first : ends[0]]))
        if first < ends[0]:
            written = match[0][words[first].start() : words[ends[-1]].end()].rstrip(",;:")
            yield Named(_without_stop(written), match.start() + words[first].start(), "Company")


def _without_stop(written: str) -> str:
    """A company's name without the full stop of the sentence; `Inc.` and `S.A.` keep theirs."""
    last = written.split()[-1]
    return (
        written.rstrip(".")
        if "." not in last[:-1] and _bare(last) not in {"inc", "ltd", "co", "corp"}
        else written
    )


def _turned(text: str) -> Iterator[Named]:
    """`ROY, Ann`: the family name in capitals and first, as forms and files have it."""
    for match in _TURNED.finditer(text):
        words = [*match["family"].split(), match["given"]]
        if _all_clear(words) and any(map(_borne, words)):
            yield Named(match[0], match.start(), "Person")


def _persons(text: str) -> Iterator[Named]:
    for match in _RUN.finditer(text):
        words = list(re.finditer(r"\S+", match[0]))
        for first, last, titled in _pieces(words):
            run = words[first:last]
            start = match.start() + run[0].start()
            written = match[0][run[0].start() : run[-1].end()]
            cued = titled or bool(_CUE.search(text[max(0, start - 20) : start]))
            if _is_person([word[0] for word in run], cued=cued):
                yield Named(re.sub(r"(?:['’]s|['’]|\.)$", "", written), start, "Person")


def _pieces(words: list[re.Match[str]]) -> Iterator[tuple[int, int, bool]]:
    """Runs of words that may be a name, and whether a form of address stands before; a stop cuts a run."""
    first, titled = 0, False
    for at, word in enumerate([*words, None]):
        bare = _bare(word[0]) if word else ""
        opens = at == first and bare in OPENERS
        if word is None or bare in TITLES or bare in CALENDAR or opens:
            if first < at:
                yield first, at, titled
            first, titled = at + 1, bare in TITLES
        elif _ends_sentence(word[0]):
            yield first, at + 1, titled
            first, titled = at + 1, False


def _ends_sentence(word: str) -> bool:
    return word.endswith(".") and not _INITIAL.fullmatch(word) and _bare(word) not in TITLES | LEGAL


def _is_person(words: list[str], *, cued: bool) -> bool:
    own = [word for word in words if _bare(word) not in PARTICLES]
    full = [word for word in own if not _INITIAL.fullmatch(word)]
    if not _all_clear(words) or not 2 <= len(own) <= 4 or not full:
        return False
    if all(word.isupper() for word in full) and not cued:
        return False  # a heading
    return cued or _borne(full[0])


def _all_clear(words: list[str]) -> bool:
    """Whether none of the words, or of their parts, speaks against a person's name."""
    return not any(
        part in STOPS or part in _countries()
        for word in words
        for part in (_bare(word), *_bare(word).split("-"))
    )


def _bare(word: str) -> str:
    bare = word.lower().replace(".", "").strip("(),;:&'’")
    return bare[:-2] if bare.endswith(("'s", "’s")) else bare


@lru_cache(maxsize=1 << 14)
def _borne(word: str) -> bool:
    """Whether people bear the name, or a part of it where it is written with a hyphen."""
    return any(part.casefold() in _given_names() for part in re.split(r"[-'’]", word.strip(".")))


@cache
def _given_names() -> frozenset[str]:
    """Names that people bear, of two letters and more."""
    packed = (files(__package__) / "names" / "given_names.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().splitlines())


@cache
def _countries() -> frozenset[str]:
    """Words of one that name a country or a region of one."""
    return frozenset(name.lower() for name in territory_names() if " " not in name) - BORNE


def _inside(one: Named, others: list[Named]) -> bool:
    end = one.start + len(one.text)
    return any(one.start < other.start + len(other.text) and other.start < end for other in others)
