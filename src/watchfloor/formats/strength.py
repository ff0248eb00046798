"""Which published names act alone and which need a second fact, where the publisher does not say.

An acronym, a number, a word of four letters and an article with one word ("The Base", "los Rojos") are shared
with too many others to act alone.
"""

import re
from typing import Final

from watchfloor.formats.listing_rows import Strength

ARTICLES: Final = frozenset("the a an la le les los las el lo l’ l' al- der die das il i".split())
GENERIC: Final = frozenset(
    """aleph base youth jeunesse chabaab federation federación fédération family familia famille council
    conseil group groupe network réseau movement mouvement army armée brigade brigades organization
    organisation revolutionary révolutionnaire front force forces party parti union company corporation society association
    club panthers scorpions cyclones pacific""".split()
)
"""Words that name a kind of thing. A name of nothing else is generic."""

SHORT: Final = 4

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


def strength_of(text: str) -> Strength:
    """`weak` for a name that too many others share, `strong` otherwise."""
    words = text.split()
    bare = [word for word in words if word.lower() not in ARTICLES]
    if is_acronym(text) or not any(c.isalpha() for c in text):
        return "weak"
    if all(word.strip("“”\"'").lower() in GENERIC for word in bare):
        return "weak"
    single = len(bare) == 1
    return "weak" if single and (len(words) > 1 or _short(bare[0])) else "strong"


def _short(word: str) -> bool:
    """Of at most four letters; of an ideographic script two already say much."""
    return len(word) <= (SHORT if word.isascii() or word[0] < "\u2e80" else 1)
