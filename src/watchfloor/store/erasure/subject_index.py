"""Which rows speak of whom, and by which words a person could be found again.

Subjects stand in many columns, some of them in lists of structures, so the search is over every text of a
row, not over a list of columns that the next kind would not be on.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.subjects import SubjectError, parts

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

SHORTEST: Final = 3
"""Characters of the shortest word that can find a person."""

_DIGITS: Final = 6
"""Digits of the shortest number that can find somebody by itself."""

_FEW: Final = 64
"""Words at most of which each is looked for in a text before it is taken apart."""

_STRETCH: Final = 1 << 14
"""Texts that are looked through before the words found in them are left out."""

_TO_THE_DAY: Final = len("1971-05-02")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_PART: Final = re.compile(r"[^\W_]+")


def texts(table: pa.Table) -> Iterator[tuple[Rows, pa.Array]]:
    """Every text of a table, in lists and structures too, each array with the rows that its values are of."""
    for column in table.columns:
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        yield from _texts(np.arange(len(array)), array)


def naming(table: pa.Table, keys: Iterable[str]) -> Mask:
    """True for each row in which one of the keys stands as it is written."""
    wanted = pa.array(sorted(set(keys)), pa.string())
    found = np.zeros(table.num_rows, np.bool_)
    for rows, values in texts(table):
        found[rows[_bools(pc.is_in(values, wanted))]] = True
    return found


def among(column: pa.ChunkedArray, values: pa.Array) -> Mask:
    """True for each row whose value is one of these."""
    return np.array(pc.is_in(column, values))


class _Sought(NamedTuple):
    """A word in its parts, and which of them is the rarest."""

    parts: list[str]
    at: int
    word: str


class Words:
    """Words that are looked for: one stands in a text where its parts do, in their order and side by side.

    Parts are runs of letters and digits, whatever their case: `1963-07-19` stands in `1963/07/19`, and not in
    `19630719`. A look at a column costs the same for ten words as for a hundred thousand.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._by: dict[str, list[_Sought]] = {}
        for word in sorted(set(words)):
            if split := _split(word):
                at = max(range(len(split)), key=lambda n: _rare(split[n]))
                self._by.setdefault(split[at], []).append(_Sought(split, at, word))

    def __bool__(self) -> bool:
        return bool(self._by)

    def within(self, text: str) -> set[str]:
        """Those that stand in a text."""
        found: set[str] = set()
        if len(self._by) <= _FEW:  # to look for each is quicker than to take the text apart
            folded = text.casefold()
            if not any(part in folded for part in self._by):
                return found
        split = _split(text)
        for at, part in enumerate(split):
            for one in self._by.get(part, ()):
                start = at - one.at
                if start >= 0 and split[start : start + len(one.parts)] == one.parts:
                    found.add(one.word)
        return found

    def rows(self, table: pa.Table) -> Mask:
        """True for each row in a text of which one stands."""
        found = np.zeros(table.num_rows, np.bool_)
        for rows, values in texts(table):
            at = _holding(values, self._by)
            hits = [bool(self.within(text)) for text in values.take(pa.array(at)).to_pylist()]
            found[rows[at[hits]]] = True
        return found

    def found_in(self, table: pa.Table) -> set[str]:
        """Those that stand in some text of a table; what was found is not looked for again."""
        found: set[str] = set()
        left = dict(self._by)
        for _, values in texts(table):
            for start in range(0, len(values), _STRETCH):
                piece = values.slice(start, _STRETCH)
                for text in piece.take(pa.array(_holding(piece, left))).unique().to_pylist():
                    found |= self.within(text)
                left = {part: of for part, of in left.items() if any(one.word not in found for one in of)}
        return found


def _holding(values: pa.Array, parts: Collection[str]) -> Rows:
    """Which texts hold one of some parts."""
    split = pc.split_pattern_regex(values, r"[^\pL\pN]+")
    coded = pc.list_flatten(split).dictionary_encode()
    hits = np.array([part.casefold() in parts for part in coded.dictionary.to_pylist()], np.bool_)
    return np.unique(pc.list_parent_indices(split).to_numpy()[hits[coded.indices.to_numpy()]])


def _rare(part: str) -> tuple[bool, int]:
    """How rare a part is likely to be: one with digits, then the longest."""
    return any(map(str.isdigit, part)), len(part)


def _split(text: str) -> list[str]:
    return [part.casefold() for part in _PART.findall(text)]


def keys_in(table: pa.Table) -> Iterator[tuple[int, str]]:
    """Row and key of every subject that a table names."""
    for rows, values in texts(table):
        looks = _bools(pc.match_substring_regex(values, r"^[a-z]+:[a-z0-9._-]+:"))
        for row, value in zip(rows[looks].tolist(), values.filter(pa.array(looks)).to_pylist(), strict=True):
            if is_subject(value):
                yield row, value


def is_subject(text: str) -> bool:
    """Whether it is written as a subject's key."""
    try:
        parts(text)
    except SubjectError:
        return False
    return True


def words_of(rows: Iterable[pa.Table], keys: Iterable[str]) -> set[str]:
    """Words by which somebody could find the subjects that rows are about: keys, names, numbers, birth dates.

    A name counts whole and word by word, since that is how people type it. A number of a few digits finds
    nobody by itself, nor does a year of birth.
    """
    keys = set(keys)
    found = keys | {number for key in keys if _tells(number := parts(key)[2])}
    for table in rows:
        found |= {word for name in _values(table, "name") for word in (name, *_LETTERS.findall(name))}
        found |= {number for number in _values(table, "report_key") if _tells(number)}
        found |= {day for day in _values(table, "birth_date") if len(day) == _TO_THE_DAY}
        if "identifiers" in table.column_names:
            numbers = pc.struct_field(pc.list_flatten(table["identifiers"]), "number")
            found |= {number for number in numbers.drop_null().to_pylist() if _tells(number)}
    return {word for word in found if len(word) >= SHORTEST}


def _tells(number: str) -> bool:
    """Whether a number is long enough, or odd enough, to be somebody's."""
    return len(number) >= _DIGITS or not number.isdecimal()


def _values(table: pa.Table, column: str) -> list[str]:
    if column not in table.column_names:
        return []
    values: list[str] = pc.unique(table[column].combine_chunks()).drop_null().to_pylist()
    return values


def _bools(values: pa.Array) -> Mask:
    filled: Mask = pc.fill_null(values, fill_value=False).to_numpy(zero_copy_only=False)
    return filled


def _texts(rows: Rows, array: pa.Array) -> Iterator[tuple[Rows, pa.Array]]:
    type_ = array.type
    if pa.types.is_dictionary(type_):
        yield from _texts(rows, array.cast(type_.value_type))
    elif pa.types.is_string(type_) or pa.types.is_large_string(type_):
        yield rows, array
    elif pa.types.is_list(type_) or pa.types.is_large_list(type_):
        yield from _texts(rows[pc.list_parent_indices(array).to_numpy()], pc.list_flatten(array))
    elif pa.types.is_struct(type_):
        for field in type_:
            yield from _texts(rows, pc.struct_field(array, field.name))
