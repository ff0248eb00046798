"""Which rows speak of whom, and by which words a person could be found again.

Subjects stand in many columns, some of them in lists of structures, so the search is over every text of a
row, not over a list of columns that the next kind would not be on.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.records.subjects import SubjectError, parts

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

SHORTEST: Final = 3
"""Characters of the shortest word that can find a person."""

_NAMES: Final = ("name",)
_NUMBERS: Final = ("birth_date", "report_key")
_FULL_DATE: Final = 10
"""Characters of a birth date to the day; a year alone finds nobody."""


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


def saying(table: pa.Table, words: Iterable[str]) -> Mask:
    """True for each row in a text of which one of the words stands, whatever its case."""
    found = np.zeros(table.num_rows, np.bool_)
    if pattern := _pattern(words, _RE2):
        for rows, values in texts(table):
            found[rows[_bools(pc.match_substring_regex(values, pattern))]] = True
    return found


def said(table: pa.Table, words: Iterable[str]) -> set[str]:
    """Those of the words that stand in some text of the table."""
    wanted = set(words)
    found: set[str] = set()
    if whole := _pattern(wanted, _RE2):
        for _, values in texts(table):
            hits = values.filter(pc.match_substring_regex(values, whole))
            found |= _in_texts(hits.unique().to_pylist(), wanted - found)
    return found


def in_text(text: str, words: Iterable[str]) -> set[str]:
    """Those of the words that stand in a text."""
    return _in_texts([text], words)


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
    """Words by which somebody could find the subjects that rows are about: keys, names, numbers, dates.

    A name counts whole and word by word, since that is how people type it.
    """
    found = set(chain.from_iterable(_of_key(key) for key in keys))
    for table in rows:
        for column in _NAMES:
            found |= set(chain.from_iterable(map(_of_name, _values(table, column))))
        for column in _NUMBERS:
            found |= {text for text in _values(table, column) if column != "birth_date" or _to_the_day(text)}
        if "identifiers" in table.column_names:
            numbers = pc.struct_field(pc.list_flatten(table["identifiers"]), "number")
            found |= set(numbers.drop_null().to_pylist())
    return {word for word in found if len(word) >= SHORTEST}


def pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    """What finds any of the words in a text, as whole words, whatever their case; None for no words."""
    made = _pattern(words, _PYTHON)
    return re.compile(made) if made else None


def _in_texts(found: list[str], words: Iterable[str]) -> set[str]:
    return {word for word in words if (one := pattern([word])) is not None and any(map(one.search, found))}


_RE2: Final = r"(?i)(?:^|[^\pL\pN])(?:{})(?:$|[^\pL\pN])"
_PYTHON: Final = r"(?i)(?<![^\W_])(?:{})(?![^\W_])"


def _pattern(words: Iterable[str], around: str) -> str | None:
    escaped = [re.escape(word) for word in sorted(set(words))]
    return around.format("|".join(escaped)) if escaped else None


def _of_key(key: str) -> tuple[str, ...]:
    return (key, parts(key)[2])


def _of_name(name: str) -> list[str]:
    return [name, *re.findall(r"[^\W\d_]+", name)]


def _to_the_day(text: str) -> bool:
    return len(text) == _FULL_DATE


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
