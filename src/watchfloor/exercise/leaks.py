"""Leaks: whether what lies at one node of an exercise lies, in any form, in another node's folder.

Everything that must stay is a needle: names, accounts, memos, branches and amounts of the banks' rows, peaks
and samples of the laboratory's, descriptions, values and people of the declarations, amounts and memos of
what the Centre was told. It is looked for in all bytes of a folder, as they are and unpacked (`packed`).
Numbers are compared as numbers, however they are written. What the cell has from feeds of its own is no
needle, nor whom the Centre may name to it (PCMLTFA s. 55(7)).
"""

import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from watchfloor.exercise import packed
from watchfloor.exercise.cast import keys
from watchfloor.exercise.feeds.base import Row
from watchfloor.exercise.feeds.nodes.designated import PARTIES
from watchfloor.exercise.nodes import CELL, CENTRE, NodeExerciseFiles

STAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "ledger": ("payer", "payee", "amount", "conductor", "branch", "memo"),
    "customers": ("name", "birth_date", "identifiers"),
    "accounts": ("subject", "holder"),
    "told": ("amount", "branch", "memo", "conductor"),
    "bench": ("subject", "sample", "peaks"),
    "declarations": ("subject", "importer", "consignee", "goods", "value"),
    "scales": ("subject",),
    "consignees": ("name", "identifiers", "context"),
}
"""Columns of which no value may lie in the cell, by the feed's name as far as its first `-`.

Of subjects those that no storyline is about: parcels and accounts of storylines may be told."""

SHORT: Final = 6
"""Bytes below which a text proves nothing: it may stand anywhere by chance."""

_NUMBER: Final = re.compile(rb"(?<![\d.])\d{1,15}\.\d{1,12}(?![\d.])")
_CHUNK: Final = 1 << 22


@dataclass(frozen=True, slots=True)
class Needles:
    """Texts and numbers to look for.

    Attributes:
        texts: each with the other forms in which it may stand: an account's number, and its typed key.
        numbers: those with a fraction; a whole one may stand anywhere.
    """

    texts: Mapping[str, tuple[str, ...]]
    numbers: frozenset[float]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.texts) + len(self.numbers)

    def __or__(self, other: "Needles") -> "Needles":
        """The needles of both."""
        return Needles({**self.texts, **other.texts}, self.numbers | other.numbers)

    def among(self, hits: Iterable[str | float]) -> int:
        """How many of them were hit."""
        return sum(hit in self.texts or hit in self.numbers for hit in hits)


@dataclass(frozen=True, slots=True)
class Search:
    """Result of a search.

    Attributes:
        files: that were read.
        size: bytes that were searched: of the files, and of all that was unpacked from them, each piece once.
        hits: each needle that was found, with the first file that holds it.
    """

    files: int
    size: int
    hits: Mapping[str | float, str]


def needles(made: NodeExerciseFiles, node: str) -> Needles:
    """Return the needles: what a node of an exercise has and the cell may not have."""
    own = _own(made)
    told = {subject for one in made.answers.storylines for subject in one.subjects}
    values = [
        value
        for feed, rows in made.rows[node].items()
        for row in rows
        for value in _values(row, STAYS.get(feed.partition("-")[0], ()), told)
    ]
    texts = {one[1]: (one[1], *keys(one)) for one in values if isinstance(one, tuple)}
    known = {form for forms in texts.values() for form in forms}
    texts |= {one: (one,) for one in values if isinstance(one, str) and one not in known}
    numbers = frozenset(float(one) for one in values if isinstance(one, float | Decimal) and one % 1)
    kept = {
        text: forms
        for text, forms in texts.items()
        if len(text) >= SHORT and not any(form in own for form in forms)
    }
    return Needles(kept, numbers)


def _own(made: NodeExerciseFiles) -> str:
    """All that the cell's own feeds say and whom the Centre may name, and the keys that the cell makes."""
    texts = [path.read_text("utf-8") for path in sorted(made.feeds(CELL).rglob("*")) if path.is_file()]
    texts.append((made.feeds(CENTRE) / f"{PARTIES}.csv").read_text("utf-8"))
    rows = (row for of_feed in (*made.rows[CELL].values(), made.rows[CENTRE][PARTIES]) for row in of_feed)
    return "\n".join([*texts, *(key for row in rows for key in keys(*row.seen.identifiers))])


def _values(row: Row, columns: Iterable[str], told: set[str]) -> Iterator[Any]:
    """The values of some columns of a row, without the parcels of storylines: their numbers may be told."""
    for name in columns:
        if name == "identifiers":
            for one in row.seen.identifiers:
                if one[0] != "s10" or not told.intersection(keys(one)):
                    yield one
        elif name != "subject" or row.seen.says[name] not in told:
            value = row.seen.says.get(name)
            yield from value if isinstance(value, list) else (value,)


def search(folder: Path, wanted: Needles) -> Search:
    """Look for needles in all bytes of a folder."""
    forms = {written: one for one, forms in wanted.texts.items() for f in forms for written in _written(f)}
    index = _index(forms | {struct.pack("<d", one): one for one in wanted.numbers})
    hits: dict[str | float, str] = {}
    seen: set[bytes] = set()
    size = 0
    paths = packed.files(folder)
    for path in paths:
        for _, piece in packed.parts(path):
            if (digest := sha256(piece).digest()) not in seen:
                seen.add(digest)
                size += len(piece)
                for one in _found(piece, index, wanted.numbers):
                    hits.setdefault(one, str(path.relative_to(folder)))
    return Search(len(paths), size, hits)


def _written(text: str) -> Iterator[bytes]:
    """A text as it may stand in a file: as it is, and as JSON keeps to ASCII."""
    yield text.encode()
    if not text.isascii():
        yield text.encode("ascii", "backslashreplace").replace(b"\\x", b"\\u00")


@dataclass(frozen=True, slots=True)
class _Index:
    """Needles as bytes, by their first `SHORT` bytes as a number, then by their length."""

    starts: npt.NDArray[np.uint64]
    forms: Mapping[int, Mapping[int, Mapping[bytes, str | float]]]


def _index(forms: Mapping[bytes, str | float]) -> _Index:
    found: dict[int, dict[int, dict[bytes, str | float]]] = {}
    for form, one in forms.items():
        by_length = found.setdefault(int.from_bytes(form[:SHORT], "little"), {})
        by_length.setdefault(len(form), {})[form] = one
    return _Index(np.array(sorted(found), np.uint64), found)


def _found(piece: bytes, index: _Index, numbers: frozenset[float]) -> Iterator[str | float]:
    """Each needle that begins somewhere in a piece, at every byte; and each number written in digits."""
    for first in range(0, len(piece), _CHUNK):
        part = np.frombuffer(piece, np.uint8, min(_CHUNK + SHORT - 1, len(piece) - first), first)
        for at, start in _starts(part, index.starts):
            for length, forms in index.forms[start].items():
                if (text := piece[first + at : first + at + length]) in forms:
                    yield forms[text]
    yield from numbers & {float(match) for match in _NUMBER.findall(piece)}


def _starts(part: npt.NDArray[np.uint8], starts: npt.NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
    """Where some needle may begin: the place, and its first bytes as a number."""
    if len(part) < SHORT or not len(starts):
        return
    words = np.zeros(len(part) - SHORT + 1, np.uint64)
    for at in range(SHORT):
        words |= part[at : at + len(words)].astype(np.uint64) << np.uint64(8 * at)
    near = np.minimum(np.searchsorted(starts, words), len(starts) - 1)
    places = np.flatnonzero(starts[near] == words)
    yield from zip(places.tolist(), words[places].tolist(), strict=True)
