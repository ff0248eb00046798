"""Traces of how a letter's facts were come by, given the records and signals it rests on.

Words are compared without case, accents, punctuation or invisible characters, so a trace is not hidden by
writing it otherwise. What the drafter means to tell, said in so many words, may be told as far as it is a
name, a number, a day or a phrase; never as far as it is a source, a node, an id, a rule, an instrument, a
position, a marking or an hour.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from watchfloor.core.marking import CLASSIFIED, PROTECTED, Marking, MarkingError, parse
from watchfloor.core.messages import Message, declare
from watchfloor.exchange.letter.days import days_in
from watchfloor.exchange.letter.tokens import Words, plain, telling

Row = Mapping[str, Any]

PHRASE: Final = 4
"""Words in a row that a letter may not share with what it rests on."""

NEAR: Final = 0.05
"""Degrees within which a number is a position of what the letter rests on: some 5 km."""

KEY_DIGITS: Final = 10
"""Hexadecimal digits by which an id is known again."""

KINDS_OF_TRACE: Final[Mapping[str, Message]] = {
    name: declare(f"letter.trace-{name}", en=en, fr=fr)
    for name, en, fr in (
        ("source", "names the source {said}; leave it out", "nomme la source {said}; retirez-la"),
        (
            "node",
            "names the node or owner {said}; leave it out",
            "nomme le nœud ou l’auteur {said}; retirez-le",
        ),
        (
            "id",
            "holds {said}, an id of a record; leave it out",
            "contient {said}, l’identifiant d’un élément; retirez-le",
        ),
        (
            "rule",
            "names the rule or desk {said}; say the fact, not how it was found",
            "nomme la règle ou le bureau {said}; dites le fait, non comment il fut trouvé",
        ),
        (
            "instrument",
            "names {said}, with which it was found; leave it out",
            "nomme {said}, qui a servi à le trouver; retirez-le",
        ),
        (
            "position",
            "gives {said}, a position of what it rests on; name a country or nothing",
            "donne {said}, une position de ce sur quoi elle repose; nommez un pays ou rien",
        ),
        (
            "marking",
            "holds the marking {said}, above the letter's own; leave it out",
            "contient la cote {said}, plus haute que celle de la lettre; retirez-la",
        ),
        (
            "time",
            "gives an hour, {said}; name a month or nothing",
            "donne une heure, {said}; nommez un mois ou rien",
        ),
        (
            "person",
            "names {said}, who wrote or approved it; an office signs",
            "nomme {said}, qui l’a rédigée ou approuvée; un bureau signe",
        ),
        (
            "name",
            "names {said}, as a record does; leave it out, or say that it is to be told: --tells",
            "nomme {said}, comme un élément le fait; retirez-le, ou dites qu’il est à communiquer : --tells",
        ),
        (
            "number",
            "holds {said}, a number of a record; leave it out, or say that it is to be told: --tells",
            "contient {said}, un numéro d’un élément; retirez-le, ou dites qu’il est à communiquer : --tells",
        ),
        (
            "date",
            "gives {said}, the day of a report; leave it out, or say that it is to be told: --tells",
            "donne {said}, le jour d’un rapport; retirez-le, ou dites qu’il est à communiquer : --tells",
        ),
        (
            "phrase",
            "says “{said}” as a record does; say it in other words, or that it is to be told: --tells",
            "dit « {said} » comme un élément; dites-le autrement, ou qu’il est à communiquer : --tells",
        ),
    )
}
"""Kinds of trace by name, with what to do about each."""


class Trace(NamedTuple):
    """One trace: its kind, as it stands in the letter, and on which line, from 1."""

    kind: str
    said: str
    line: int


@dataclass(frozen=True, slots=True)
class Material:
    """Sources of a letter, to look for in it.

    Attributes:
        rows: records and signals, as columns by name.
        feeds: names of all feeds of the floor.
        nodes: names of this node and its peers.
        persons: who drafted and who approves.
    """

    rows: tuple[Row, ...]
    feeds: frozenset[str] = frozenset()
    nodes: frozenset[str] = frozenset()
    persons: frozenset[str] = frozenset()


def traces(text: str, material: Material, marking: Marking, tells: Iterable[str] = ()) -> list[Trace]:
    """Every trace that a text still has, in the order of its lines.

    Args:
        text: subject and body of the letter.
        material: what it rests on.
        marking: of the letter.
        tells: names, numbers, days and phrases that it is meant to tell.
    """
    words = Words.from_text(text)
    told = words.without(tells)
    found = [
        *_phrases(words, _hard(material)),
        *_ids(words, material),
        *_positions(text, material),
        *_markings(text, marking),
        *_times(text),
        *_phrases(told, _names(material)),
        *_numbers(told, material),
        *_dates(text, material, tells),
        *_shared(told, material),
    ]
    return sorted(dict.fromkeys(found), key=lambda one: (one.line, one.kind, one.said))


# What may never be told

_SOURCES: Final = ("source", "author", "unit", "by", "decided_by", "branch", "office", "sample")
_METHODS: Final = ("instrument", "method")
_NODES: Final = ("node", "bundle", "gateway")


def _hard(material: Material) -> Iterator[tuple[str, str]]:
    yield from (("source", name) for name in material.feeds)
    yield from (("node", name) for name in material.nodes)
    yield from (("person", name) for name in material.persons)
    for row in material.rows:
        yield from (("source", row[name]) for name in _SOURCES if row.get(name))
        yield from (("node", row[name]) for name in _NODES if row.get(name))
        if "sample" in row:
            yield from (("instrument", row[name]) for name in _METHODS if row.get(name))
        yield from (("node", one.split(":")[0]) for one in row.get("origins") or () if ":" in one)
        yield from (("id", one) for one in (row.get("report_key"), *(row.get("origins") or ())) if one)
        marking = parse(row["marking"])
        yield from (("node", one) for one in marking.originators)
        yield from (("marking", one) for one in marking.compartments | marking.caveats)
        yield from _rules(row)


def _rules(row: Row) -> Iterator[tuple[str, str]]:
    """Rules of several words; a desk where it is called one, as its name may be a common word."""
    for name in (row.get("rule"), (row.get("reason") or {}).get("message"), row.get("message")):
        if name and len(plain(name)) > 1:
            yield "rule", name
    if desk := row.get("desk"):
        yield from (("rule", f"{desk} desk"), ("rule", f"desk {desk}"), ("rule", f"bureau {desk}"))


def _phrases(words: Words, probes: Iterable[tuple[str, str]]) -> Iterator[Trace]:
    for kind, probe in dict.fromkeys(probes):
        parts = plain(probe)
        if not parts or (len(parts) == 1 and len(parts[0]) < 3):
            continue
        for at in words.find(" ".join(parts)):
            yield Trace(kind, " ".join(parts), words.lines[at])


def _ids(words: Words, material: Material) -> Iterator[Trace]:
    """Ids that are written whole or in part, in groups or not."""
    known = {value.hex() for row in material.rows for value in row.values() if isinstance(value, bytes)}
    compact = "".join(words.words)
    starts = _starts(words)
    for one in known:
        at = compact.find(one[:KEY_DIGITS])
        if at >= 0:
            yield Trace("id", one[:KEY_DIGITS], words.lines[max(n for n, s in enumerate(starts) if s <= at)])


def _starts(words: Words) -> list[int]:
    starts, at = [], 0
    for word in words.words:
        starts.append(at)
        at += len(word)
    return starts


_DECIMAL: Final = re.compile(r"(?<![\d.,])\d{1,3}[.,]\d{2,8}(?![\d])")
_SEXAGESIMAL: Final = re.compile(
    r"(\d{1,3})\s*[°º]\s*(?:(\d{1,2}(?:[.,]\d+)?)\s*['’′]\s*)?(?:(\d{1,2}(?:[.,]\d+)?)\s*[\"”″])?"
)


def _positions(text: str, material: Material) -> Iterator[Trace]:
    places = {*_columns_of_places(material), *_written_places(material)}
    for number, line in enumerate(text.splitlines(), 1):
        for said, degrees in _degrees(line):
            if any(abs(degrees - place) < NEAR for place in places):
                yield Trace("position", said, number)


def _columns_of_places(material: Material) -> Iterator[float]:
    for row in material.rows:
        yield from (abs(row[name]) for name in ("latitude", "longitude") if row.get(name) is not None)


def _written_places(material: Material) -> Iterator[float]:
    """Positions in prose and in reasons: degrees with a sign, or decimals too fine for an amount."""
    for text in _all_texts(material):
        for said, degrees in _degrees(text):
            if not said[-1].isdigit() or len(re.split("[.,]", said)[-1]) > 2:
                yield degrees


def _degrees(text: str) -> Iterator[tuple[str, float]]:
    line = unicodedata.normalize("NFC", text)
    for found in _DECIMAL.finditer(line):
        yield found[0], float(found[0].replace(",", "."))
    for found in _SEXAGESIMAL.finditer(line):
        parts = [float((part or "0").replace(",", ".")) for part in found.groups()]
        yield found[0].strip(), parts[0] + parts[1] / 60 + parts[2] / 3600


_WRITTEN: Final = re.compile(
    r"(?:\b(?:U|PA|PB|PC|C|S|TS)//\S+)|\b(?:TLP|REL|ORCON|COMP|CAVEAT|AUTH|PURPOSE|UNTIL):[\w,+-]+"
)
_LEVELS: Final = re.compile(
    r"\b(?:PROTECTED|PROTÉGÉE?) ([ABC])\b|"
    r"\b(TOP SECRET|TRÈS SECRET|SECRET|CONFIDENTIAL|CONFIDENTIEL)\b|\b(NOFORN)\b"
)
_CLASSES: Final = {
    "CONFIDENTIAL": "C",
    "CONFIDENTIEL": "C",
    "SECRET": "S",
    "TOP SECRET": "TS",
    "TRÈS SECRET": "TS",
}


def _markings(text: str, marking: Marking) -> Iterator[Trace]:
    for number, line in enumerate(text.splitlines(), 1):
        for found in _WRITTEN.finditer(line):
            if not _within(found[0].rstrip(".;,)"), marking):
                yield Trace("marking", found[0].rstrip(".;,)"), number)
        for found in _LEVELS.finditer(line):
            if not _level_within(found, marking):
                yield Trace("marking", found[0], number)


def _within(written: str, marking: Marking) -> bool:
    try:
        return parse(written) <= marking
    except MarkingError:
        return False


def _level_within(found: re.Match[str], marking: Marking) -> bool:
    if found[1]:
        return PROTECTED.index(f"P{found[1]}") <= marking.protected
    return found[3] is None and CLASSIFIED.index(_CLASSES[found[2]]) <= marking.classified


_CLOCK: Final = re.compile(
    r"\b(?:[01]?\d|2[0-3])\s?(?:[:h]\s?[0-5]\d\b|(?:[0-5]\d)\s?(?:Z|UTC|hrs?)\b)", re.IGNORECASE
)


def _times(text: str) -> Iterator[Trace]:
    for number, line in enumerate(text.splitlines(), 1):
        yield from (Trace("time", found[0], number) for found in _CLOCK.finditer(line))


# What may be told where the drafter says so

_NAMES: Final = ("name", "names", "title", "importer", "consignee", "shipper", "payer", "payee", "conductor")
_NOT_TEXT: Final = frozenset({"marking", "locator", "source", "kind", "desk", "rule", "strength", "document"})


def _names(material: Material) -> Iterator[tuple[str, str]]:
    for row in material.rows:
        for name in _NAMES:
            for text in _texts(row.get(name)):
                words = plain(text)
                if len("".join(words)) > 4 or (len(words) > 1 and all(map(telling, words))):
                    yield "name", text


LONG_NUMBER: Final = 7
"""Digits from which a part of a number is told by."""


def _numbers(words: Words, material: Material) -> Iterator[Trace]:
    """Words with a digit that a record has too, and long numbers, in whole or in part, in groups or not."""
    texts = list(_all_texts(material))
    known = {word for text in texts for word in plain(text) if len(word) > 4 and any(map(str.isdigit, word))}
    numbers = "\n".join("".join(plain(text)) for text in texts if len(text) < 40)
    for size in range(1, 6):
        for at in range(len(words.words) - size + 1):
            group = "".join(words.words[at : at + size])
            long = group.isdigit() and len(group) >= LONG_NUMBER and group in numbers
            if long or (size == 1 and group in known):
                yield Trace("number", " ".join(words.words[at : at + size]), words.lines[at])


def _shared(words: Words, material: Material) -> Iterator[Trace]:
    """Runs of words that a record has too, and that are no mere link words."""
    known = {
        tuple(said[at : at + PHRASE])
        for text in _all_texts(material)
        for said in (plain(text),)
        for at in range(len(said) - PHRASE + 1)
    }
    at = 0
    while at <= len(words.words) - PHRASE:
        run = words.words[at : at + PHRASE]
        if run not in known or sum(map(telling, run)) < 2:
            at += 1
            continue
        end = at + PHRASE
        while end < len(words.words) and words.words[end - PHRASE + 1 : end + 1] in known:
            end += 1
        yield Trace("phrase", " ".join(words.words[at:end]), words.lines[at])
        at = end - PHRASE + 1


def _all_texts(material: Material) -> Iterator[str]:
    for row in material.rows:
        for name, value in row.items():
            if name not in _NOT_TEXT:
                yield from _texts(value)


def _texts(value: object) -> Iterator[str]:
    """Every text in a value; what a typed key is about stands after its last colon."""
    if isinstance(value, str):
        yield value
        if ":" in value and " " not in value:
            yield value.rpartition(":")[2]
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def _dates(text: str, material: Material, tells: Iterable[str]) -> Iterator[Trace]:
    """Days on which something was reported or was so; a day of UTC may be the one before or after here."""
    days = {
        value.date() + timedelta(off)
        for row in material.rows
        for value in row.values()
        if isinstance(value, datetime)
        for off in (-1, 0, 1)
    }
    told = {day for one in tells for _, day in days_in(one)}
    for number, line in enumerate(text.splitlines(), 1):
        for said, day in days_in(line):
            if day in days - told:
                yield Trace("date", said, number)
