"""Header of a report, or its equivalent in the text: title, author, rating, file numbers.

A header is a block of `Key: value` lines at the start, in English or French, or TOML between two lines `+++`:

    Title: Night crossing at the old ferry landing
    Author: Marine unit 4
    Date: 2026-11-20 03:10
    Source reliability: B
    Information credibility: 2
    Files: PROS 2026-114; CPIC 88-1
    Subjects: vessel:imo:9074729
    Hypothesis: smuggling

Reliability and credibility follow the Admiralty code (NATO AJP-2.1): A to F for the source, 1 to 6 for the
information. They are two judgements and stay two; of several ratings in one text none is taken.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.marking import Marking
from watchfloor.core.subjects import SubjectError, parts, subject
from watchfloor.formats.documents.portions import STRICTEST, UnreadableMarkingError, read_marking
from watchfloor.formats.tabular import values
from watchfloor.formats.tabular.values import Identifier

KEYS: Final[Mapping[str, str]] = {
    word: name
    for name, words in {
        "title": "title|titre|objet|re",
        "author": "author|auteur|autrice|unit|unité|originator|reporting unit|from|de",
        "observed_at": "date|date of information|date of report|observed|date du rapport|observé",
        "report_key": "number|report number|report no|report|serial|numéro|numéro du rapport|rapport|no",
        "reliability": "reliability|source reliability|source|fiabilité|fiabilité de la source",
        "credibility": "credibility|information credibility|info credibility|info|information|crédibilité|"
        "crédibilité de l'information",
        "rating": "rating|evaluation|grading|admiralty|admiralty code|évaluation|cote|cotation",
        "caveats": "caveats|caveat|handling|handling caveats|mises en garde|restrictions",
        "references": "references|reference|file numbers|file number|files|file|références|référence|"
        "dossiers|dossier|numéros de dossier|numéro de dossier",
        "subjects": "subjects|subject|sujets|sujet",
        "hypothesis": "hypothesis|hypothèse",
        "marking": "marking|classification|marquage",
        "origins": "origins|origin|origines|origine",
    }.items()
    for word in words.split("|")
}
"""Field by the words for it, in lower case."""

SYSTEMS: Final = (
    *("PROS", "SPROS", "PRIME", "CPIC", "CIPC", "ICES", "NICHE", "VERSADEX", "IMDS", "NCIC", "GCMS", "SMGC"),
    *("FOSS", "NCMS", "ACIIS", "SAIRC", "ACES", "TECS", "RMS"),
)
"""Systems of police and border services whose file numbers are known in text; a header may name others."""

FIRST_LINES: Final = 40
"""How far into a document a header is looked for."""

FORMS: Final = (
    *("%d %B %Y", "%d %B %Y %H:%M", "%d %b %Y", "%d %b %Y %H:%M", "%B %d, %Y", "%Y/%m/%d", "%Y/%m/%d %H:%M"),
)
"""How reports write dates beside ISO 8601. Day and month as two numbers are not guessed."""

_LINE: Final = re.compile(r"\s*([^\W\d_][\w' ’]{0,40}?)\s*:\s*(\S.*)?$")
_PAIR: Final = re.compile(r"([A-F])[\s/-]?([1-6])", re.IGNORECASE)
_RATED: Final = (
    re.compile(
        r"(?:source|fiabilité)[^\W\d]*(?:[ ]\w+){0,3}\s*[:=]\s*(?P<r>[A-F])\b[\s/,;|–-]*"
        r"(?:info|crédib|credib)[^\W\d]*(?:[ ][\w’']+){0,3}\s*[:=]\s*(?P<c>[1-6])\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:rat(?:ed|ing)|grad(?:ed|ing)|evaluat(?:ed|ion)|assessed|admiralty|cotée?|cote|évaluée?|évaluation)"
        r"(?:[ ](?:as|at|code|is|comme|à))?\s*[:=]?\s*(?P<r>[A-F])[/-]?(?P<c>[1-6])\b",
        re.IGNORECASE,
    ),
    re.compile(r"(?:^|(?<=\s))[\[(](?P<r>[A-F])[/-]?(?P<c>[1-6])[\])]"),
    re.compile(r"^\s*(?P<r>[A-F])[/-]?(?P<c>[1-6])\s*$", re.MULTILINE),
)
_REFERENCE: Final = re.compile(
    rf"\b(?P<system>{'|'.join(SYSTEMS)})\b(?:\s+(?:file|no\.?|nos?|number|dossier|numéro|#|n[o°º]\.?))*\s*[:#]?\s*"
    r"(?P<number>(?=[A-Z-]{0,6}[0-9])[0-9A-Z](?:[0-9A-Z./-]*[0-9A-Z])?)"
)
_OTHER: Final = re.compile(r"(?P<system>[^\W\d_][\w.-]*)(?:\s*[:#]\s*|\s+)(?P<number>\S.*)")


@dataclass(frozen=True, slots=True)
class About:
    """Description of a report by itself; fields that it does not state are None or empty.

    `problems` are sentences about what it says and cannot be taken, without the words themselves: whoever
    reads the sentence may not be cleared for the report.
    """

    title: str | None = None
    author: str | None = None
    observed_at: datetime | None = None
    report_key: str | None = None
    reliability: str | None = None
    credibility: str | None = None
    caveats: tuple[str, ...] = ()
    references: tuple[Identifier, ...] = ()
    subjects: tuple[str, ...] = ()
    hypothesis: str | None = None
    marking: Marking | None = None
    origins: tuple[str, ...] = ()
    problems: tuple[str, ...] = field(default=())


def from_lines(lines: Iterable[str], *, whole: bool) -> tuple[About, int]:
    """The header among the first lines of a text, and how many lines it takes up.

    Args:
        lines: of the text.
        whole: whether it stands alone at the start, as in a form; else known keys are taken where they stand
            among the first lines, since documents have letterheads, and no line counts as used up.
    """
    found: dict[str, list[str]] = {}
    slips: list[str] = []
    last = 0
    name = ""
    for number, line in enumerate(lines, 1):
        match = _LINE.match(line)
        key = KEYS.get(match[1].lower().replace("’", "'")) if match else None
        if key and (rated := _RATED[0].search(line)):
            key, match = "rating", _LINE.match(f"rating: {rated['r']}{rated['c']}")
        if match and key:
            name, last = key, number
            found.setdefault(name, []).append((match[2] or "").strip())
        elif whole and name and line[:1].isspace() and line.strip():
            found[name][-1] += " " + line.strip()
            last = number
        elif whole and match and (near := get_close_matches(match[1].lower(), KEYS, 1, 0.8)):
            slips.append(f"line {number} of its header means nothing here; did you mean {near[0]!r}?")
            last = number
        elif (whole and (line.strip() or found)) or number >= FIRST_LINES:
            break
    read = about({name: [one for one in said if one] for name, said in found.items()})
    return _with(read, problems=(*read.problems, *slips)), last if whole else 0


def from_toml(text: str) -> About:
    """A header as TOML. Raises `tomllib.TOMLDecodeError`."""
    said: dict[str, list[str]] = {}
    unknown = 0
    for key, value in tomllib.loads(text).items():
        name = KEYS.get(key.lower().replace("_", " "))
        if name is None:
            unknown += 1
            continue
        said.setdefault(name, []).extend(map(_written, value if isinstance(value, list) else [value]))
    found = about(said)
    if not unknown:
        return found
    known = ", ".join(sorted(set(KEYS.values())))
    problem = f"{unknown} of the keys of its header mean nothing here; there are {known}"
    return _with(found, problems=(*found.problems, problem))


def about(said: Mapping[str, list[str]]) -> About:
    """Fields from texts; of a field that is said twice the first counts, of lists all."""
    problems: list[str] = []
    rating = _pair(_first(said, "rating")) if _first(said, "rating") else None
    if _first(said, "rating") and rating is None:
        problems.append("its rating is no pair such as B2: a letter A to F and a digit 1 to 6")
    subjects, titles = _subjects(said.get("subjects", []), problems)
    return About(
        title=_first(said, "title") or (titles[0] if titles else None),
        author=_first(said, "author"),
        observed_at=_moment(_first(said, "observed_at"), problems),
        report_key=_first(said, "report_key"),
        reliability=_grade(_first(said, "reliability"), "A to F", r"[A-F]", "reliability", problems)
        or (rating and rating[0]),
        credibility=_grade(_first(said, "credibility"), "1 to 6", r"[1-6]", "credibility", problems)
        or (rating and rating[1]),
        caveats=_members(said.get("caveats", [])),
        references=tuple(_references(_members(said.get("references", [])), problems)),
        subjects=subjects,
        hypothesis=_first(said, "hypothesis"),
        marking=_marking(_first(said, "marking"), problems),
        origins=_members(said.get("origins", [])),
        problems=tuple(problems),
    )


def ratings(text: str) -> set[tuple[str, str]]:
    """The Admiralty pairs in a text: `Source: B / Info: 2`, `rated B2`, `(B2)`, or a line `B2`."""
    return {(match["r"].upper(), match["c"]) for pattern in _RATED for match in pattern.finditer(text)}


def references(text: str) -> Iterator[Identifier]:
    """File numbers of known systems in a text, such as `PROS: 2026-114`."""
    for match in _REFERENCE.finditer(text):
        yield {"system": match["system"], "number": match["number"], "owner": None}


def merged(header: About, texts: list[str]) -> About:
    """The header, and what it leaves out as the text has it."""
    found = [one for text in texts for one in references(text)]
    known = {(one["system"], one["number"]) for one in header.references}
    new = {(one["system"], one["number"]): one for one in found}
    header = _with(
        header, references=(*header.references, *(one for key, one in new.items() if key not in known))
    )
    if header.reliability or header.credibility:
        return header
    pairs = set().union(*map(ratings, texts)) if texts else set()
    if len(pairs) == 1:
        ((reliability, credibility),) = pairs
        return _with(header, reliability=reliability, credibility=credibility)
    if pairs:
        problem = (
            f"its text holds {len(pairs)} different ratings, and a report has one; it was taken in without"
        )
        return _with(header, problems=(*header.problems, problem))
    return header


def filled(header: About, **properties: Any) -> About:
    """The header, with what it leaves out taken from a file's properties."""
    return _with(header, **{name: value for name, value in properties.items() if not getattr(header, name)})


def _with(header: About, **changes: Any) -> About:
    return About(**{name: changes.get(name, getattr(header, name)) for name in About.__slots__})


def _first(said: Mapping[str, list[str]], name: str) -> str | None:
    found = said.get(name)
    return found[0] if found else None


def _members(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(piece for text in texts for piece in values.pieces(text, ";"))


def _written(value: object) -> str:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value).strip()


def _grade(text: str | None, among: str, form: str, what: str, problems: list[str]) -> str | None:
    """One letter or digit; `B - usually reliable` counts too."""
    if text is None:
        return None
    if match := re.match(rf"({form})(?![0-9A-Za-z])", text.upper()):
        return match[1]
    problems.append(f"its {what} is none of {among}; it was taken in without")
    return None


def _pair(text: str | None) -> tuple[str, str] | None:
    match = _PAIR.fullmatch((text or "").strip())
    return (match[1].upper(), match[2]) if match else None


def _moment(text: str | None, problems: list[str]) -> datetime | None:
    if text is None:
        return None
    plain = unicodedata.normalize("NFC", text).strip()
    found = values.instant(pa.array([plain], pa.string()), FORMS)
    if found.wrong:
        problems.append("its date is none that can be read; write it as 2026-11-24 or 2026-11-24T03:10:00Z")
        return None
    moment: datetime = found.values[0].as_py()
    return moment.astimezone(UTC)


def _subjects(texts: Iterable[str], problems: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """Typed keys; a text without the sign of one is a title: letters have a line `Subject:` too."""
    keys: list[str] = []
    titles: list[str] = []
    for text in texts:
        for piece in values.pieces(text.replace(", ", "; ") if text.count(":") > 1 else text, ";"):
            try:
                keys.append(subject(*parts(piece)))
            except SubjectError as error:
                if ":" in piece:
                    problems.append(f"one of its subjects is no key: {_without(str(error), piece)}")
                else:
                    titles.append(piece)
    return tuple(dict.fromkeys(keys)), titles


def _without(sentence: str, words: str) -> str:
    """A sentence about words, without them."""
    number = words.rpartition(":")[2]
    return sentence.replace(repr(words), "it").replace(repr(number), "its number")


def _references(texts: Iterable[str], problems: list[str]) -> Iterator[Identifier]:
    for text in texts:
        match = _OTHER.fullmatch(text)
        if match:
            yield {"system": match["system"], "number": match["number"].strip(), "owner": None}
        else:
            problems.append("one of its file numbers has no system before it; write it as PROS: 2026-114")


def _marking(text: str | None, problems: list[str]) -> Marking | None:
    if text is None:
        return None
    try:
        return read_marking(text)
    except UnreadableMarkingError:
        problems.append("the marking in its header cannot be read; it is held as the strictest there is")
        return STRICTEST
