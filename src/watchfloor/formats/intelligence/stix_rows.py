"""Objects of STIX as rows, column by column: what each says of itself, points at and is marked."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import INTELLIGENCE_OBJECT
from watchfloor.formats.intelligence import stix_markings
from watchfloor.formats.intelligence.subject_keys import OBSERVABLES, of_own, of_pattern
from watchfloor.formats.json_objects import Cut, members
from watchfloor.formats.lists.listing_rows import UNDATED

NAME: Final = "stix"
OWN: Final = "own"
"""A column: the marking that our extension states on an object, "" where it has none."""

decode: Final = msgspec.json.Decoder().decode
encode: Final = msgspec.json.Encoder(order="sorted").encode

UUID: Final = "-".join(f"[0-9a-fA-F]{{{digits}}}" for digits in (8, 4, 4, 4, 12))
_ID: Final = rf"[a-zA-Z0-9][a-zA-Z0-9_.-]*--{UUID}"
_HALF: Final = re.compile(rb"\\u[dD][89abAB]")
_VERSION: Final = re.compile(rb'"spec_version"\s*:\s*"([0-9.]{1,8})"')
_NO_TIME: Final = "this object's {} is {}, which is no time such as 2026-11-24T10:00:00.000Z"


class _UnreadableError(ValueError):
    """An object that cannot be kept; the message says why."""


def why_not_json(raw: bytes, error: Exception) -> str:
    """Return words on bytes that could not be read as JSON."""
    if isinstance(error, UnicodeDecodeError):
        return "is no JSON: its bytes are not UTF-8. Get a copy that nobody converted"
    if isinstance(error, RecursionError):
        return "is nested too deeply to be read"
    if _HALF.search(raw):
        return "holds half of a surrogate pair, which is no character"
    return f"is no JSON: {error}"


class Stated(NamedTuple):
    """Markings that objects state, our own first ("" where there is none): each set of them once.

    Attributes:
        different: the sets.
        of_row: for each object which of them it states.
    """

    different: list[tuple[str, ...]]
    of_row: npt.NDArray[np.int64]

    @classmethod
    def grouped(cls, stated: Sequence[tuple[str, ...]]) -> "Stated":
        """Return the sets of some objects."""
        numbers: dict[tuple[str, ...], int] = {}
        of_row = np.array([numbers.setdefault(one, len(numbers)) for one in stated], np.int64)
        return cls(list(numbers), of_row)


def true(mask: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Return where a mask is true, which is not where it is null."""
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), np.bool_)


_MEMBERS: Final = (
    "id",
    "type",
    "spec_version",
    "created",
    "modified",
    "revoked",
    "created_by_ref",
    "name",
    "refs",
    "stated",
    "subjects",
    "body",
)
"""Members of an object that are looked at, as they stand there, and all of it as it is kept."""
_Row = tuple[
    Any, Any, Any, Any, Any, Any, Any, str | None, dict[str, None], tuple[str, ...], Sequence[str], bytes
]
"""Their values: a plain tuple, for one with names takes three times as long to make."""


def _read(cut: Cut) -> _Row:
    """Return the members of an object. Raises `_UnreadableError`."""
    if cut.wrong:
        raise _UnreadableError(f"this {cut.wrong}")
    try:
        one = decode(cut.raw)
        body = encode(one)
        refs = pointed_at(one, body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise _UnreadableError(f"this object {why_not_json(cut.raw, error)}") from error
    get = one.get
    return (
        get("id"),
        get("type"),
        get("spec_version"),
        get("created"),
        get("modified"),
        get("revoked"),
        get("created_by_ref"),
        _named(one),
        refs,
        _stated_on(one),
        _subjects(one),
        body,
    )


_NOTHING: Final[_Row] = (None, None, None, None, None, None, None, None, {}, ("",), (), b"")


class Objects:
    """Objects of a batch, member by member.

    Attributes:
        bodies: each as it is kept.
        wrong: by its place, why an object cannot be kept; its members may be nothing.
    """

    def __init__(self, cuts: Sequence[Cut]) -> None:
        self._cuts = cuts
        self.wrong: dict[int, str] = {}
        found = []
        for at, cut in enumerate(cuts):
            try:
                found.append(_read(cut))
            except _UnreadableError as error:
                self.wrong[at] = str(error)
                found.append(_NOTHING)
        self._members = dict(zip(_MEMBERS, map(list, zip(*found, strict=True)), strict=True))
        self.bodies: list[bytes] = self._members["body"]
        self._joined = b"".join(self.bodies)
        self._refuse_twice_given()

    def rows(self) -> tuple[pa.Table, Stated]:
        """Return a row of each object, and the markings that it states; notes which cannot be kept.

        Rows of those hold no more than happens to be in them, and are to be left out.
        """
        texts, members, count = self._texts, self._members, len(self.bodies)
        ids, types, versions = texts("id"), texts("type"), texts("modified")
        self._refuse_misnamed(ids, types)
        created, modified = self._times("created"), self._times("modified")
        stated = Stated.grouped(members["stated"])
        markings = pa.array([refs for _, *refs in stated.different], _TEXTS)
        own = pa.array([one[0] for one in stated.different], pa.string())
        by = texts("created_by_ref")
        ends = np.cumsum([0, *map(len, self.bodies)], dtype=np.int32)  # UTF-8: msgspec wrote it
        columns = {
            "report_key": pc.coalesce(pc.binary_join_element_wise(ids, versions, "/"), ids),
            "origins": pa.array([()] * count, _TEXTS),
            "observed_at": pc.coalesce(modified, created, pa.scalar(UNDATED, created.type)),
            "locator": pa.array([cut.locator for cut in self._cuts], pa.string()),
            "standard": pa.repeat(NAME, count),
            "spec_version": self._spec_versions(),
            "object_id": ids,
            "object_type": types,
            "version": versions,
            "created": created,
            "modified": modified,
            "revoked": pa.array([one is True for one in members["revoked"]], pa.bool_()),
            "name": pa.array(members["name"], pa.string()),
            "created_by": pc.if_else(_is_id(by), by, None),
            "object_refs": self._pointed_at(ids),
            "object_marking": markings.take(stated.of_row),
            "subjects": pa.array(members["subjects"], _TEXTS),
            "body": pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(self._joined)),
        }
        body = INTELLIGENCE_OBJECT.body
        table = pa.table([columns[field.name] for field in body], schema=body)
        return table.append_column(OWN, own.take(stated.of_row)), stated

    def _refuse_twice_given(self) -> None:
        """Refuse objects that give a member twice: of two, decoding keeps the last.

        Such an object has fewer colons as it is kept; only one that writes a colon as an escape has more. All
        are counted together first, since that is next to never.
        """
        raw = b"\n".join([cut.raw for cut in self._cuts])
        if raw.count(b":") == self._joined.count(b":") and b"\\u003" not in raw:
            return
        for at, (cut, body) in enumerate(zip(self._cuts, self.bodies, strict=True)):
            if at in self.wrong:
                continue
            given, kept = members([cut.raw, body])
            if given != kept:
                self.wrong[at] = "this object gives a member twice: which one is meant cannot be known"

    def _texts(self, member: str) -> pa.Array:
        """Return a member of each object where it is text."""
        values = self._members[member]
        try:
            return pa.array(values, pa.string())
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            return pa.array([one if isinstance(one, str) else None for one in values], pa.string())

    def _refuse_misnamed(self, ids: pa.Array, types: pa.Array) -> None:
        fit = pc.and_(_is_id(ids), pc.equal(pc.utf8_slice_codeunits(ids, 0, -_AFTER_TYPE), types))
        for at in np.flatnonzero(~true(fit)).tolist():
            id_, of = (_short(self._members[member][at]) for member in ("id", "type"))
            self.wrong.setdefault(
                at, f"this object has the id {id_}, which is not its type {of}, -- and a UUID"
            )
        for at in np.flatnonzero(true(pc.equal(types, "bundle"))).tolist():
            self.wrong.setdefault(at, "this object is a bundle within another, which STIX does not have")

    def _times(self, member: str) -> pa.Array:
        """Return the moments that a member of each object states; notes which are none."""
        values = self._members[member]
        of = INTELLIGENCE_OBJECT.body.field(member).type
        try:
            texts = pa.array(values, pa.string())
            if pc.all(pc.match_substring_regex(texts, _USUAL_TIME), min_count=0).as_py():
                return texts.cast(of)
        except (pa.ArrowInvalid, pa.ArrowTypeError):  # one at least is no time, or no text
            pass
        moments: list[datetime | None] = []
        for at, value in enumerate(values):
            try:
                moments.append(None if value is None else _moment(value))
            except (ValueError, TypeError, OverflowError):
                moments.append(None)
                self.wrong.setdefault(at, _NO_TIME.format(member, _short(value)))
        return pa.array(moments, of)

    def _spec_versions(self) -> pa.Array:
        texts = [
            one if type(one) is str else _spec_version_of(cut.header)
            for one, cut in zip(self._members["spec_version"], self._cuts, strict=True)
        ]
        return pa.array([text[:16] if text else None for text in texts], pa.string())

    def _pointed_at(self, ids: pa.Array) -> pa.Array:
        """Return the ids of the objects that each points at, each once; a marking is none."""
        each = self._members["refs"]
        counts = np.fromiter(map(len, each), np.int64, len(each))
        refs = pa.array([ref for some in each for ref in some], pa.string())
        others = pc.and_(_is_id(refs), pc.invert(pc.starts_with(refs, _MARKING)))
        others = pc.and_(others, pc.not_equal(refs, ids.take(np.repeat(np.arange(len(each)), counts))))
        kept = true(others)
        ends = np.concatenate([[0], np.cumsum(kept)])[np.concatenate([[0], np.cumsum(counts)])]
        return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), refs.filter(kept), type=_TEXTS)


_TEXTS: Final = pa.list_(pa.string())
_AFTER_TYPE: Final = len("--") + 36
"""Characters of an id behind its type."""
_USUAL_TIME: Final = r"^[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$"
"""A moment as nearly everybody writes it, which Arrow reads by the column."""
_MARKING: Final = "marking-definition--"


@lru_cache(maxsize=16)
def _spec_version_of(header: bytes) -> str:
    said = _VERSION.search(header)
    return said[1].decode() if said else ""


def pointed_at(one: Mapping[str, Any], body: bytes) -> dict[str, None]:
    """Return what an object points at: members that end with `_ref` and `_refs`, and its extensions.

    Most objects have no such member but at the top: then nothing within is looked at.
    """
    count, own = _pointing(tuple(one))
    refs: dict[str, None] = {}
    if count != body.count(b"_ref") or b'"extensions":' in body:
        gather(one, refs)
        return refs
    for name, several in own:
        value = one[name]
        if several and type(value) is list:
            for each in value:
                if type(each) is str:
                    refs[each] = None
        elif not several and type(value) is str:
            refs[value] = None
    return refs


@lru_cache(maxsize=1 << 12)
def _pointing(names: tuple[str, ...]) -> tuple[int, tuple[tuple[str, bool], ...]]:
    """Return how many names have `_ref` in them, and those of members that point, true where at several."""
    own = [name for name in names if "_ref" in name]
    return len(own), tuple((name, name[-1] == "s") for name in own if name.endswith(("_ref", "_refs")))


def gather(within: Mapping[str, Any], refs: dict[str, None]) -> None:
    """Gather what the members of an object and of those within it point at, each once."""
    for name, value in within.items():
        if type(value) is str:
            if name.endswith("_ref"):
                refs[value] = None
        elif type(value) is list:
            if name.endswith("_refs"):
                refs |= dict.fromkeys(each for each in value if type(each) is str)
            elif value and type(value[0]) is dict:
                for each in value:
                    if type(each) is dict:
                        gather(each, refs)
        elif type(value) is dict:
            if name == "extensions":
                refs |= dict.fromkeys(value)
            gather(value, refs)


def _is_id(texts: pa.Array) -> pa.Array:
    found = texts.dictionary_encode()
    return pc.match_substring_regex(found.dictionary, f"^{_ID}$").take(found.indices)


_LONGEST: Final = 4096
"""Characters of a name that is searched by; the body has all of it."""


def _short(value: object) -> str:
    return repr(value)[:80] if value is not None else "none"


def _moment(text: str) -> datetime:
    """Return the moment of a text. Raises `ValueError` for one without a zone, or in another form of ISO."""
    found = datetime.fromisoformat(text)
    if not found.tzinfo or not _TIME.match(text):
        raise ValueError(text)
    return found if found.tzinfo is UTC else found.astimezone(UTC)


_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


def _named(one: Mapping[str, Any]) -> str | None:
    """Return what an object is called, or what it is: its value, or the statement or level of a marking."""
    for member in ("name", "value", "abstract"):
        found = one.get(member)
        if type(found) is str and found:
            return found.replace("\0", "")[:_LONGEST]
    stated = one.get("definition")
    if not isinstance(stated, dict):
        return None
    texts = (each for each in stated.values() if type(each) is str)
    found = next(texts, None)
    return found.replace("\0", "")[:_LONGEST] if found else None


def _stated_on(one: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the marking in our extension, "" for none, and the ids of those on an object and its parts."""
    stated = one.get("object_marking_refs")
    if "extensions" not in one and "granular_markings" not in one:
        if stated is None:
            return ("",)
        if type(stated) is list and len(stated) == 1 and type(stated[0]) is str:
            return _marked_by(stated[0])
    extensions, granular = one.get("extensions"), one.get("granular_markings")
    own = stix_markings.stated(extensions) if isinstance(extensions, dict) else None
    found = [*stated] if isinstance(stated, list) else []
    if isinstance(granular, list):
        found += [part.get("marking_ref") for part in granular if isinstance(part, dict)]
    refs = [ref for ref in dict.fromkeys(each for each in found if type(each) is str) if _is_marking(ref)]
    return (str(own) if own else "", *refs)


@lru_cache(maxsize=1 << 12)
def _marked_by(ref: str) -> tuple[str, ...]:
    return ("", ref) if _is_marking(ref) else ("",)


def _is_marking(ref: str) -> bool:
    return ref.startswith(_MARKING) and re.fullmatch(_ID, ref) is not None


def _subjects(one: Mapping[str, Any]) -> Sequence[str]:
    """Return the keys of what an object names: by its value, its pattern, our extensions."""
    of, extensions = one.get("type"), one.get("extensions")
    if of not in _NAMING and extensions is None:
        return ()
    found: list[str | None] = []
    if isinstance(of, str) and (key := OBSERVABLES.get(of)):
        value = one.get("value")
        found = [key(value)] if isinstance(value, str) else []
    elif of == "indicator" and isinstance(pattern := one.get("pattern"), str):
        found = [*of_pattern(pattern)] if one.get("pattern_type", "stix") == "stix" else []
    if isinstance(extensions, dict):
        own = [each.get("subjects") for each in extensions.values() if isinstance(each, dict)]
        found += [of_own(text) for each in own if isinstance(each, list) for text in each]
    return list(dict.fromkeys(filter(None, found)))


_NAMING: Final = (*OBSERVABLES, "indicator")
"""Types of objects that name something by themselves."""
