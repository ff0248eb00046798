"""Grounds: what an officer suspects and why, in his own words, with the badge of whose grounds they are.

The Customs Act asks for reasonable grounds to suspect before mail is opened (s. 99(1)(b), (c.1)). They are a
person's. `drafting` lists facts that a person may go by; a text that is that list and nothing else states no
grounds and is refused, and so is one that goes by how the item was ordered.
"""

import re
from collections.abc import Iterable
from typing import Final

from watchfloor.casework.referrals import refusals
from watchfloor.cell.acts import nonempty, refuse

OWN_WORDS: Final = 4
"""Words that must be left of grounds when the sentences of the draft are taken away: fewer suspect
nothing."""

SCORED: Final = re.compile(
    r"\b(?:scor(?:e[ds]?|ing)|rank(?:s|ed|ing)?|probabilit\w+|propensit\w+|percentiles?|algorithm\w*"
    r"|(?:the|le|du) mod[eè]le?l?|pointages?|rangs?|classements?)\b",
    re.IGNORECASE,
)
"""Words of a clause that goes by the order of an item, in both languages: narrower than what a draft leaves
out, for what an officer finds likely he may say."""

_CLAUSE: Final = re.compile(r"[.,;:!?\n]+")
_BADGE: Final = re.compile(r"\s*\[badge (?P<badge>[^\]]+)\]$")


def stated(words: str | None, badge: str | None, draft: Iterable[str]) -> str:
    """Grounds as they are kept, with the badge at their end.

    Args:
        words: the officer's.
        badge: number of whose they are; words that were kept before have theirs at their end, which stands.
        draft: sentences of the draft, in either language.

    Raises:
        Refusal: there are none, nobody's badge stands by them, they are the draft and no more, or they go by
            a score.
    """
    text, kept = split(nonempty(words, "grounds"))
    number = re.sub(r"[\s\[\]]+", " ", kept or badge or "").strip()
    if not number:
        refuse(refusals.NEEDS_BADGE)
    if len(own_words(text, draft)) < OWN_WORDS:
        refuse(refusals.DRAFT_ALONE)
    facts = ". ".join(one for one in _CLAUSE.split(text) if not SCORED.search(one))
    if len(own_words(facts, draft)) < OWN_WORDS and SCORED.search(text):
        refuse(refusals.SCORE_ALONE)
    return f"{text} [badge {number}]"


def own_words(text: str, draft: Iterable[str]) -> list[str]:
    """The words of a text that are no sentence of the draft, however either is spaced and punctuated."""
    left = f" {' '.join(_words(text))} "
    for sentence in sorted((" ".join(_words(one)) for one in draft), key=len, reverse=True):
        while sentence and f" {sentence} " in left:
            left = left.replace(f" {sentence} ", " | ")
    return _words(left)


def split(text: str | None) -> tuple[str, str | None]:
    """The words of grounds that are kept, and the badge at their end, or None."""
    if text is None:
        return "", None
    found = _BADGE.search(text)
    return (_BADGE.sub("", text), found["badge"]) if found else (text, None)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
