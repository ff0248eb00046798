"""Rows as a plain store keeps them: columns that are asked for, and the whole as JSON."""

from collections.abc import Iterator
from hashlib import blake2b
from typing import NamedTuple

import msgspec
import pyarrow as pa

from benchmarks.index.rows import OPEN
from watchfloor.store.index import bodies, places
from watchfloor.store.index.columns import columns_of, values
from watchfloor.store.index.filling import window

VISIBLE = (OPEN,)


class Flat(NamedTuple):
    record_id: bytes
    kind: str
    report_key: str
    marking: str
    since: int
    until: int
    box: places.Box | None
    body: str
    subjects: tuple[str, ...]
    text: str


def flat(number: int, rows: dict[str, pa.Table]) -> Iterator[Flat]:
    for kind, table in rows.items():
        found = bodies.plain(table, table.schema)
        columns = columns_of(kind)
        subjects, texts = values(found, columns.subjects), values(found, columns.texts)
        for at, values_ in enumerate(zip(*found.values(), strict=True)):
            row = dict(zip(found, values_, strict=True))
            ends = window(row.get("since"), row.get("until"), row["observed_at"])
            place = row.get("latitude") is not None and places.around(
                row["latitude"], row["longitude"], row["radius"]
            )
            yield Flat(
                blake2b(f"{number} {kind} {at}".encode(), digest_size=16).digest(),
                kind,
                row["report_key"],
                row["marking"],
                *ends,
                place or None,
                msgspec.json.encode(row).decode(),
                tuple(next(subjects)),
                " ".join(next(texts)),
            )
