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
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Final, NamedTuple, cast

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.kinds import INTELLIGENCE_OBJECT
from watchfloor.core.marking import PUBLIC, Marking, parse
from watchfloor.formats import byte_ranges, json_objects
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.intelligence import stix_markings
from watchfloor.formats.intelligence.subject_keys import OBSERVABLES, of_own, of_pattern
from watchfloor.formats.json_objects import Cut, members
from watchfloor.formats.lists.listing_rows import UNDATED
from watchfloor.formats.tabular.blocks import MAX_RAW

NAME: Final = "stix"
OBJECTS: Final = 2048
BYTES: Final = 8 << 20
"""Objects of a batch at most, and bytes of them from which on it is one."""
IN_MEMORY: Final = 32 << 20
"""Bytes of objects set aside that are kept in memory."""
CLOCK: Final = timedelta(days=1)
"""How far the clock of an author may be ahead before it is said."""

_decode: Final = msgspec.json.Decoder().decode
_encode: Final = msgspec.json.Encoder(order="sorted").encode

_UUID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_ID: Final = re.compile(rf"([a-z0-9][a-z0-9_.-]*?)--{_UUID}", re.IGNORECASE | re.ASCII)
_HALF: Final = re.compile(rb"\\u[dD][89abAB]")
_VERSION: Final = re.compile(rb'"spec_version"\s*:\s*"([0-9.]{1,8})"')
_START: Final = re.compile(rf'"[a-z0-9][a-z0-9_.-]*--{_UUID}"'.encode())
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
        yield from _Reading().pieces(_and(first, cuts))


def _and(first: Cut, others: Iterable[Cut]) -> Iterator[Cut]:
    yield first
    yield from others


def _no_object(raw: bytes) -> str:
    """Return why bytes are not of STIX at all; empty where they may be, though something is wrong in them."""
    try:
        found = _decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return _of_json(raw, error)
    told = isinstance(found, dict) and (found.keys() & {"type", "id"} or found.keys() <= {"more", "next"})
    return "" if told else "has neither a type nor an id"


def _of_json(raw: bytes, error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "is no JSON: its bytes are not UTF-8. Get a copy that nobody converted"
    if isinstance(error, RecursionError):
        return "is nested too deeply to be read"
    if _HALF.search(raw):
        return "holds half of a surrogate pair, which is no character"
    return f"is no JSON: {error}"


class _Object(NamedTuple):
    """An object as it is kept, and the marking that our extension states on it."""

    locator: str
    report_key: str
    observed_at: datetime
    spec_version: str | None
    object_id: str
    object_type: str
    version: str | None
    created: datetime | None
    modified: datetime | None
    revoked: bool
    name: str | None
    created_by: str | None
    object_refs: list[str]
    object_marking: list[str]
    subjects: list[str]
    body: bytes
    own: Marking | None


class _UnreadableError(ValueError):
    """An object that cannot be kept; the message says why."""


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
        found: list[_Object | Fault] = []
        for cut in cuts:
            try:
                one = _read(cut)
            except _UnreadableError as error:
                found.append(Fault(cut.locator, str(error), cut.raw[:MAX_RAW], cut.rest))
                continue
            found.append(one)
            if one.object_type == "marking-definition":
                self._define(one)
        rows = [one for one in found if isinstance(one, _Object)]
        clashes = iter(self._versions.clash(rows))
        kept: list[_Object] = []
        waits: list[_Object] = []
        for each in found:
            if isinstance(each, Fault):
                yield each
            elif next(clashes):
                yield Fault(each.locator, _AGAIN.format(each.report_key), each.body[:MAX_RAW])
            else:
                known = self._defined.keys() | {*_told(str(each.own))} if each.own else self._defined.keys()
                (kept if known >= {*each.object_marking} else waits).append(each)
                if each.modified and each.modified > self._late:
                    self._note(_FUTURE, each.locator, each.body)
        if kept:
            yield self._marked(_table(kept))
        if waits:
            self._wait(_table(waits))

    def _define(self, one: _Object) -> None:
        """Note what a marking means; ids that everybody knows mean what they always do."""
        meaning = stix_markings.meaning(_decode(one.body))
        if meaning is not None:
            self._defined.setdefault(one.object_id, meaning)

    def _wait(self, rows: pa.Table) -> None:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, rows.schema) as writer:
            writer.write_table(rows)
        data = sink.getvalue()
        self._aside.write(data.size.to_bytes(8, "big"))
        self._aside.write(data)

    def _last(self, rows: pa.Table) -> Batch:
        """Return the rows of objects that waited; note the markings that nobody defined."""
        stated = zip(rows.column("object_marking").to_pylist(), rows.column(_OWN).to_pylist(), strict=True)
        for at, (refs, own) in enumerate(stated):
            for ref in refs:
                if ref not in self._defined and ref not in _told(own):
                    where, body = (rows.column(name)[at].as_py() for name in ("locator", "body"))
                    self._note(_UNDEFINED.format(ref), where, body.encode())
        return self._marked(rows)

    def _note(self, what: str, where: str, raw: bytes) -> None:
        if what not in self._notes and len(self._notes) >= _NOTES:
            what = _MORE
        known = self._notes.get(what)
        self._notes[what] = known._replace(objects=known.objects + 1) if known else _Note(where, raw, 1)

    def _marked(self, rows: pa.Table) -> Batch:
        """Return rows with the join of the markings that each states, in place of those of its own."""
        stated = zip(rows.column("object_marking").to_pylist(), rows.column(_OWN).to_pylist(), strict=True)
        markings = pa.array([self._marking((own or "", *refs)) for refs, own in stated], pa.string())
        return Batch(INTELLIGENCE_OBJECT, rows.drop_columns([_OWN]).append_column("marking", markings))

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


def _table(objects: Sequence[_Object]) -> pa.Table:
    """Return the rows of some objects, and in `_OWN` the marking that each has by itself."""
    columns = dict(zip(_Object._fields, zip(*objects, strict=True), strict=True))
    rows = len(objects)
    arrays = {name: pa.array(columns[name], of) for name, of in _TYPES.items() if name != "body"}
    ends = np.cumsum([0, *map(len, columns["body"])], dtype=np.int32)  # UTF-8: msgspec wrote it
    bodies = pa.py_buffer(b"".join(columns["body"]))
    arrays["body"] = pa.StringArray.from_buffers(rows, pa.py_buffer(ends), bodies)
    arrays["origins"] = pa.array([[]] * rows, pa.list_(pa.string()))
    arrays["standard"] = pa.array([NAME] * rows, pa.string())
    body = INTELLIGENCE_OBJECT.body
    table = pa.table([arrays[field.name] for field in body], schema=body)
    return table.append_column(
        _OWN, pa.array([str(one) if one else None for one in columns[_OWN]], pa.string())
    )


@lru_cache(maxsize=1024)
def _told(own: str | None) -> tuple[str, ...]:
    """Return the ids that stand for a marking of our extension with who knows less: they add nothing."""
    return (*stix_markings.nearest(parse(own)), stix_markings.own_id(own)) if own else ()


_OWN: Final = "own"
_MARKINGS: Final = 10_000
"""Different sets of markings of a file whose join is kept."""
_TYPES: Final = {
    field.name: field.type for field in INTELLIGENCE_OBJECT.body if field.name not in ("origins", "standard")
}
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


def _read(cut: Cut) -> _Object:
    """Return what is kept of an object. Raises `_UnreadableError`."""
    if cut.wrong:
        raise _UnreadableError(f"this {cut.wrong}")
    raw = cut.raw
    try:
        one = _decode(raw)
        body = _encode(one)
        refs = _pointed(one, body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise _UnreadableError(f"this object {_of_json(raw, error)}") from error
    if raw.count(b":") != body.count(b":") or (b"\\" in raw and b"\\u003" in raw):
        raw_members, kept_members = members([raw, body])
        if raw_members != kept_members:
            raise _UnreadableError("this object gives a member twice: which one is meant cannot be known")
    of, id_ = one.get("type"), one.get("id")
    match = _ID.fullmatch(id_) if isinstance(id_, str) else None
    if match is None or match[1] != of:
        raise _UnreadableError(
            f"this object has the id {_short(id_)}, which is not its type {_short(of)}, -- and a UUID"
        )
    if of == "bundle":
        raise _UnreadableError("this object is a bundle within another, which STIX does not have")
    version = one.get("modified")
    created, modified = _time(one, "created"), _time(one, "modified")
    named = _named(one)
    extensions = one.get("extensions")
    by = one.get("created_by_ref")
    spec = one.get("spec_version")
    if not isinstance(spec, str):
        said = _VERSION.search(cut.header)
        spec = said[1].decode() if said else None
    return _Object(
        cut.locator,
        f"{id_}/{version}" if version else id_,
        modified or created or UNDATED,
        spec[:16] if spec else None,
        id_,
        of,
        version,
        created,
        modified,
        one.get("revoked") is True,
        named.replace("\0", "")[:_LONGEST] if named else None,
        by if isinstance(by, str) and _is_id(by) else None,
        [ref for ref in dict.fromkeys(refs) if _is_ref(ref) and ref != id_],
        _markings(one),
        _subjects(one, of, extensions),
        body,
        stix_markings.stated(extensions) if isinstance(extensions, dict) else None,
    )


_MARKING: Final = "marking-definition--"


def _pointed(one: Mapping[str, Any], body: bytes) -> list[Any]:
    """Return what an object points at: members that end with `_ref` and `_refs`, and its extensions.

    Most objects have no such member but at the top: then nothing within is looked at.
    """
    own = [name for name in one if "_ref" in name]
    refs: list[Any] = []
    if len(own) == body.count(b"_ref") and b'"extensions":' not in body:
        _point({name: one[name] for name in own}, refs)
    else:
        _point(one, refs)
    return refs


def _point(within: Mapping[str, Any], refs: list[Any]) -> None:
    """Gather what the members of an object and of those within it point at."""
    for name, value in within.items():
        if type(value) is str:
            if name.endswith("_ref"):
                refs.append(value)
        elif type(value) is list:
            if name.endswith("_refs"):
                refs += [each for each in value if type(each) is str]
            elif value and type(value[0]) is dict:
                for each in value:
                    if type(each) is dict:
                        _point(each, refs)
        elif type(value) is dict:
            if name == "extensions":
                refs += value
            _point(value, refs)


def _is_ref(ref: str) -> bool:
    return not ref.startswith(_MARKING) and _is_id(ref)


@lru_cache(maxsize=1 << 14)
def _is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


_LONGEST: Final = 4096
"""Characters of a name that is searched by; the body has all of it."""


def _short(value: object) -> str:
    return repr(value)[:80] if value is not None else "none"


def _time(one: Mapping[str, Any], member: str) -> datetime | None:
    text = one.get(member)
    try:
        return None if text is None else _moment(text)
    except (ValueError, TypeError, OverflowError):
        return _no_time(member, text)


def _moment(text: str) -> datetime:
    """Return the moment of a text. Raises `ValueError` for one without a zone, or in another form of ISO."""
    found = datetime.fromisoformat(text)
    if not found.tzinfo or not _TIME.match(text):
        raise ValueError(text)
    return found if found.tzinfo is UTC else found.astimezone(UTC)


_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


def _no_time(member: str, text: object) -> datetime:
    raise _UnreadableError(
        f"this object's {member} is {_short(text)}, which is no time such as 2026-11-24T10:00:00.000Z"
    )


def _named(one: Mapping[str, Any]) -> str | None:
    for member in ("name", "value", "abstract"):
        found = one.get(member)
        if isinstance(found, str) and found:
            return found
    stated = one.get("definition")  # of a marking: its statement or level
    return next(filter(_is_text, stated.values()), None) if isinstance(stated, dict) else None


def _markings(one: Mapping[str, Any]) -> list[str]:
    """Return the ids of markings on an object and on parts of it, each once."""
    stated, granular = one.get("object_marking_refs"), one.get("granular_markings")
    if stated is None and granular is None:
        return []
    found = [*stated] if isinstance(stated, list) else []
    if isinstance(granular, list):
        found += [part.get("marking_ref") for part in granular if isinstance(part, dict)]
    return [ref for ref in dict.fromkeys(filter(_is_text, found)) if ref.startswith(_MARKING) and _is_id(ref)]


def _is_text(value: object) -> bool:
    return type(value) is str


def _subjects(one: Mapping[str, Any], of: str, extensions: object) -> list[str]:
    found: list[str | None] = []
    if key := OBSERVABLES.get(of):
        value = one.get("value")
        found = [key(value)] if isinstance(value, str) else []
    elif of == "indicator" and isinstance(pattern := one.get("pattern"), str):
        found = [*of_pattern(pattern)] if one.get("pattern_type", "stix") == "stix" else []
    if isinstance(extensions, dict):
        own = [each.get("subjects") for each in extensions.values() if isinstance(each, dict)]
        found += [of_own(text) for each in own if isinstance(each, list) for text in each]
    return list(dict.fromkeys(filter(None, found)))


class _Versions:
    """Versions that came: hashes of id and version, and of content, sixteen bytes each.

    Runs of ascending keys, each at least twice as long as the next, as in `core.identity`.
    """

    def __init__(self) -> None:
        self._runs: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]] = []

    def clash(self, objects: Sequence[_Object]) -> list[bool]:
        """Return for each object whether its version came before with other content; note what is new."""
        keys = np.array([hash(one.report_key) for one in objects], np.int64)
        contents = np.array([hash(one.body) for one in objects], np.int64)
        known, clashes = np.zeros(len(keys), np.bool_), np.zeros(len(keys), np.bool_)
        for ordered, before in self._runs:
            at = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
            same = ordered[at] == keys
            known |= same
            clashes |= same & (before[at] != contents)
        fresh, first, which = np.unique(keys, return_index=True, return_inverse=True)
        clashes |= ~known & (contents != contents[first][which])
        new = ~known[first]
        self._add(fresh[new], contents[first][new])
        return cast("list[bool]", clashes.tolist())

    def _add(self, keys: npt.NDArray[np.int64], contents: npt.NDArray[np.int64]) -> None:
        while self._runs and len(self._runs[-1][0]) < 2 * len(keys):
            more, others = self._runs.pop()
            keys, contents = np.concatenate([more, keys]), np.concatenate([others, contents])
        order = np.argsort(keys, kind="stable")
        if len(order):
            self._runs.append((keys[order], contents[order]))


FORMAT: Final = Format(NAME, (INTELLIGENCE_OBJECT.name,), sniff, read, piece=byte_ranges.piece)
