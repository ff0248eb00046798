"""A live run on paper: one Arrow stream, which says whose it is and is refused to anybody else."""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Final, NamedTuple

import pyarrow as pa

from watchfloor.core.streams import packed, streams, unpacked
from watchfloor.desks.base import Desk, DeskError, Refs
from watchfloor.run.fold import narrowed

_FORM: Final = 1
_HEAD: Final = b"watchfloor.live"


class Entry(NamedTuple):
    """One thing a live run remembers.

    Attributes:
        part: what it is: `kind`, `held`, `folded`, `history`, `state`, `snapshot`, `frozen` or `length`.
        kind: the kind, of evidence or derived, it belongs to.
        point: place of its snapshot among the snapshots, from the oldest.
        number: a moment (microseconds since 1970) or a count of rows.
        rows: a table.
    """

    part: str
    kind: str | None = None
    point: int | None = None
    number: int | None = None
    rows: pa.Table | None = None


def write(head: dict[str, Any], entries: Iterable[Entry]) -> bytes:
    """Entries as bytes, behind a head of plain values."""
    schema = pa.schema(
        [
            ("part", pa.string()),
            ("kind", pa.string()),
            ("point", pa.int64()),
            ("number", pa.int64()),
            ("rows", pa.large_binary()),
        ],
        metadata={_HEAD: json.dumps(head, sort_keys=True)},
    )
    whole = list(entries)
    plain = [pa.array([e[n] for e in whole], field.type) for n, field in enumerate(schema) if n < 4]
    return packed(pa.table([*plain, streams([e.rows for e in whole])], schema=schema))


def read(data: bytes) -> tuple[dict[str, Any], list[Entry]]:
    """The head and the entries back from `write`. Raises `DeskError` where it was something else."""
    try:
        table = unpacked(data)
        head = json.loads(table.schema.metadata[_HEAD])
        rows = [Entry(**row) for row in table.select(Entry._fields).to_pylist()]  # once there were keys
        return head, [e._replace(rows=None if e.rows is None else unpacked(e.rows)) for e in rows]
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise DeskError(
            f"this is no saved live run, or it is damaged ({error}); run the desk anew over the floor"
        ) from error


def owner(desk: Desk[Any], refs: Refs) -> dict[str, str]:
    """Whose run it is: everything that would make the same rows give another answer."""
    return {
        "form": str(_FORM),
        "desk": desk.name,
        "version": desk.version,
        "key of row ids": sha256(_HEAD + refs.key).hexdigest(),
        **{f"reference {name}": digest for name, digest in narrowed(desk, refs).digests.items()},
    }


def refuse_another(desk: Desk[Any], refs: Refs, saved: dict[str, str]) -> None:
    """Raise `DeskError`, naming each difference, unless the run was saved by this desk with these refs."""
    now = owner(desk, refs)
    differ = [
        f"{name} was {saved.get(name, 'absent')[:12]}, is {now.get(name, 'absent')[:12]}"
        for name in sorted(now.keys() | saved.keys())
        if now.get(name) != saved.get(name)
    ]
    if differ:
        raise DeskError(
            f"desk {desk.name!r} ({desk.place}): the saved run does not fit: {'; '.join(differ)}; "
            "run the desk anew over the floor"
        )
