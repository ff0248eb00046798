"""The names in one item of a schedule of substances, and what besides the substance named it covers.

Items are prose to a grammar that the drafters keep well:

    Name (synonym) (systematic name), its salts, derivatives, isomers and salts of derivatives and isomers
    Nom (synonyme), ses sels et dérivés, ainsi que les sels de ses dérivés, notamment :
    Any substance that has a … structure with substitution at …, including

Words are cut from brackets at the outermost level, so that "Name (systematic name)" is never read as one
name. A bracket that belongs to a systematic name ("1-(4-pentenyl)…", "[1-(2-Thienyl) cyclohexyl]piperidine")
is left in it: only a bracket that begins after a space and is not followed by the rest of a word is a further
name.
"""

import re
from dataclasses import dataclass
from typing import Final

COVERED: Final = {
    "salt": "salts",
    "sel": "salts",
    "derivative": "derivatives",
    "dérivé": "derivatives",
    "isomer": "isomers",
    "isomère": "isomers",
    "analogue": "analogues",
    "intermediate": "intermediates",
    "intermédiaire": "intermediates",
    "preparation": "preparations",
    "préparation": "preparations",
    "alkaloid": "alkaloids",
    "alcaloïde": "alkaloids",
    "ester": "esters",
    "ether": "ethers",
    "éther": "ethers",
}
"""What an item may cover besides what it names, by the singular of the word, in both languages."""


@dataclass(frozen=True, slots=True)
class Named:
    """Substances that one item names.

    Attributes:
        names: the head name first, then synonyms and systematic names in the item's order.
        covers: of `COVERED`, and `salts-of-derivatives` and its like; `plants`, `oils` where it says so.
        kind: `substance`, `class` (a family or a structural definition), `plant`, `mixture` or `device`.
        excepted: names that the item itself takes out ("with the exception of …", "but not peyote").
    """

    names: tuple[str, ...]
    covers: frozenset[str]
    kind: str
    excepted: tuple[str, ...] = ()


_SPELLING: Final = str.maketrans(
    {"–": "-", "—": "—", "‑": "-", "‐": "-", "\u00ad": "", "\u00a0": " ", "ß": "β"}
)
_STRUCTURE: Final = re.compile(
    r"(?:has an?|ayant une) (?:structure )?(.+?)(?: structure| substituée)\b", re.IGNORECASE
)
_MIXTURE: Final = re.compile(r"Any preparation or mixture|Toute préparation ou tout mélange", re.IGNORECASE)
_CONTAINS: Final = re.compile(r"(?:that contains|qui contient)\s+(?:du |de la |de l’|l’un des )?(.*)$")
_DEVICE: Final = re.compile(
    r"(?:Manual, semi-automatic|Instrument\b|Die |Mould |Punch |Matrice |Moule |Poinçon )"
)
_PLANT: Final = re.compile(
    r"^(?:opium\b|pavot|coca\b|coca leaves|feuilles de coca|poppy seed|graine de pavot|catha edulis|salvia "
    r"divinorum|ephedra\b|éphédra\b|peyote)",
    re.IGNORECASE,
)
_EXCEPTION: Final = re.compile(
    r"(?:— with the exception of|— à l’exclusion de|, but not|, sauf(?: le| la)?) (.*?)(?: —|$)"
)
_TAIL: Final = re.compile(
    r"""(?:,|\b)\s*(?:and\ |et\ |ainsi\ que\ )?
    (?:(?:any\ of\ )?(?:its|their)\b|(?:any|the)\ salts?\b|any\ (?:plant|essential\ oil)\b|and\ any\b
    |namely\b|,?\ including\b|ses\b|leurs\b|à\ savoir\b|les\ plantes\b|les\ huiles\b
    |(?:toute\ )?huile\ essentielle\b|,?\ notamment\b)""",
    re.VERBOSE,
)
_ENDS: Final = re.compile(r"$|\s*[,(\[]|\s+(?!\w*(?:yl|ine|ole|one|ide|an)\b)")
"""What may follow a bracket that holds a name; the rest of a word may not."""
_ONE_WORD: Final = re.compile(r"([^\W\d_]{5,}) ([(\[].*?[)\]]?)((?:,? (?:its|and|et|ses)\b.*)?)$")
"""A head of one word, where brackets do not match: a slip of the official text."""
_LIST_ENDS: Final = re.compile(
    r",?\s*(?:including|notamment|that correspond|qui répondent|and the following|ainsi que les dérivés "
    r"ci-après)\b.*$"
)
_KIND_WORD: Final = "|".join(sorted(COVERED, key=len, reverse=True))
_WHOSE: Final = "(?:the |its |their |those |any of its |ses |leurs? |de ses |de leurs )?"
_SALTS_OF: Final = re.compile(
    rf"(?:salts?|sels?) (?:of|d[e’]s?|de)\s*((?:{_WHOSE}(?:{_KIND_WORD})s?(?:,| and| et(?: de)?)?\s*)+)",
    re.IGNORECASE,
)
_WORD: Final = re.compile(rf"\b({_KIND_WORD})s?\b", re.IGNORECASE)


def read(text: str) -> Named:
    """The names of an item and what it covers; an item without a name gives none."""
    text = spelled(text)
    if _DEVICE.match(text):
        return Named((text,), frozenset(), "device")
    if _MIXTURE.match(text):
        inside = _CONTAINS.search(text)
        return Named((inside[1].rstrip(". ") if inside else text,), frozenset(), "mixture")
    excepted = tuple(one for found in _EXCEPTION.finditer(text) for one in _exceptions(found[1]))
    text = _EXCEPTION.sub("", text)
    if found := _STRUCTURE.search(text):
        return Named((found[1],), frozenset(), "class", excepted)
    head, brackets, tail = _cut(text)
    names, said = _names(head, brackets, tail)
    return Named(names, _covers(said), _kind(names[0] if names else "", text), excepted)


def spelled(text: str) -> str:
    """One spelling of dashes, of beta and of spaces; soft hyphens go, and a word broken after its hyphen
    joins.
    """
    text = " ".join(text.translate(_SPELLING).split())
    return re.sub(r"(?<=[\w)\]])- (?=[\w(\[])", "-", text)


def _cut(text: str) -> tuple[str, list[str], str]:
    """Words before the first bracket of names, those brackets, and what follows them."""
    spans, even = _outermost(text)
    first = next((a for a, b in spans if a and text[a - 1] == " " and _ENDS.match(text[b:])), None)
    if first is None or not even:
        word = _ONE_WORD.match(text)
        return (word[1], [_bare(word[2])], word[3]) if word else (text, [], "")
    names, last = [], first
    for a, b in spans:
        if a >= first and not text[last:a].strip():
            names.append(text[a + 1 : b - 1].strip())
            last = b
    return text[:first].strip(), names, text[last:]


def _outermost(text: str) -> tuple[list[tuple[int, int]], bool]:
    """Where the outermost brackets stand, and whether each one that opens is closed."""
    depth, start, spans, even = 0, 0, [], True
    for at, sign in enumerate(text):
        if sign in "([":
            start = at if depth == 0 else start
            depth += 1
        elif sign in ")]":
            even = even and depth > 0
            depth = max(0, depth - 1)
            if depth == 0:
                spans.append((start, at + 1))
    return spans, even and depth == 0


def _bare(text: str) -> str:
    """Without the bracket around the whole, of which the other half may be missing."""
    return text[1:-1].strip() if text[0] == "(" and text[-1] == ")" else text


def _names(head: str, brackets: list[str], tail: str) -> tuple[tuple[str, ...], str]:
    """The names, and the words that say what else is covered."""
    said = tail
    if not brackets and (found := _TAIL.search(head)):
        head, said = head[: found.start()], head[found.start() :]
    elif found := _TAIL.search(head):
        head, said = head[: found.start()], f"{head[found.start() :]} {tail}"
    names = [head.strip(" ,:;"), *(one for bracket in brackets for one in _codes(bracket))]
    if also := re.search(r"(?:namely|à savoir) (.+?) (?:and|et) (?:its|ses)", f"{head} {said}"):
        names.append(also[1])
    return tuple(dict.fromkeys(filter(None, names))), said


def _codes(bracket: str) -> list[str]:
    """Two short names in one bracket, as in "(2-MeO-Diphenidine, MXP)"; a systematic name stays whole."""
    parts = bracket.split(", ")
    short = all(re.fullmatch(r"[\w-]{2,20}", part) for part in parts) and re.search(r"\b[A-Z]{2,}\b", bracket)
    return parts if short else [bracket]


def _covers(said: str) -> frozenset[str]:
    said = _LIST_ENDS.sub("", said)
    found = set()
    if re.search(r"\bany plant|les plantes", said):
        found.add("plants")
        said = re.sub(r"\b(?:and any plant|et les plantes).*$", "", said)
    if re.search(r"essential oil|huile", said):
        found.add("oils")
    for group in _SALTS_OF.finditer(said):
        found |= {f"salts-of-{COVERED[one[1].lower()]}" for one in _WORD.finditer(group[1])}
    rest = _SALTS_OF.sub(" ", said)
    return frozenset(found | {COVERED[one[1].lower()] for one in _WORD.finditer(rest)})


def _kind(name: str, text: str) -> str:
    if _PLANT.match(name):
        return "plant"
    if re.match(r"(?:Analogues and derivatives|Analogues et dérivés)", text):
        return "class"
    rest = text[len(name) :]
    plural = re.match(r"[^(]*?(?:,| and| et|, ainsi que)\s*(?:their|leurs)\b", rest)
    return "class" if plural else "substance"


def _exceptions(text: str) -> list[str]:
    """Return the names in "with the exception of A and with the exception of B and its salts"."""
    pieces = re.split(r" and with the exception of | et de (?=\()", text)
    return [re.sub(r"(?: and its salts| et de ses sels)$", "", one).strip(" ,") for one in pieces]
