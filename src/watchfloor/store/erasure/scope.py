"""Scope of an erasure about a subject: what is about it, and what only names it among others."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.store import catalogue
from watchfloor.store.database import Database
from watchfloor.store.erasure import retention, subject_index
from watchfloor.store.segments import reading

PROSE: Final = ("report", "product", "watch-entry")
"""Kinds whose text may speak of anybody: they go only when a person says so."""

SHARED: Final = ("task", "outcome")
"""Kinds that may be about several subjects."""

OTHERS: Final = ("person", "company")
"""Types of subjects whose own story a shared record is."""


class Named(NamedTuple):
    """A record that names the subject: its kind, its id, its marking."""

    kind: str
    record_id: bytes
    marking: str


class Scope(NamedTuple):
    """Records that name some subjects.

    Attributes:
        about: records that are about them.
        shared: records that name others too, or are prose: a person decides about those.
        same: subjects that somebody judged to be the same as these; they are not erased with them.
    """

    about: list[Named]
    shared: list[Named]
    same: tuple[str, ...]


def on(root: Path, keys: Iterable[str]) -> Scope:
    """Everything on a floor that names these subjects, whoever may see it."""
    with catalogue.snapshot(root) as database:
        return of_subjects(root, database, keys)


def of_subjects(root: Path, database: Database, keys: Iterable[str]) -> Scope:
    """Everything on the floor that names these subjects."""
    wanted = set(keys)
    mine: list[Named] = []
    shared: list[Named] = []
    same: set[str] = set()
    names: set[str] = set(wanted)
    kinds = retention.evidence_kinds(database)
    for kind in (*(one for one in kinds if one not in PROSE), *(one for one in kinds if one in PROSE)):
        for part in reading.payloads(database, kind):
            rows = reading.load(root, part)
            named = subject_index.naming(rows, wanted)
            if kind in PROSE:
                shared += _named(kind, rows, named | subject_index.Words(names).rows(rows))
                continue
            of_several = named & _several(rows, wanted) if kind in SHARED else np.zeros(rows.num_rows, bool)
            mine += _named(kind, rows, named & ~of_several)
            shared += _named(kind, rows, of_several)
            names |= _whole_names(rows.filter(pa.array(named & ~of_several)))
            if kind == "judgement":
                same |= set(_same(rows.filter(pa.array(named)), wanted))
    return Scope(mine, shared, tuple(sorted(same)))


def _named(kind: str, rows: pa.Table, mask: subject_index.Mask) -> Iterator[Named]:
    found = rows.filter(pa.array(mask)).select(["record_id", "marking"]).to_pylist()
    return (Named(kind, row["record_id"], row["marking"]) for row in found)


def _several(rows: pa.Table, wanted: set[str]) -> subject_index.Mask:
    """Rows that name another person or company too."""
    found = np.zeros(rows.num_rows, np.bool_)
    for row, key in subject_index.keys_in(rows):
        if key not in wanted and key.split(":", 1)[0] in OTHERS:
            found[row] = True
    return found


def _whole_names(rows: pa.Table) -> set[str]:
    """Full names and numbers of documents: what prose calls somebody by."""
    found = set(rows["name"].to_pylist()) if "name" in rows.column_names else set()
    if "identifiers" in rows.column_names:
        found |= set(pc.struct_field(pc.list_flatten(rows["identifiers"]), "number").to_pylist())
    return {text for text in found if text and len(text) >= subject_index.SHORTEST}


def _same(rows: pa.Table, wanted: set[str]) -> Iterator[str]:
    same = rows.filter(pc.field("verdict") == "same").select(["subject", "about"]).to_pylist()
    named = chain.from_iterable((row["subject"], row["about"]) for row in same)
    return (key for key in named if key not in wanted and subject_index.is_subject(key))
