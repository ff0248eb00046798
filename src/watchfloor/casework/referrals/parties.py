"""Who and what a declaration names, as typed keys: parties by their key, telephones and addresses as written.

Telephones and addresses get the keys that the cell gives them anywhere (`core.subjects.key_of`), so a
lookout on `phone:phone:16135550113` meets a declaration that writes it as (613) 555-0113.
"""

from collections.abc import Iterator, Mapping, Set
from functools import lru_cache
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.acts import Row
from watchfloor.core.subjects import key_of

KEYED: Final[Mapping[str, str]] = {
    "subject": "item",
    "importer": "importer",
    "consignee": "consignee",
    "shipper": "shipper",
    "declarant": "declarant",
}
"""Columns that hold typed keys, and what each is called."""

WRITTEN: Final[Mapping[str, str]] = {
    "shipper_phone": "phone",
    "consignee_phone": "phone",
    "shipper_address": "address",
    "consignee_address": "address",
}
"""Columns that hold a text, and the system that its key is of."""


def keys(row: Row) -> dict[str, str]:
    """Typed keys that a declaration names, each with what it is called there."""
    found = {row[name]: called for name, called in KEYED.items() if row[name]}
    for name, system in WRITTEN.items():
        if row[name] and (key := _key(system, row[name])):
            found.setdefault(key, system)
    return found


def naming(table: pa.Table, wanted: Set[str]) -> pa.Table:
    """Rows of declarations that name one of some typed keys; only what is wanted is looked for."""
    hits = pc.is_in(table["subject"], value_set=_strings(wanted))
    for name in (*list(KEYED)[1:], *(name for name, system in WRITTEN.items() if _any(wanted, system))):
        values = set(_texts(table, name, wanted)) if name in WRITTEN else wanted
        hits = pc.or_(hits, pc.is_in(table[name], value_set=_strings(values)))
    return table.filter(hits)


def _texts(table: pa.Table, name: str, wanted: Set[str]) -> Iterator[str]:
    """The texts of a column whose key is wanted, each looked at once."""
    for text in table[name].unique().to_pylist():
        if text and _key(WRITTEN[name], text) in wanted:
            yield text


def _any(wanted: Set[str], system: str) -> bool:
    return any(key.startswith(f"{system}:") for key in wanted)


def _strings(values: Set[str]) -> pa.Array:
    return pa.array(sorted(values), pa.string())


@lru_cache(maxsize=1 << 14)
def _key(system: str, text: str) -> str | None:
    return key_of(system, text, None)
