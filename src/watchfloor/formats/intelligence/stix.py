"""STIX 2.1 and 2.0 (OASIS): bundles of any size, TAXII envelopes, objects in lines, one object.

Each object is kept whole: its body is what was written, as JSON with sorted keys, and what is not understood
stays in it. An object is told apart by its id and `modified`. What is checked is what keeping needs: JSON
without repeated members, an `id` that fits its `type`, times that can be read. Nothing an object points at
has to be there. The marking is the strictest of those that the object states, on itself or on parts of it.

An object whose marking is defined only later in its file is set aside, in a file of its own where it is much,
and read at the end.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache, reduce
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Final, NamedTuple, cast

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import INTELLIGENCE_OBJECT
from watchfloor.core.marking import PUBLIC, Marking, parse
from watchfloor.formats import byte_ranges, json_objects
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.intelligence import stix_markings
from watchfloor.formats.intelligence.stix_rows import (
    NAME,
    OWN,
    UUID,
    Objects,
    Stated,
    decode,
    true,
    why_not_json,
)
from watchfloor.formats.json_objects import Cut
from watchfloor.formats.tabular.blocks import MAX_RAW

OBJECTS: Final = 2048
BYTES: Final = 8 << 20
"""Objects of a batch at most, and bytes of them from which on it is one."""
IN_MEMORY: Final = 32 << 20
"""Bytes of objects set aside that are kept in memory."""
CLOCK: Final = timedelta(days=1)
"""How far the clock of an author may be ahead before it is said."""

_START: Final = re.compile(rf'"[a-z0-9][a-z0-9_.-]*--{UUID}"'.encode())
_TYPED: Final = re.compile(rb'"(?:type|spec_version)"\s*:\s*"[a-z0-9][a-z0-9_.-]*"')


def sniff(head: Head) -> float:
    """Sure of JSON objects or an array of them with a `type` and ids as STIX writes them."""
    start = head.data.removeprefix(json_objects.BOM).lstrip(json_objects.SPACE)
    if start[:1] not in (b"{", b"[") or not _START.search(head.data) or not _TYPED.search(head.data):
        return 0.0
    return 0.95


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of `intelligence-object`. Raises `FormatError` when the file begins with no object of STIX."""
    cuts = json_objects.cut(stream)
    first = next(cuts, None)
    if first is not None and (why := first.wrong or ("" if first.header else _no_object(first.raw))):
        raise FormatError(f"{name} holds no object of STIX: {first.locator} {why}")
    if first is not None:
        yield from _Reading().pieces(chain((first,), cuts))


def _no_object(raw: bytes) -> str:
    """Return why bytes are not of STIX at all; empty where they may be, though something is wrong in them."""
    try:
        found = decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return why_not_json(raw, error)
    told = isinstance(found, dict) and (found.keys() & {"type", "id"} or found.keys() <= {"more", "next"})
    return "" if told else "has neither a type nor an id"


class _Note(NamedTuple):
    """A note on several objects: where the first is, its bytes, and how many there are."""

    locator: str
    raw: bytes
    objects: int


class _Reading:
    """The reading of one file: which versions came, which markings are defined, what is set aside."""

    def __init__(self) -> None:
        self._versions, self._defined = _Versions(), dict(stix_markings.KNOWN)
        self._aside = cast("BinaryIO", SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115 - `pieces` closes it
        self._notes: dict[str, _Note] = {}
        self._joined: dict[tuple[str, ...], str] = {}
        self._late = datetime.now(UTC) + CLOCK

    def pieces(self, cuts: Iterable[Cut]) -> Iterator[Batch | Fault]:
        with self._aside:
            for batch in _batches(cuts):
                yield from self._batch(batch)
            self._aside.seek(0)
            while size := int.from_bytes(self._aside.read(8), "big"):
                with pa.ipc.open_stream(self._aside.read(size)) as rows:
                    yield self._last(rows.read_all())
        for what, note in self._notes.items():
            said = f"{note.objects:,} objects from here on" if note.objects > 1 else "this object"
            yield Fault(note.locator, f"{said}: {what}", note.raw[:MAX_RAW], partly=True)

    def _batch(self, cuts: Sequence[Cut]) -> Iterator[Batch | Fault]:
        """Yield the rows and faults of some objects; those whose markings nobody has defined yet wait."""
        some = Objects(cuts)
        rows, stated = some.rows()
        good = np.array([at not in some.wrong for at in range(len(cuts))], np.bool_)
        keys = rows.column("report_key").to_pylist()
        clashes = self._versions.clash(keys, some.bodies, good)
        for at in np.flatnonzero(~good | clashes).tolist():
            cut, why = cuts[at], some.wrong.get(at)
            if why is None:
                yield Fault(cut.locator, _AGAIN.format(keys[at]), some.bodies[at][:MAX_RAW])
            else:
                yield Fault(cut.locator, why, cut.raw[:MAX_RAW], cut.rest)
        definitions = pc.equal(rows.column("object_type"), "marking-definition")
        for at in np.flatnonzero(good & true(definitions)).tolist():
            self._define(decode(some.bodies[at]))
        good &= ~clashes
        for at in np.flatnonzero(good & true(pc.greater(rows.column("modified"), self._late))).tolist():
            self._note(_FUTURE, cuts[at].locator, some.bodies[at])
        known = np.array([self._knows(one) for one in stated.different], np.bool_)[stated.of_row]
        kept, waiting = good & known, good & ~known
        if kept.any():
            yield self._marked(*_filtered(rows, stated, kept))
        if waiting.any():
            self._wait(rows.filter(waiting))

    def _define(self, one: Mapping[str, Any]) -> None:
        """Note what a marking means; ids that everybody knows mean what they always do."""
        meaning = stix_markings.meaning(one)
        if meaning is not None:
            self._defined.setdefault(one["id"], meaning)

    def _knows(self, stated: tuple[str, ...]) -> bool:
        """Return whether all markings that are stated are defined."""
        own, *refs = stated
        return self._defined.keys() | {*_told(own)} >= {*refs}

    def _wait(self, rows: pa.Table) -> None:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, rows.schema) as writer:
            writer.write_table(rows)
        data = sink.getvalue()
        self._aside.write(data.size.to_bytes(8, "big"))
        self._aside.write(data)

    def _last(self, rows: pa.Table) -> Batch:
        """Return the rows of objects that waited; note the markings that nobody defined."""
        pairs = zip(rows.column(OWN).to_pylist(), rows.column("object_marking").to_pylist(), strict=True)
        stated = Stated.grouped([(own, *refs) for own, refs in pairs])
        for at, which in enumerate(stated.of_row.tolist()):
            own, *refs = stated.different[which]
            for ref in refs:
                if ref not in self._defined and ref not in _told(own):
                    where, body = (rows.column(name)[at].as_py() for name in ("locator", "body"))
                    self._note(_UNDEFINED.format(ref), where, body.encode())
        return self._marked(rows, stated)

    def _note(self, what: str, where: str, raw: bytes) -> None:
        if what not in self._notes and len(self._notes) >= _NOTES:
            what = _MORE
        known = self._notes.get(what)
        self._notes[what] = known._replace(objects=known.objects + 1) if known else _Note(where, raw, 1)

    def _marked(self, rows: pa.Table, stated: "Stated") -> Batch:
        """Return rows with the join of the markings that each states, in place of those of its own."""
        markings = pa.array([self._marking(one) for one in stated.different], pa.string())
        marked = rows.drop_columns([OWN]).append_column("marking", markings.take(stated.of_row))
        return Batch(INTELLIGENCE_OBJECT, marked)

    def _marking(self, stated: tuple[str, ...]) -> str:
        found = self._joined.get(stated)
        if found is None:
            own, *refs = stated
            whole = parse(own) if own else PUBLIC
            told = _told(own)
            known = [self._defined[ref] for ref in refs if ref in self._defined and ref not in told]
            found = str(reduce(Marking.__or__, known, whole))
            if len(self._joined) < _MARKINGS:
                self._joined[stated] = found
        return found


def _filtered(rows: pa.Table, stated: Stated, keep: npt.NDArray[np.bool_]) -> tuple[pa.Table, Stated]:
    if keep.all():
        return rows, stated
    return rows.filter(keep), stated._replace(of_row=stated.of_row[keep])


@lru_cache(maxsize=1024)
def _told(own: str) -> tuple[str, ...]:
    """Return the ids that stand for a marking of our extension with who knows less: they add nothing."""
    return (*stix_markings.nearest(parse(own)), stix_markings.own_id(own)) if own else ()


_MARKINGS: Final = 10_000
"""Different sets of markings of a file whose join is kept."""
_AGAIN: Final = "{} came before with other content: the first stays. Ask who sent it which one is right"
_FUTURE: Final = "`modified` lies in the future; it is kept as it is written"
_UNDEFINED: Final = (
    "{} is not defined in this file, or not in a way known here: the marking is that of the feed"
)
_MORE: Final = "a marking is not defined in this file, like those named before"
_NOTES: Final = 50
"""Different notes that are given."""


def _batches(cuts: Iterable[Cut]) -> Iterator[list[Cut]]:
    batch: list[Cut] = []
    size = 0
    for cut in cuts:
        batch.append(cut)
        size += len(cut.raw)
        if len(batch) >= OBJECTS or size > BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class _Versions:
    """Versions that came: hashes of id and version, and of content, sixteen bytes each.

    Runs of ascending keys, each at least twice as long as the next, as in `core.identity`.
    """

    def __init__(self) -> None:
        self._runs: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]] = []

    def clash(
        self, report_keys: Sequence[str], bodies: Sequence[bytes], good: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.bool_]:
        """Return for each object whether its version came before with other content; note what is new.

        Only those that are `good` count.
        """
        which = np.flatnonzero(good).tolist()
        keys = np.array([hash(report_keys[at]) for at in which], np.int64)
        contents = np.array([hash(bodies[at]) for at in which], np.int64)
        known, clashes = np.zeros(len(keys), np.bool_), np.zeros(len(keys), np.bool_)
        for ordered, before in self._runs:
            at = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
            same = ordered[at] == keys
            known |= same
            clashes |= same & (before[at] != contents)
        fresh, first, of = np.unique(keys, return_index=True, return_inverse=True)
        clashes |= ~known & (contents != contents[first][of])
        new = ~known[first]
        self._add(fresh[new], contents[first][new])
        out = np.zeros(len(good), np.bool_)
        out[which] = clashes
        return out

    def _add(self, keys: npt.NDArray[np.int64], contents: npt.NDArray[np.int64]) -> None:
        while self._runs and len(self._runs[-1][0]) < 2 * len(keys):
            more, others = self._runs.pop()
            keys, contents = np.concatenate([more, keys]), np.concatenate([others, contents])
        order = np.argsort(keys, kind="stable")
        if len(order):
            self._runs.append((keys[order], contents[order]))


FORMAT: Final = Format(NAME, (INTELLIGENCE_OBJECT.name,), sniff, read, piece=byte_ranges.piece)
