"""The names in one item of a Canadian schedule: its primary name, aliases, acronyms and glosses.

Items are prose written to a grammar that the drafters keep well, though not strictly:

    Name (ACRONYM) (“gloss”) (also known among other names as Alias (ACRONYM), Alias (gloss) and Alias)
    Nom (SIGLE) [connu notamment sous les noms suivants : Alias, Alias et Alias]
    Given (Variant) FAMILY (VARIANT) (born on May 2, 1971) (also known as Given FAMILY)

The text is cut into words and bracket groups; alias lists are split at commas outside brackets, and their
last piece at its conjunction. A conjunction that joins two subjects ("Science and Technology") stays in its
name, and so do the few stretches of `WHOLE`, which only a reader of the list can know.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Final, Literal

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import token_set_ratio

from watchfloor.formats.lists.countries import country_code
from watchfloor.formats.lists.justice_dates import birth_dates, is_birth
from watchfloor.formats.lists.listing_rows import Name, Role, distinct, squeeze
from watchfloor.formats.lists.strength import ARTICLES, is_acronym, strength_of

WHOLE: Final = (
    "and Marxism, Leninism, Maoism and the Thoughts of",
    "; Marxisme, Léninisme, Maoïsme et les Pensées du",
    "Information Technologies, Mechanics and Optics",
)
"""Stretches whose commas and conjunctions belong to the name they stand in."""

REPAIRS: Final = {
    "Forearmsand the": "Forearms and the",
    "Ordre de la Torah et Yeshiva": "Ordre de la Torah, Yeshiva",
}
"""Slips of the official text that hide where one name ends."""

SUBJECTS: Final = frozenset(
    """agricultural agriculture assault automation aviation biological challenge chemical chemistry commercial
    communication communications construction corruption culture design development distribution economic
    education electronics electrometry energy engineering entrepreneurs experimental export finance financial
    fishery humanitarian import industrial industry information innovation instrumentation instruments
    investment law logistics maintenance manufacturing mechanics metallurgy methodological military optical
    optics patriotic policy practical production quantum reconnaissance renovation repair research science
    sciences scientific security self social space sports systems technical technological technologies
    technology telecommunications television testing time trade training transport""".split()
)
"""Words that name a field or an activity: an "and" before one joins parts of a name, not two names."""

LEGAL_FORMS: Final = frozenset("llc ltd ltd. limited jsc ojsc pjsc inc inc. co. sarl gmbh s.a. sa".split())

ALIKE: Final = 60
"""Token-set ratio from which two halves of a piece are taken for variants of one name, so for two names."""

MAX_VARIANTS: Final = 16

_ALIASES: Final = re.compile(
    r"(?:and\s+)?(?:also|formerly|previously)\s+known(?:\s+among(?:st)?\s+other\s+names)?\s+as\s*:?\s*"
    r"|connue?s?(?:\s+(?:notamment|aussi|également))?\s+sous\s+(?:les?\s+noms?|l[’']appellation)"
    r"(?:\s+suivants?)?\s*(?::\s*|de\s+|d[’']\s*)?"
    r"|aussi\s+appelée?s?\s+|(?:alias|a\.?k\.?a\.?)\s+",
    re.IGNORECASE,
)
_FORMER: Final = re.compile(r"(?:formerly|previously)\s", re.IGNORECASE)
_RANK: Final = re.compile(
    r"(?:(?:Major|Brigadier|Lieutenant|Lt\.?|Colonel|Captain|Dr\.?|Sergeant|Marshal|Admiral)[\s.-]*)*"
    r"(?:General|Major|Brigadier|Lieutenant|Colonel|Captain|Dr\.?|Admiral)"
)
_REMARK: Final = re.compile(r"(?:including|excluding|except|y compris|sauf)\b", re.IGNORECASE)
_LEGAL_FORM: Final = re.compile(
    r",\s*(?:Inc|Ltd|LLC|OJSC|PJSC|JSC|OAO|PAO|TOV|S\.A)\.?(?=\s*(?:[,;(]|$|and\b|et\b))"
)
_QUOTES: Final = "“”«»\"‘’'  "
_OPEN: Final = {"(": ")", "[": "]"}


Listed = Literal["individuals", "companies", "groups"]


@dataclass(slots=True)
class Parsed:
    """An item as parsed: names, the primary first; birth dates as precise as published; the rest, prose."""

    names: list[Name]
    birth_dates: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Group:
    """Text between brackets."""

    text: str


def parse(text: str, of: Listed = "groups") -> Parsed:
    """Read one item.

    Args:
        text: the item's words in either official language.
        of: what the list is of. For individuals, brackets hold other spellings of the word before them; for
            companies, a single word in them says where a company is, and is no name of it.

    Returns:
        Its names, each with role and strength. An item without any letters or digits has no names.
    """
    for wrong, right in REPAIRS.items():
        text = text.replace(wrong, right)
    parsed = Parsed([])
    head, tail = _cut(squeeze(text))
    head = _birth_in_head(head, parsed)
    if parsed.birth_dates or any(is_birth(group.text) for group in tail):
        of = "individuals"
    parsed.names.extend(_head(head, of))
    for group in tail:
        _group(group, parsed, of)
    parsed.names = distinct(name for name in parsed.names if any(map(str.isalnum, name.text)))
    return parsed


def _pieces(text: str) -> list[str | _Group]:
    """Words outside brackets, and outermost bracket groups; a bracket never closed closes at the end."""
    pieces: list[str | _Group] = []
    closing: list[str] = []
    start = 0
    for i, char in enumerate(text):
        if char in _OPEN:
            if not closing:
                pieces.append(text[start:i])
                start = i + 1
            closing.append(_OPEN[char])
        elif closing and char == closing[-1]:
            closing.pop()
            if not closing:
                pieces.append(_Group(text[start:i].strip()))
                start = i + 1
    rest = text[start:].strip() if closing else text[start:]
    pieces.append(_Group(rest) if closing else rest)
    return [piece for piece in pieces if isinstance(piece, _Group) or piece.strip()]


def _cut(text: str) -> tuple[list[str | _Group], list[_Group]]:
    """The name, and the groups after its last word; a text of groups alone has its first for a name."""
    head = _pieces(text)
    tail: list[_Group] = []
    while head and isinstance(group := head[-1], _Group):
        tail.insert(0, group)
        head.pop()
    return (head, tail) if head else ([group.text for group in tail[:1]], tail[1:])


_HEAD_BIRTH: Final = re.compile(r",?\s+(?=(?:born|née?)\s)")
_HEAD_ALIAS: Final = re.compile(r",?\s+(?=also known as\s|connue?s? sous\s)")


def _birth_in_head(head: list[str | _Group], parsed: Parsed) -> list[str | _Group]:
    """Take ", born May 2, 1971" and "also known as …" without brackets off the name."""
    if not head or isinstance(head[-1], _Group):
        return head
    name, *born = _HEAD_BIRTH.split(head[-1], maxsplit=1)
    name, *known = _HEAD_ALIAS.split(name, maxsplit=1)
    for text in born:
        _birth(text, parsed)
    aliases: list[str | _Group] = [_Group(text) for text in known]
    return [*head[:-1], name.rstrip(" ,"), *aliases]


def _birth(text: str, parsed: Parsed) -> None:
    days, rest = birth_dates(text)
    parsed.birth_dates.extend(day for day in days if day not in parsed.birth_dates)
    if rest or not days:
        parsed.remarks.append(text)


def _head(head: list[str | _Group], of: Listed) -> Iterator[Name]:
    """The primary name and what the groups within it say."""
    known = [piece for piece in head if isinstance(piece, _Group) and _ALIASES.match(piece.text)]
    head = [piece for piece in head if piece not in known]
    words = [piece.strip() if isinstance(piece, str) else piece for piece in head]
    plain = " ".join(piece for piece in words if isinstance(piece, str) and piece)
    if of == "individuals":
        yield Name(plain, "primary", strength_of(plain, person=True))
        yield from (
            Name(variant, "alias", strength_of(variant, person=True))
            for variant in islice(_variants(words), 1, MAX_VARIANTS)
        )
    else:
        published = squeeze(" ".join(f"({p.text})" if isinstance(p, _Group) else p for p in words))
        first, *others = re.split(r", (?=(?:the|le|la|les) )", published, flags=re.IGNORECASE)
        yield Name(first, "primary", strength_of(first, primary=True))
        yield from (Name(other, "alias", strength_of(other)) for other in others)
        groups = [p for p in words if isinstance(p, _Group)]
        if groups and all(is_acronym(p.text) for p in groups):
            yield Name(plain, "alias", strength_of(plain))
    for piece in known:
        yield from _aliases(piece.text, plain, of)


def _variants(words: list[str | _Group]) -> Iterator[str]:
    """Every reading of a name whose bracketed words stand for the word before them; the plain one first."""
    choices: list[list[str]] = []
    for piece in words:
        if isinstance(piece, str):
            choices.extend([word] for word in piece.split())
        elif choices:
            choices[-1] = [*choices[-1], *(part.strip() for part in piece.text.split(",") if part.strip())]
    yield from (" ".join(reading) for reading in product(*choices))


def _group(group: _Group, parsed: Parsed, of: Listed) -> None:
    """File one bracket group after the primary name."""
    text = group.text.strip()
    primary = parsed.names[0].text if parsed.names else ""
    if is_birth(text):
        _birth(text, parsed)
    elif _ALIASES.match(text):
        parsed.names.extend(_aliases(text, primary, of))
    elif (of == "individuals" and _RANK.fullmatch(text)) or _REMARK.match(text):
        parsed.remarks.append(text)
    elif of == "individuals" and " " not in text.replace(", ", ","):
        names = [name.text for name in parsed.names if name.role in ("primary", "alias")] or [primary]
        parsed.names.extend(
            Name(" ".join((*name.split()[:-1], variant.strip())))
            for name in names[:MAX_VARIANTS]
            for variant in text.split(",")
            if variant.strip()
        )
    elif re.match(r"and\s", text):
        parsed.names.append(_named(text.removeprefix("and ").strip()))
    else:
        parsed.names.extend(_gloss(text, primary, of))


def _aliases(text: str, primary: str, of: Listed) -> Iterator[Name]:
    """The names in "also known as A (B), C and D"."""
    role: Role = "former" if _FORMER.match(text) else "alias"
    listed = _ALIASES.sub("", text, count=1)
    languages = (_ENGLISH, _FRENCH) if "known" in text[: len(text) - len(listed)] else (_FRENCH, _ENGLISH)
    for alias in _split(listed, primary, languages):
        yield from _alias(alias, role, of)


def _alias(text: str, role: Role, of: Listed) -> Iterator[Name]:
    """One alias with its brackets."""
    head, tail = _cut(text)
    words = [piece.strip() if isinstance(piece, str) else piece for piece in head]
    if of == "individuals":
        readings = islice(_variants(words), MAX_VARIANTS)
        yield from (Name(_bare(r), role, strength_of(_bare(r), person=True)) for r in readings)
        return
    name = _bare(squeeze(" ".join(f"({p.text})" if isinstance(p, _Group) else p for p in words)))
    for reading in _slashes(name):
        yield _named(reading, role)
    for group in tail:
        yield from _gloss(group.text, name, of)


def _named(text: str, role: Role = "alias") -> Name:
    text = _bare(text)
    return Name(text, "acronym" if is_acronym(text) else role, strength_of(text))


def _bare(text: str) -> str:
    """Without quotation marks around the whole, and without stray punctuation at the ends."""
    text = text.strip(" ,;:")
    if len(text) > 2 and text[0] in '“«"‘' and text[-1] in '”»"’' and not any(c in "“«" for c in text[1:]):
        text = text.strip(_QUOTES)
    return text


def _gloss(text: str, name: str, of: Listed) -> Iterator[Name]:
    """Yield the names in a bracket after a name: an acronym, spellings of its last word, translations."""
    if _is_place(text, of):
        yield Name(f"{name} ({text})" if name else text, "alias", strength_of(name))
        return
    for part in map(_bare, _gloss_parts(text)):
        if is_acronym(part):
            yield Name(part, "acronym", "weak")
        elif respelt := _respelt(name, part):
            yield Name(respelt, "alias", strength_of(respelt))
        else:
            yield Name(part, "gloss", "weak" if " " not in part else strength_of(part))


def _is_place(text: str, of: Listed) -> bool:
    """Whether a bracket says where an entity is: a country, or of companies any one word."""
    if is_acronym(text) or text.split(" ")[0].lower() in ARTICLES:
        return False
    return (of == "companies" and " " not in text) or country_code(text) is not None


def _gloss_parts(text: str) -> list[str]:
    slashed = re.split(r"\s*/\s*", text)
    if len(slashed) > 1 and all(" " in part for part in slashed):
        return [piece for part in slashed for piece in _gloss_parts(part)]
    listed = re.split(r",\s+", text)
    if len(listed) > 1 and any(is_acronym(part) or " " not in part for part in listed):
        return listed
    either = re.split(r"\s+(?:or|ou)\s+", text)
    return either if len(either) > 1 and all(is_acronym(part) for part in either) else [text]


def _respelt(name: str, word: str) -> str | None:
    """The name with its last word replaced, when a bracketed word is another spelling of that word."""
    match = re.search(r"[^\W_]+$", name)
    if match is None or not re.fullmatch(r"[^\W\d_]+", word) or word == name:
        return None
    alike = Levenshtein.normalized_similarity(match.group().lower(), word.lower())
    return name[: match.start()] + word if alike >= 0.6 and match.start() else None


def _slashes(name: str) -> list[str]:
    """Both readings of "Qods/Quds Force"; a slash between unlike words stays."""
    match = re.search(r"(\S+?)/(\S+)", name)
    if match is None or Levenshtein.normalized_similarity(match[1].lower(), match[2].lower()) < 0.7:
        return [name]
    return [name[: match.start()] + choice + name[match.end() :] for choice in match.groups()]


def _split(text: str, primary: str, languages: tuple[re.Pattern[str], ...]) -> list[str]:
    """The names of an alias list, in order.

    Its last conjunction is of the introduction's language. A few lists are left in the other language; the
    other conjunction counts where the first is absent.
    """
    pieces = [piece.strip() for piece in _at_commas(text)]
    pieces = [piece for piece in pieces if piece]
    if not pieces:
        return []
    last = pieces.pop()
    conjunction = next((c for c in languages if c.search(f" {last}")), languages[0])
    if pieces and (oxford := conjunction.match(f" {last}")):
        return [*pieces, last[oxford.end() - 1 :]]
    return [*pieces, *_at_conjunction(last, primary, conjunction, alone=not pieces)]


def _at_commas(text: str) -> Iterator[str]:
    """Pieces between commas and semicolons that stand outside brackets, quotes and `WHOLE` stretches."""
    depth = start = 0
    kept = [(text.find(whole), len(whole)) for whole in WHOLE]
    skip = {i for at, length in kept if at >= 0 for i in range(at, at + length)}
    for i, char in enumerate(text):
        depth += (char in "([“«") - (char in ")]”»")
        if char in ",;" and depth <= 0 and i not in skip and not _LEGAL_FORM.match(text[i:]):
            yield text[start:i]
            start = i + 1
    yield text[start:]


_ENGLISH: Final = re.compile(r"\s+(?:and|or)\s+")
_FRENCH: Final = re.compile(r"\s+(?:et|ou)\s+")


def _at_conjunction(text: str, primary: str, conjunction: re.Pattern[str], *, alone: bool) -> list[str]:
    """Two names where the last piece of a list holds a conjunction between names, else the piece."""
    if alone and _same_words(text, primary):
        return [text]
    cuts = [cut for cut in conjunction.finditer(text) if _between_names(text, cut)]
    if not cuts:
        return [text]
    best = max(cuts, key=lambda cut: _alike(text, cut))
    cut = best if _alike(text, best) > ALIKE else cuts[-1]
    return [text[: cut.start()], text[cut.end() :]]


def _between_names(text: str, cut: re.Match[str]) -> bool:
    """Whether a conjunction stands outside brackets, `WHOLE` stretches, and pairs of subjects."""
    if _depth(text[: cut.start()]) or any(_within(text, cut.start(), whole) for whole in WHOLE):
        return False
    before, after = text[: cut.start()].split(), text[cut.end() :].split()
    if not before or not after:
        return False
    if after[0].lower() in ARTICLES or before[-1].lower() in LEGAL_FORMS:
        return True
    return after[0].strip("“”().,").lower() not in SUBJECTS


def _depth(text: str) -> int:
    return sum(map(text.count, "([“«")) - sum(map(text.count, ")]”»"))


def _within(text: str, at: int, whole: str) -> bool:
    start = text.find(whole)
    return start >= 0 and start <= at + 1 < start + len(whole)


def _alike(text: str, cut: re.Match[str]) -> float:
    return float(token_set_ratio(text[: cut.start()], text[cut.end() :]))


def _same_words(one: str, other: str) -> bool:
    words = [frozenset(re.sub(r"[&+]", " and ", text.lower()).split()) for text in (one, other)]
    return words[0] == words[1]
