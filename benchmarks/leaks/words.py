"""Where somebody's words still stand: in any encoding and any case, in every byte of every file."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from watchfloor.exercise import packed


class Hit(NamedTuple):
    """One place where a word stands: the file, how it was opened, and the word as it was written there."""

    file: str
    inside: str
    word: str
    encoding: str


class Words:
    """Words in every way in which bytes may hold them: four encodings, and any case."""

    def __init__(self, words: Iterable[str]) -> None:
        ways: dict[bytes, tuple[str, str]] = {}
        for word in words:
            for written in dict.fromkeys((word, word.upper(), word.lower(), word.casefold(), word.title())):
                for encoding in ("utf-8", "utf-16-le", "utf-16-be", "latin-1"):
                    data = written.encode(encoding, "ignore")
                    if len(data) >= 4:
                        ways.setdefault(data.lower() if data.isascii() else data, (word, encoding))
        self._ways = ways
        self._any = re.compile(b"|".join(map(re.escape, sorted(ways, key=len, reverse=True))), re.IGNORECASE)

    def within(self, data: bytes) -> set[tuple[str, str]]:
        """Word and encoding of everything that stands in some bytes."""
        found = (match.group() for match in self._any.finditer(data))
        return {self._ways.get(one) or self._ways[one.lower()] for one in found}


def search(root: Path, words: Words) -> list[Hit]:
    """Every hit in a file or in the files of a folder, in their names too."""
    found: set[Hit] = set()
    for place in packed.files(root):
        name = place.name if place == root else place.relative_to(root).as_posix()
        found |= {Hit(name, "its name", *hit) for hit in words.within(name.encode())}
        for inside, data in packed.parts(place):
            found |= {Hit(name, inside, *hit) for hit in words.within(data)}
    return sorted(found)
