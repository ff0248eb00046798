"""Identifiers that the evidence itself carries: what joins signals about differently named subjects.

A parcel's consignee and a transfer's payee are two subjects, each known by its feed's own number. If both
gave one telephone number, the records say so, and the cell need not guess. A record that raised no signal
joins too: one delivery to an address, under a telephone number, makes one matter of a report about the one
and a report about the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import pyarrow as pa

from watchfloor.core.subjects import key_of


class Bridge(NamedTuple):
    """A record that names two subjects which signals are about, in order of their keys."""

    one: str
    other: str
    record_id: bytes
    source: str
    marking: str


@dataclass(frozen=True, slots=True)
class Shared:
    """Identifiers that records share.

    Attributes:
        keys: identifiers in each cited record, as typed keys.
        bearers: how many different subjects bear each key, over all records.
        records: how many records there are.
        bridges: records that join subjects of signals, one a pair, the earliest.
    """

    keys: Mapping[bytes, tuple[str, ...]] = field(default_factory=dict)
    bearers: Mapping[str, int] = field(default_factory=dict)
    records: int = 0
    bridges: tuple[Bridge, ...] = ()


def shared(parties: pa.Table, cited: Set[bytes], subjects: Iterable[str]) -> Shared:
    """Return the identifiers that `party` records share.

    Args:
        parties: all that the reader may see.
        cited: ids of the records that signals rest on.
        subjects: what the signals are about themselves.
    """
    every = keys_by_record(parties)
    keys = {record: every[record] for record in cited if record in every}
    named = {*subjects, *(key for mine in keys.values() for key in mine)}
    bearers: defaultdict[str, set[str]] = defaultdict(set)
    bridges: dict[tuple[str, str], Bridge] = {}
    columns = ("record_id", "subject", "source", "marking", "observed_at")
    rows = sorted(
        zip(*(parties[name].to_pylist() for name in columns), strict=True), key=lambda row: (row[4], row[0])
    )
    for record, subject_, source, marking, _ in rows:
        for key in every.get(record, ()):
            bearers[key].add(subject_)
        here = sorted({subject_, *every.get(record, ())} & named) if record not in cited else []
        for pair in pairwise(here):
            bridges.setdefault(pair, Bridge(*pair, record, source, marking))
    counts = {key: len(who) for key, who in bearers.items()}
    return Shared(keys, counts, len(rows), tuple(bridges[pair] for pair in sorted(bridges)))


def keys_by_record(parties: pa.Table) -> dict[bytes, tuple[str, ...]]:
    """Typed keys of the identifiers in each `party` record, without numbers that their system refuses."""
    columns = zip(parties["record_id"].to_pylist(), parties["identifiers"].to_pylist(), strict=True)
    return {record: keys for record, numbers in columns if (keys := tuple(sorted(set(_keys(numbers or ())))))}


def _keys(numbers: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for one in numbers:
        if key := key_of(one["system"], one["number"], one["owner"]):
            yield key
