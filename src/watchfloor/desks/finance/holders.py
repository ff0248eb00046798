"""Accounts as their bank knew them when a payment was made."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple, get_type_hints

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.finance.engine.stream import DAY
from watchfloor.desks.finance.typologies.lexicon import found_in
from watchfloor.desks.state import arrow

Integers = npt.NDArray[np.int64]

_EPOCH: Final = date(1970, 1, 1)


class Holder(NamedTuple):
    """One account, as a record of it says. `opened` is in days since 1970, `words` are of the occupation."""

    holder: str | None
    holder_type: str | None
    words: int | None
    naics: str | None
    opened: int | None
    record: bytes | None
    marking: str | None


_TYPES: Final = {name: arrow(of) for name, of in get_type_hints(Holder).items()}
NOBODY: Final = Holder(None, None, None, None, None, None, None)


def holder_of(row: Mapping[str, Any]) -> Holder:
    """The account that a record of the kind `account` is of; its occupation is kept as word lists alone."""
    occupation, opened = row.get("occupation"), row.get("opened")
    return Holder(
        row.get("holder"),
        row.get("holder_type"),
        None if occupation is None else found_in(occupation),
        row.get("naics"),
        None if opened is None else (opened - _EPOCH).days,
        row.get("record_id"),
        row.get("marking"),
    )


def columns_of(
    accounts: pa.Array, places: Integers, time: Integers, known: Mapping[str, Holder], said: pa.Table | None
) -> dict[str, pa.Array]:
    """Return the columns of the account on one side of each payment, as it was known then.

    Args:
        accounts: [n] keys, null where there is none.
        places: [n] place of each payment among all rows of the batch.
        time: [n] µs.
        known: accounts as they were before the batch.
        said: records of accounts in the batch, with their `place`; None: none.
    """
    coded = accounts.dictionary_encode()
    names = coded.dictionary.to_pylist()
    codes = np.asarray(pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False), np.int64)
    versions = [(code, -1, known[name]) for code, name in enumerate(names) if name in known]
    if said is not None and said.num_rows:
        place = {name: code for code, name in enumerate(names)}
        versions += [
            (place[row["subject"]], row["place"], holder_of(row))
            for row in said.filter(pc.is_in(said["subject"], coded.dictionary)).to_pylist()
        ]
        versions.sort(key=lambda one: one[:2])
    at = _latest(versions, codes, places)
    found = _taken([one for *_, one in versions], at)
    opened = found.pop("opened")
    age = pc.subtract(pa.array(time // DAY), opened)
    found["age"] = pc.if_else(pc.less(age, 0), None, age).cast(pa.float64())
    return found


def _latest(versions: list[tuple[int, int, Holder]], codes: Integers, places: Integers) -> Integers:
    """[n] the newest version of each code before its place; `len(versions)` where there is none."""
    size = int(places.max(initial=0)) + 3
    packed = np.array([code * size + place + 1 for code, place, _ in versions], np.int64)
    at = np.searchsorted(packed, codes * size + places + 1, "left") - 1
    of = np.array([*(code for code, *_ in versions), -2], np.int64)
    return np.where((at >= 0) & (of[at] == codes) & (codes >= 0), at, len(versions))


def _taken(holders: list[Holder], at: Integers) -> dict[str, pa.Array]:
    every = [*holders, NOBODY]
    return {
        name: pa.array([getattr(one, name) for one in every], of).take(pa.array(at))
        for name, of in _TYPES.items()
    }


def remembered(known: dict[str, Holder], said: Iterable[Mapping[str, Any]]) -> None:
    """Let records of accounts, in their order, take the places of earlier ones."""
    for row in said:
        known[row["subject"]] = holder_of(row)
