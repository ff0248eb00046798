"""Identifiers that the evidence itself carries: what joins signals about differently named subjects.

A parcel's consignee and a transfer's payee are two subjects, each known by its feed's own number. If both
gave one telephone number, the records say so, and the cell need not guess. A record that raised no signal
joins too: one delivery to an address, under a telephone number, makes one matter of a report about the one
and a report about the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.subjects import key_of

PIECE: Final = 1 << 14
"""Records that are looked through at once: of a day there are more than a million."""


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
        bearers: how many different subjects bear each key that signals name, over all records.
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
        subjects: what the signals are about themselves; bearers are counted of these and of what the cited
            records hold.
    """
    mine = pa.array(cited, parties["record_id"].type)
    keys = keys_by_record(parties.filter(pc.is_in(parties["record_id"], value_set=mine)))
    named = {*subjects, *(key for several in keys.values() for key in several)}
    bearers: defaultdict[str, set[str]] = defaultdict(set)
    first: dict[tuple[str, str], tuple[datetime, Bridge]] = {}
    columns = ("record_id", "subject", "source", "marking", "observed_at")
    for given, (record, subject_, source, marking, at) in _records(parties, *columns):
        known = named.intersection(given)
        for key in known:
            bearers[key].add(subject_)
        here = sorted(known | named.intersection((subject_,))) if record not in cited else []
        for pair in pairwise(here):
            found = at, Bridge(*pair, record, source, marking)
            if pair not in first or (at, record) < (first[pair][0], first[pair][1].record_id):
                first[pair] = found
    counts = {key: len(who) for key, who in bearers.items()}
    return Shared(keys, counts, parties.num_rows, tuple(first[pair][1] for pair in sorted(first)))


def keys_by_record(parties: pa.Table) -> dict[bytes, tuple[str, ...]]:
    """Typed keys of the identifiers in each `party` record, without numbers that their system refuses."""
    return {record: keys for keys, (record,) in _records(parties, "record_id") if keys}


def _records(parties: pa.Table, *names: str) -> Iterator[tuple[tuple[str, ...], tuple[Any, ...]]]:
    """Yield the typed keys of each record, and some of its columns."""
    for batch in parties.select(["identifiers", *names]).to_batches(max_chunksize=PIECE):
        numbers = batch["identifiers"].flatten()
        fields = (pc.struct_field(numbers, name).to_pylist() for name in ("system", "number", "owner"))
        keys = [key_of(*one) for one in zip(*fields, strict=True)]
        ends = np.cumsum(pc.fill_null(pc.list_value_length(batch["identifiers"]), 0).to_numpy()).tolist()
        mine = (tuple(sorted({*filter(None, keys[start:end])})) for start, end in pairwise([0, *ends]))
        yield from zip(mine, zip(*(batch[name].to_pylist() for name in names), strict=True), strict=True)
