"""Which published names act alone and which need a second fact, where the publisher does not say.

An acronym, a number, a word of four letters, a person's single name, and an article with one word ("The
Base", "los Rojos") are shared with too many others to act alone.
"""

import re
from typing import Final

from watchfloor.formats.lists.listing_rows import Strength

ARTICLES: Final = frozenset("the a an la le les los las el lo l’ l' al- der die das il i".split())
GENERIC: Final = frozenset(
    """aleph army armée association base brigade brigades chabaab club company conseil corporation council
    cyclones familia famille family federación federation foundation force forces front fédération group
    groupe jeunesse movement mouvement network organisation organization pacific panthers parti party réseau
    revolutionary révolutionnaire scorpions society union youth""".split()
)
"""Words that name a kind of thing. A name of nothing else is generic."""

SHORT: Final = 4
"""Letters of a word that is too short to act alone."""

LONG: Final = 5
"""Letters from which on a primary name in capitals is a name, and not an acronym alone."""

_ACRONYM: Final = re.compile(r"[^\W_][\w.&'’/]*(?:\s?[-–—]\s?[^\W_][\w.&'’/]*)*")


def is_acronym(text: str) -> bool:
    """Whether a name is written as an acronym, one word of mostly capitals: `AQIM`, `HuM`, `FPLP — CG`."""
    text = text.strip()
    if len(text) > 12 or not _ACRONYM.fullmatch(text):
        return False
    letters = [c for c in text if c.isalpha()]
    capitals = sum(c.isupper() for c in letters)
    if not letters or (capitals < 2 and not (capitals and any(c.isdigit() for c in text))):
        return False
    return 2 * capitals > len(letters) if len(letters) > 4 else 2 * capitals >= len(letters)


def strength_of(
    text: str, *, person: bool = False, primary: bool = False, capitals: bool = False
) -> Strength:
    """`weak` for a name that too many others share, `strong` otherwise.

    Args:
        text: the name. person: whether it is a person's; of these a single word never acts alone. primary:
        whether it is the name the entity is listed under, which was chosen with more care than an alias.
        capitals: whether the list writes all names in capitals, so that they tell nothing of acronyms.
    """
    words = text.split()
    bare = [word.strip("“”\"'") for word in words if word.lower() not in ARTICLES]
    single = len(bare) == 1 and not _ideographic(bare[0])
    if not any(c.isalpha() for c in text) or all(word.lower() in GENERIC for word in bare):
        return "weak"
    if single and (len(bare[0]) <= SHORT or (person and "-" not in bare[0])):
        return "weak"
    if single and not person and not capitals and is_acronym(bare[0]):
        return "strong" if primary and len(bare[0]) > LONG else "weak"
    return "weak" if single and len(words) > 1 and not primary else "strong"


def _ideographic(word: str) -> bool:
    """Of a script in which one or two characters say as much as a word."""
    return word[:1] >= "\u2e80"
