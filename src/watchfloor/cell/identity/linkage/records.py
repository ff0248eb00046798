"""Rows of tables as they are compared: each field as numbers into a list of normalised values."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.identity.linkage.addresses import Address, read_address, street_text
from watchfloor.cell.identity.linkage.columns import vocabulary
from watchfloor.cell.identity.linkage.dates import read_dates
from watchfloor.cell.identity.linkage.tables import PersonTable
from watchfloor.formats.tabular.lexicon import plain

Codes = npt.NDArray[np.int32]

NONE: Final = -1
"""Code of a value that is missing."""

NAMES: Final = ("given", "middle", "family")
IDENTIFIERS: Final = ("national_id", "document", "phone", "email")
FIELDS: Final = (
    *(*NAMES, "birth", "born"),
    *("number", "street", "unit", "po_box", "city", "postal"),
    *(*IDENTIFIERS, "employer"),
)
"""Fields as they are compared; `born` is the year of birth that an age says."""


CROWD: Final = 20
"""Copies of one row from which on it is looked at once: n copies would be n²/2 pairs."""


@dataclass(slots=True)
class Values:
    """A field of all rows.

    Attributes:
        codes: place of each row's value in `texts`, `NONE` where it is missing.
        texts: the distinct values, normalised; names share one list.
        counts: rows that have each value.
    """

    codes: Codes
    texts: list[str]
    counts: npt.NDArray[np.int64]

    @classmethod
    def count(cls, codes: Codes, texts: list[str]) -> "Values":
        """Count the values of some rows."""
        return cls(codes, texts, np.bincount(codes[codes >= 0], minlength=len(texts)))

    @property
    def share(self) -> float:
        """Share of rows that say anything."""
        return float(np.mean(self.codes >= 0)) if len(self.codes) else 0.0


@dataclass(slots=True)
class Records:
    """Rows of one or several tables.

    Attributes:
        ids: what each row is called.
        table: number of each row's table.
        fields: what is known of them.
        notes: what was noticed while reading, `(what, table, count or order)`.
        copies: rows that only repeat another, see `once`; they make no value more common.
    """

    ids: list[str]
    table: npt.NDArray[np.int16]
    fields: dict[str, Values]
    notes: list[tuple[str, str, str]] = field(default_factory=list)
    copies: Codes = field(default_factory=lambda: np.empty(0, np.int32))

    def __len__(self) -> int:
        return len(self.ids)

    def once(self) -> tuple["Records", Codes, Codes]:
        """Return the rows without further copies of one that stands in more than `CROWD`.

        Returns:
            These rows; the place of each here; and of each row here the one that it repeats, or itself.
        """
        rows = np.arange(len(self), dtype=np.int32)
        if not self.fields or len(self) <= CROWD:
            return self, rows, rows
        signs = np.stack([one.codes for one in self.fields.values()], axis=1)
        whole = np.ascontiguousarray(signs).view([("", signs.dtype)] * signs.shape[1]).reshape(-1)
        _, first, places, counts = np.unique(
            whole, return_index=True, return_inverse=True, return_counts=True
        )
        places = places.reshape(-1)
        repeats = np.where(counts[places] > CROWD, first[places], rows).astype(np.int32)
        kept = np.flatnonzero(repeats == rows).astype(np.int32)
        if len(kept) == len(self):
            return self, rows, rows
        fields = {what: Values.count(one.codes[kept], one.texts) for what, one in self.fields.items()}
        return Records([self.ids[row] for row in kept.tolist()], self.table[kept], fields), kept, repeats


def records_of(tables: Sequence[PersonTable]) -> Records:
    """Normalise the rows of some tables."""
    notes: list[tuple[str, str, str]] = []
    ids = [one for table in tables for one in _ids(table, notes)]
    sizes = [table.cells.num_rows for table in tables]
    number = np.repeat(np.arange(len(tables), dtype=np.int16), sizes)
    parts = [_normalised(table, notes) for table in tables]
    names: dict[str, int] = {}
    fields: dict[str, Values] = {}
    for what in FIELDS:
        known = names if what in NAMES else {}
        codes = [
            _coded(*part[what], known) if what in part else np.full(size, NONE, np.int32)
            for part, size in zip(parts, sizes, strict=True)
        ]
        joined = np.concatenate(codes) if codes else np.empty(0, np.int32)
        if (joined >= 0).any():
            fields[what] = Values.count(joined, list(known))
    for what in NAMES:
        if what in fields:  # names share their list, which has grown meanwhile
            fields[what] = Values.count(fields[what].codes, list(names))
    return Records(ids, number, fields, notes)


Distinct = tuple[Codes, list[str]]
"""Codes of rows, and the text of each; an empty one is missing."""


def _coded(codes: Codes, texts: list[str], known: dict[str, int]) -> Codes:
    """Number texts in a list that may be longer."""
    places = np.array([known.setdefault(text, len(known)) if text else NONE for text in texts], np.int32)
    return np.where(codes >= 0, places[codes], np.int32(NONE)) if len(texts) else codes


def _distinct(cells: pa.ChunkedArray) -> Distinct:
    array = cells.combine_chunks().dictionary_encode()
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    codes = pc.fill_null(array.indices, NONE).to_numpy(zero_copy_only=False).astype(np.int32)
    return codes, array.dictionary.to_pylist()


def _map(found: Distinct, read: Callable[[str], str]) -> Distinct:
    return found[0], [read(text) for text in found[1]]


def _ids(table: PersonTable, notes: list[tuple[str, str, str]]) -> Iterable[str]:
    rows = table.cells.num_rows
    if "id" not in table.cells.column_names:
        notes.append(("ids-by-row", table.name, str(rows)))
        return [f"{table.name}:{at}" for at in range(1, rows + 1)]
    met: dict[str, int] = {}
    ids: list[str] = []
    missing = double = 0
    for at, one in enumerate(table.cells["id"].to_pylist(), 1):
        if one is None:
            missing += 1
            one = f"{table.name}:{at}"
        said = one
        while one in met:  # a table may itself have an id that looks as if it were numbered
            met[said] += 1
            one = f"{said} ({met[said]})"
        met[one] = 1
        double += one != said
        ids.append(one)
    notes.extend(
        (what, table.name, str(count))
        for what, count in (("ids-missing", missing), ("ids-double", double))
        if count
    )
    return ids


def _normalised(table: PersonTable, notes: list[tuple[str, str, str]]) -> dict[str, Distinct]:
    cells = {name: table.cells[name] for name in table.cells.column_names}
    found: dict[str, Distinct] = {}
    for what in NAMES:
        if what in cells:
            found[what] = _map(_distinct(cells[what]), partial(name_text, family=what == "family"))
    if "name" in cells:
        _parted(_distinct(cells["name"]), found)
    if "given" in found:
        _second_given(found)
    if "birth" in cells:
        codes, texts = _distinct(cells["birth"])
        dates = read_dates(texts)
        found["birth"] = codes, dates.texts
        notes.append(("mixed-dates" if dates.mixed else "dates", table.name, dates.order))
    if "age" in cells and "birth" in found:
        found |= _by_age(cells, found["birth"])
    _addresses(cells, found)
    for what in IDENTIFIERS:
        if what in cells:
            found[what] = _map(_distinct(cells[what]), _READ[what])
    if "employer" in cells:
        found["employer"] = _map(_distinct(cells["employer"]), plain)
    return found


@cache
def _no_names(family: bool) -> frozenset[str]:
    words = vocabulary().words
    return frozenset(words["no_name"] if family else words["no_name"] + words["no_given"])


def name_text(text: str, family: bool = False) -> str:
    """Normalise a name: letters without accents, words apart by spaces; empty for what is no name."""
    text = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    text = "".join(c for c in text if not unicodedata.combining(c))
    words = re.findall(r"[^\W_]+", re.sub(r"['’.`]", "", text))
    nobody = len("".join(words)) > 1 and _no_names(family).issuperset(words)
    return "" if nobody else " ".join(words)


_LETTERS: Final = str.maketrans(
    {
        **dict(zip("|01345689!", "lolaesgbgl", strict=True)),
        "ß": "ss",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
    }
)
"""Digits that a scanner takes for letters, and letters that are more than a letter with an accent."""


def _parted(found: Distinct, into: dict[str, Distinct]) -> None:
    """Part names in one column; a comma stands behind a family name."""
    codes, texts = found
    parted = [_name_parts(text) for text in texts]
    for at, what in enumerate(NAMES):
        if what not in into:
            into[what] = codes, [one[at] for one in parted]


def _name_parts(text: str) -> tuple[str, str, str]:
    before, comma, behind = text.partition(",")
    if comma:
        words = name_text(behind).split()
        return (words[0] if words else ""), " ".join(words[1:]), name_text(before, family=True)
    words = [word for word in name_text(text).split() if word not in ("jr", "sr", "mr", "mrs", "ms", "dr")]
    if text.split() and text.split()[0].isupper() and not text.isupper() and len(words) > 1:
        return words[1], " ".join(words[2:]), words[0]  # DUPONT Marie
    if len(words) < 2:
        return "", "", " ".join(words)
    return words[0], " ".join(words[1:-1]), words[-1]


def _second_given(found: dict[str, Distinct]) -> None:
    """Take further given names for middle ones, where there is no column of these."""
    codes, texts = found["given"]
    if "middle" not in found:
        found["middle"] = codes, [" ".join(text.split()[1:]) for text in texts]
        found["given"] = codes, [(text.split() or [""])[0] for text in texts]


def _by_age(cells: dict[str, pa.ChunkedArray], birth: Distinct) -> dict[str, Distinct]:
    """Return the year of birth that each row's age says, as far as birth dates tell when ages were taken."""
    ages = _whole(cells["age"])
    years = _whole(cells["year"]) if "year" in cells else np.full(len(ages), np.nan)
    known = np.array([int(text[:4]) if text[:4].isdigit() else 0 for text in birth[1]] or [0], np.float64)
    born = np.where(birth[0] >= 0, known[birth[0]], np.nan)
    years = np.where((years > 1850) & (years < 2200), years, 0.0)
    lag = born + ages - years
    if not np.isfinite(lag).any():
        return {}
    said = np.round(np.nanmedian(lag) + years - ages)
    said = np.where((said > 1850) & (said < 2200), said, np.nan)
    texts = [str(year) for year in range(1850, 2200)]
    return {"born": (np.where(np.isfinite(said), said - 1850, NONE).astype(np.int32), texts)}


def _whole(cells: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    codes, texts = _distinct(cells)
    numbers = [float(text) if re.fullmatch(r"\d{1,4}(\.0)?", text) else np.nan for text in texts] or [np.nan]
    return np.where(codes >= 0, np.array(numbers)[codes], np.nan)


def _addresses(cells: dict[str, pa.ChunkedArray], found: dict[str, Distinct]) -> None:
    if "address" in cells and "street" not in cells:
        codes, texts = _distinct(cells["address"])
        read = [read_address(text) for text in texts]
        for what in Address._fields:
            found[what] = codes, [getattr(one, what) for one in read]
    for column, what, reader in (
        ("street_number", "number", _compact),
        ("street", "street", street_text),
        ("unit", "unit", _compact),
        ("po_box", "po_box", _compact),
        ("city", "city", plain),
        ("postal", "postal", _compact),
    ):
        if column in cells:
            found[what] = _map(_distinct(cells[column]), reader)


def _compact(text: str) -> str:
    return "".join(re.findall(r"[^\W_]", text.casefold()))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text.translate(_OCR))


_OCR: Final = str.maketrans("OoQlI|SZBG", "0001115286")


def _phone(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return digits[-10:] if len(digits) >= 7 else ""


_READ: Final[dict[str, Callable[[str], Any]]] = {
    "national_id": _digits,
    "document": _compact,
    "phone": _phone,
    "email": lambda text: text.casefold().replace(" ", ""),
}
