"""Files of feeds as tables of records, without a floor.

What is read is kept nowhere. A row that is delivered twice counts once, and of the rows of one source and
report key the last stands; both are counted and told.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final, cast

import numpy as np
import pyarrow as pa

from watchfloor.core.identity import Identities
from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import parse
from watchfloor.feeds import isolation
from watchfloor.feeds.complete import Completion
from watchfloor.feeds.config import PERSONAL
from watchfloor.feeds.intake import source_of, unknown
from watchfloor.feeds.isolation import pieces
from watchfloor.feeds.reader_process import Recipe
from watchfloor.feeds.streams import Unreadable
from watchfloor.feeds.walk import Aside, Item, walk
from watchfloor.formats.base import HEAD_BYTES, Fault, Head
from watchfloor.formats.registry import GUESS, recognise
from watchfloor.store.segments.replacing import latest

KEY: Final = bytes(32)
"""Of ids that nobody keeps."""
TOLD: Final = 5
"""Faults that are told one by one; the others are counted."""


@dataclass(slots=True)
class Files:
    """Content of some files.

    Attributes:
        tables: rows by kind; a kind without rows is not there.
        faults: how many pieces could not be read.
        told: the first of them in words, and files that were left aside.
        aside: files that are none of what was asked for.
        repeated: rows that were delivered twice.
        superseded: rows that a later one of their source and report key replaces.
        names: the file of each delivery, by what the column `delivery` has.
    """

    tables: dict[str, pa.Table] = field(default_factory=dict)
    faults: int = 0
    told: list[str] = field(default_factory=list)
    aside: int = 0
    repeated: int = 0
    superseded: int = 0
    names: dict[bytes, str] = field(default_factory=dict)


def silent(_said: str) -> None:
    """No progress is shown."""


def read(
    paths: Iterable[Path],
    kinds: Sequence[str],
    say: Callable[[str], None] = silent,
    *,
    standing: bool = True,
) -> Files:
    """Rows of some kinds from files and folders.

    Args:
        paths: files, archives and folders.
        kinds: which rows are wanted; others are left out.
        say: told what is being read.
        standing: only rows that stand; else also what was delivered twice or replaced, where that is asked.
    """
    found, parts = Files(), defaultdict[str, list[pa.Table]](list)
    for item in walk(paths):
        if isinstance(item, Aside):
            if not item.harmless:
                _aside(found, item.name, item.reason)
            continue
        say(f"reading {item.name}")
        try:
            _read(item, kinds, found, parts)
        except (Unreadable, OSError) as error:
            _aside(found, item.name, str(error))
    for kind, tables in parts.items():
        whole = pa.concat_tables(tables)
        found.tables[kind] = _standing(whole, found) if standing else whole.combine_chunks()
    return found


def _read(item: Item, kinds: Sequence[str], found: Files, parts: dict[str, list[pa.Table]]) -> None:
    with item.open() as stream:
        head = Head(item.file, stream.read(HEAD_BYTES))
    form = recognise(head, above=GUESS)
    if form is None or not {*form.kinds} & {*kinds}:
        reason = unknown(item.name, head).reason if form is None else f"holds {', '.join(form.kinds)}"
        _aside(found, item.name, reason)
        return
    recipe = Recipe(form.name)
    if isolation.apart(recipe, head):
        form = replace(form, read=partial(isolation.read, recipe))
    completion = Completion(source_of(item, form), parse(PERSONAL), None, KEY)
    ids = {kind: Identities(KINDS[kind], KEY) for kind in kinds}
    delivery = sha256(item.name.encode()).digest()
    found.names[delivery] = item.name
    with item.open() as stream:
        for piece in pieces(form, cast("BinaryIO", stream), item.file):
            if isinstance(piece, Fault):
                _fault(found, item.name, piece)
            elif piece.kind.name in ids:
                rows, _ = completion.complete(piece)
                kind = piece.kind
                rows = rows.append_column(
                    "delivery", pa.repeat(pa.scalar(delivery, pa.binary(32)), rows.num_rows)
                )
                rows = rows.append_column("record_id", ids[kind.name].record_ids(rows))
                parts[kind.name].append(rows.select(kind.schema.names).cast(kind.schema))
        if stream.damage:
            _aside(found, item.name, stream.damage)


def _standing(rows: pa.Table, found: Files) -> pa.Table:
    """Each row once, the last of each report."""
    first = rows.append_column("n", pa.array(np.arange(rows.num_rows)))
    first = first.group_by("record_id").aggregate([("n", "min")])["n_min"]
    once = rows.take(np.sort(first.to_numpy()))
    last = latest(once)
    found.repeated += rows.num_rows - once.num_rows
    found.superseded += once.num_rows - last.num_rows
    return last.combine_chunks()


def _aside(found: Files, name: str, reason: str) -> None:
    found.aside += 1
    found.told.append(f"{name}: {reason}")


def _fault(found: Files, name: str, fault: Fault) -> None:
    found.faults += 1
    if found.faults <= TOLD:
        found.told.append(f"{name}, {fault.locator}: {fault.reason}")


def rows_of(found: Files, kind: str) -> pa.Table:
    """The rows of a kind; none where the files had none."""
    return found.tables.get(kind, KINDS[kind].schema.empty_table())
