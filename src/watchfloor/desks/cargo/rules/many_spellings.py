"""`many-spellings`: a party under many names at one number, address or telephone.

Where only typing or transliteration differs it is one name: that is said once, is worth nothing, and lets
what is known under one spelling hold for all. Only names that stay apart say something. A household, a shop
with a counter for parcels and a fulfilment house have many names too. Nothing is read out of a name.
"""

from collections.abc import Iterable
from functools import lru_cache, partial
from typing import Any, Final

from rapidfuzz.distance import JaroWinkler

from watchfloor.core.messages import reason
from watchfloor.desks.assertions import number_of
from watchfloor.desks.cargo.assertions import CITED, Statement, subjects_of
from watchfloor.desks.cargo.chains import LEAST_NAMES
from watchfloor.desks.cargo.columns import NAMES as NAME_CHAIN
from watchfloor.desks.cargo.columns import SHIPPER
from watchfloor.desks.cargo.ledger import DAY, KEPT
from watchfloor.desks.cargo.messages import NAMES, ONE_NAME
from watchfloor.desks.cargo.rules.group import Counted, Counting, Group, bands
from watchfloor.formats.encoding.romanise import ascii_text
from watchfloor.formats.lists import legal_forms

RULE: Final = "many-spellings"
STRENGTHS: Final = ("few names", "several names", "many names")
ALIKE: Final = 0.88
"""Similarity (W. E. Winkler, 1990) from which two spellings are of one name: a slip of the pen, a letter of
another transliteration. Judgement."""
LONGEST: Final = 200
"""Characters of a name that are compared."""


def say(group: Group, side: int) -> Counted | None:
    """State how many spellings the names of one party have up to the last line."""
    rows = group.ledger.rows(group.lines)
    column = ("consignee_name", "shipper_name")[side]
    keys = group.book.keys[group.at, NAME_CHAIN + side].tolist()
    spellings = {key: row[column] for key, row in zip(keys, rows, strict=True) if key}
    if len(spellings) < LEAST_NAMES:
        return None
    names = different(spellings.values())
    about: dict[str, Any] = {
        "spellings": len(spellings),
        "days": KEPT // DAY,
        "item": number_of(rows[-1]["subject"], "parcel"),
    }
    by = (("consignee", "shipper")[side], group.chain - SHIPPER * side)
    why = reason(NAMES[by], names=names, **about) if names > 1 else reason(ONE_NAME[by], **about)
    strength = bands(names, LEAST_NAMES, STRENGTHS) if names >= LEAST_NAMES else "spellings"
    cited = rows[-CITED:]
    return Counted(
        Statement(RULE, strength, subjects_of(cited), why, cited), len(spellings), tuple(group.lines)
    )


def different(spellings: Iterable[str]) -> int:
    """How many names there are, taking those for one that only typing or transliteration tells apart.

    Each spelling is compared with the first of each name so far.
    """
    names: list[str] = []
    for one in map(_plain, spellings):
        if not any(one == other or JaroWinkler.similarity(one, other) >= ALIKE for other in names):
            names.append(one)
    return len(names)


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    """Latin letters, short legal forms, words in the order of the alphabet."""
    text = legal_forms.generic(ascii_text(name[:LONGEST]))
    words = "".join(letter if letter.isalnum() else " " for letter in text).split()
    return " ".join(sorted(words))


CONSIGNEES: Final = Counting(KEPT, partial(say, side=0))
SHIPPERS: Final = Counting(KEPT, partial(say, side=1))
