"""Which column of a table is meant by which word, however its name is written."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from watchfloor.formats.base import FormatError
from watchfloor.formats.settings import nearest

Words = Mapping[str, tuple[str, ...]]
"""For each word, the names that its column may have; the first is the one that messages use."""

ADVICE = "For a table with columns of its own: watchfloor map FILE --kind statistic"


@lru_cache(maxsize=1 << 12)  # the names of a file's columns, which every format of tables compares
def plain(text: str) -> str:
    """Lower case, without accents, each run of other signs than letters and digits as one space."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", bare))


def find(names: Iterable[str], words: Words) -> dict[str, str]:
    """The column of each word that has one; of two that fit, the one whose name stands first in `words`."""
    columns = {plain(name): name for name in reversed(list(names))}
    found = {}
    for word, called in words.items():
        for name in map(plain, called):
            if name in columns:
                found[word] = columns.pop(name)
                break
    return found


def require(name: str, names: list[str], words: Words, lacking: Iterable[str]) -> None:
    """Raise `FormatError` for the words that no column has, with the name nearest to the first of them."""
    missing = [words[word][0] for word in lacking]
    if missing:
        like = nearest(missing[0], names)
        others = f" (nor {', '.join(map(repr, missing[1:]))})" if missing[1:] else ""
        raise FormatError(f"{name} has no column {missing[0]!r}{like}{others}. {ADVICE}")
