"""A picture: one queue of one view, as an Arrow table whose rows are leads in their order."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import blake2b, sha256
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.identity.names import Name
from watchfloor.cell.leads import OUTRANKS_FROM, Contribution, Lead, found_false, together
from watchfloor.cell.nearby import LASTS
from watchfloor.cell.queue import NoLead, digest, every, pick
from watchfloor.cell.weighing.assessment import interval
from watchfloor.cell.weighing.weights import load
from watchfloor.cell.wording.estimative_language import WORDS
from watchfloor.cell.wording.titles import Title, marking, title
from watchfloor.core.kinds import INSTANT
from watchfloor.core.marking import joined
from watchfloor.core.messages import REASON
from watchfloor.store.index.bodies import micros

Rows = npt.NDArray[np.int64]
Key = tuple[int, float, float, float, str]

SEVERAL: Final = 50
"""Leads that are looked at to say that an id is the start of several."""

DECODED: Final = 64
"""Leads of a picture that are kept whole beside their bytes: the pages of one follow each other."""

BEHIND: Final = 1_000
"""The tier of a lead whose hypothesis's rank does not count, as `cell.leads` orders them."""
FOUND_FALSE: Final = 2 * BEHIND
"""Added to the tier of one that was found false."""

SCHEMA: Final = pa.schema(
    [
        pa.field("lead_id", pa.string()),
        pa.field("hypothesis", pa.string()),
        pa.field("subject", pa.string()),
        pa.field("called", pa.string()),
        pa.field("called_marking", pa.string()),
        pa.field("names", pa.binary()),
        pa.field("subjects", pa.list_(pa.string())),
        pa.field("tier", pa.int32()),
        pa.field("together", pa.float64()),
        pa.field("bits", pa.float64()),
        pa.field("score", pa.float64()),
        pa.field("probability", pa.float64()),
        pa.field("low", pa.float64()),
        pa.field("high", pa.float64()),
        pa.field("band", pa.int8()),
        pa.field("at", INSTANT),
        pa.field("rule", pa.string()),
        pa.field("strength", pa.string()),
        pa.field("reason", REASON),
        pa.field("also", pa.list_(pa.string())),
        pa.field("also_probability", pa.list_(pa.float64())),
        pa.field("ids", pa.list_(pa.string())),
        pa.field("taken", pa.list_(pa.string())),
        pa.field("marking", pa.string()),
        pa.field("latitude", pa.float64()),
        pa.field("longitude", pa.float64()),
        pa.field("radius", pa.float64()),
        pa.field("content", pa.binary(8)),
        pa.field("lead", pa.large_binary()),
        pa.field("places", pa.binary()),
    ]
)
"""Columns that filters and lists need; `content` is equal where a lead says the same; `lead` is all of it,
`places` are of those of its signals that have one, and `names` are those of its subjects; `called_marking` is
of the records that give them.
"""

LISTED: Final = tuple(
    name for name in SCHEMA.names if name not in ("lead", "places", "names", "content", "ids", "taken")
)
"""Columns of a row in a list."""

_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Lead)

Place = tuple[float, float, float | None]
"""Latitude and longitude in degrees, radius in metres."""

_ID: Final = frozenset("0123456789abcdef")
_PLACES: Final = msgspec.msgpack.Decoder(dict[bytes, Place])
_NAMES: Final = msgspec.msgpack.Decoder(dict[str, Name])


class About(msgspec.Struct, frozen=True):
    """Identity of a picture.

    Attributes:
        position: of the log, up to which it knows.
        at: when that act was.
        since: it holds for moments from here,
        until: to before here, when a decision in it expires; None: as long as nothing comes.
        digest: `cell.queue.digest` of the queue, in hexadecimal.
        weights: digest of the weight table.
    """

    position: int
    at: datetime
    since: datetime
    until: datetime | None
    digest: str
    weights: str


def packed(
    found: Sequence[Lead], places: Mapping[bytes, Place], about: About, names: Mapping[str, Name]
) -> bytes:
    """A queue as an Arrow stream.

    Args:
        found: the heads of matters in their order.
        places: of signals that have one, by their id.
        about: what it is of.
        names: what subjects are called.
    """
    table = pa.Table.from_pylist([_row(one, places, names) for one in found], schema=SCHEMA)
    sink = pa.BufferOutputStream()
    schema = SCHEMA.with_metadata({"about": msgspec.json.encode(about)})
    with pa.ipc.new_stream(sink, schema) as stream:
        stream.write_table(table.replace_schema_metadata(schema.metadata))
    content: bytes = sink.getvalue().to_pybytes()
    return content


def digest_of(found: list[Lead]) -> str:
    """The digest of a queue, as the log keeps it."""
    return digest(found).hex()


def on_map(one: Lead) -> Iterator[Contribution]:
    """Yield what a map shows of a matter: what speaks to its head, and the ground, whatever it speaks to."""
    yield from one.contributions
    shown = {each.signal_id for each in one.contributions}
    lying = {c.signal_id: c for other in one.also for c in other.contributions if c.rule in LASTS}
    yield from (each for id_, each in lying.items() if id_ not in shown)


def _row(one: Lead, places: Mapping[bytes, Place], names: Mapping[str, Name]) -> dict[str, Any]:
    first = one.contributions[0]
    mine = {c.signal_id: places[c.signal_id] for c in on_map(one) if c.signal_id in places}
    here = next(iter(mine.values()), None)
    given = {key: names[key] for key in one.subjects or (one.subject,) if key in names}
    latitude, longitude, radius = here or (None, None, None)
    low, high = interval(one, load().hypotheses[one.hypothesis])
    return {
        "lead_id": one.lead_id,
        "hypothesis": one.hypothesis,
        "subject": one.subject,
        "called": given[one.subject].text if one.subject in given else "",
        "called_marking": marking(one, given),
        "names": _ENCODER.encode(given),
        "subjects": list(one.subjects or (one.subject,)),
        "tier": _tier(one),
        "together": together(one).bits,
        "bits": one.bits,
        "score": max(c.score or 0.0 for c in one.contributions),
        "probability": one.probability,
        "low": low,
        "high": high,
        "band": band(one.probability),
        "at": one.at,
        "rule": first.rule,
        "strength": first.strength,
        "reason": first.reason.stored(),
        "also": [each.hypothesis for each in one.also],
        "also_probability": [each.probability for each in one.also],
        "ids": [each.lead_id for each in every([one])],
        "taken": [id_ for each in every([one]) for id_ in each.took_up],
        "marking": one.marking,
        "latitude": latitude,
        "longitude": longitude,
        "radius": radius,
        "content": blake2b(digest([one]), digest_size=8).digest(),
        "lead": _ENCODER.encode(one),
        "places": _ENCODER.encode(mine),
    }


def _tier(one: Lead) -> int:
    rank = one.rank if one.probability > OUTRANKS_FROM else BEHIND
    return rank + FOUND_FALSE if found_false(one) else rank


def band(probability: float) -> int:
    """Number of the ICD 203 band of a probability, from 0 for the least likely."""
    return next(n for n, (bound, _, _) in enumerate(WORDS) if probability <= bound)


@dataclass(frozen=True)
class Filter:
    """Which leads are asked for; what is None or empty asks for nothing.

    Attributes:
        hypothesis: of the head or of what else the matter may be.
        bands: numbers of `band`.
        text: part of a subject's key, of its anchor's name or of the lead's id.
        box: west, south, east, north in degrees, a lead's place lies in it; an east beyond 180 crosses the
            antimeridian.
        within: only what could first be known since so long before the moment of asking.
        leads: only these ids.
    """

    hypothesis: str = ""
    bands: frozenset[int] = frozenset()
    text: str = ""
    box: tuple[float, float, float, float] | None = None
    within: timedelta | None = None
    leads: frozenset[str] | None = None


@dataclass(frozen=True)
class Picture:
    """A queue, in memory; made once and never changed."""

    table: pa.Table
    about: About

    @classmethod
    def read(cls, stream: bytes) -> "Picture":
        """From `packed`, without copying."""
        table = pa.ipc.open_stream(pa.py_buffer(stream)).read_all().combine_chunks()
        about = msgspec.json.decode(table.schema.metadata[b"about"], type=About)
        return cls(table, about)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def holds(self, now: datetime) -> bool:
        """Whether no decision that it rests on expires before a moment, or had not when it was made."""
        return self.about.since <= now and (self.about.until is None or now < self.about.until)

    def lead(self, row: int) -> Lead:
        """The lead of a row, whole; some that were looked at last are kept as they are."""
        found = self._decoded.get(int(row))
        if found is None:
            if len(self._decoded) >= DECODED:
                self._decoded.clear()
            found = self._decoded[int(row)] = _DECODER.decode(self.table["lead"][row].as_py())
        return found

    def starts(self, lead_id: str) -> bool:
        """Whether the id of some lead starts so."""
        return bool(self._starting("ids", lead_id) or self._starting("taken", lead_id))

    @cached_property
    def content_digest(self) -> bytes:
        """SHA-256 of all that its leads say in their order, reasons, places and names too."""
        seen = sha256()
        for name in ("lead", "places", "names"):
            for one in self.table[name].cast(pa.large_binary()).to_pylist():
                seen.update(len(one).to_bytes(8, "little") + one)
        return seen.digest()

    def places(self, row: int) -> dict[bytes, Place]:
        """Where the signals of a row's lead are, of those that have a place."""
        return _PLACES.decode(self.table["places"][row].as_py())

    def names(self, row: int) -> dict[str, Name]:
        """Return what the subjects of a row's lead are called, of those that have a name."""
        return _NAMES.decode(self.table["names"][int(row)].as_py())

    def title(self, row: int) -> Title:
        """Return the title of a row's lead."""
        found = self._titles.get(int(row))
        if found is None:
            found = self._titles[int(row)] = title(self.lead(row), self.names(row), load())
        return found

    def titled(self, lead_id: str) -> tuple[Title, str]:
        """Return the title of the lead whose id starts so, and the marking of all in it. Raises `NoLead`."""
        row, one = self.find(lead_id)
        named = self.table["called_marking"][int(row)].as_py()
        return self.title(row), joined(filter(None, [one.marking, named]))

    def listed(self, rows: Rows) -> list[dict[str, Any]]:
        """Of each row its title and the columns that lists need, without the whole lead."""
        found: list[dict[str, Any]] = self.table.select(LISTED).take(pa.array(rows)).to_pylist()
        return [one | {"title": self.title(row)} for row, one in zip(rows, found, strict=True)]

    def find(self, lead_id: str) -> tuple[int, Lead]:
        """Row and lead whose id starts so, of any hypothesis, or that took it up. Raises `NoLead`."""
        row, _, one = self.matter(lead_id)
        return row, one

    def matter(self, lead_id: str) -> tuple[int, Lead, Lead]:
        """Row, head of the matter and the lead whose id starts so, as `find` does. Raises `NoLead`."""
        rows = self._starting("ids", lead_id) or self._starting("taken", lead_id)
        heads = [self.lead(row) for row in sorted(rows)[:SEVERAL]]
        one = pick(heads, lead_id)
        at = next(
            at for at, head in enumerate(heads) if one.lead_id in {each.lead_id for each in every([head])}
        )
        return sorted(rows)[at], heads[at], one

    def naming(self, subject: str) -> Rows:
        """Rows whose matter names a subject, in order."""
        return np.flatnonzero(self._any("subjects", lambda values: pc.equal(values, subject)))

    def row_of(self, lead_id: str) -> int | None:
        """The row whose head has exactly this id."""
        return self._heads.get(lead_id)

    def chosen(self, asked: Filter, now: datetime) -> Rows:
        """Numbers of the rows that are asked for, in order."""
        keep = np.ones(len(self), np.bool_)
        if asked.hypothesis:
            keep &= self._supposing(asked.hypothesis)
        if asked.bands:
            keep &= np.isin(self._column("band"), sorted(asked.bands))
        if asked.within is not None:
            keep &= self._at >= micros(now - asked.within)
        if asked.box is not None:
            keep &= self._inside(asked.box)
        if asked.leads is not None:
            mine = pa.array(sorted(asked.leads), pa.string())
            keep &= _bools(pc.is_in(self.table["lead_id"], value_set=mine))
        if asked.text:
            keep &= self._saying(asked.text.lower())
        return np.flatnonzero(keep)

    def page(self, rows: Rows, after: str | None, size: int) -> tuple[Rows, str | None]:
        """Up to `size` of the rows behind a cursor, and the cursor behind the last; None at the end.

        The cursor is the last row's place in the order, so it holds its place in another picture too.

        Raises:
            ValueError: it is no cursor.
        """
        start = 0
        if after:
            first = bisect_right(range(len(self)), _read(after), key=self._key)
            start = int(np.searchsorted(rows, first))
        mine = rows[start : start + size]
        more = start + size < len(rows)
        return mine, _written(self._key(int(mine[-1]))) if more and len(mine) else None

    def counts(self, column: str, rows: Rows) -> dict[Any, int]:
        """How many of the rows have each value of a column."""
        counted = pc.value_counts(self.table[column].take(pa.array(rows)))
        return {one["values"]: one["counts"] for one in counted.to_pylist()}

    def ids(self) -> dict[str, bytes]:
        """Return the content of each lead, by its id."""
        return self._contents

    def _key(self, row: int) -> Key:
        parts = (self._column(name)[row] for name in ("tier", "together", "bits", "score"))
        tier, joint, bits, score = parts
        return int(tier), -float(joint), -float(bits), -float(score), self.table["lead_id"][row].as_py()

    def _column(self, name: str) -> npt.NDArray[Any]:
        found = self._arrays.get(name)
        if found is None:
            found = self._arrays[name] = self.table[name].to_numpy()
        return found

    @cached_property
    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        return {}

    @cached_property
    def _decoded(self) -> dict[int, Lead]:
        return {}

    @cached_property
    def _titles(self) -> dict[int, Title]:
        return {}

    @cached_property
    def _at(self) -> Rows:
        return np.asarray(self.table["at"].cast(pa.int64()).to_numpy())

    @cached_property
    def _heads(self) -> dict[str, int]:
        return {one: row for row, one in enumerate(self.table["lead_id"].to_pylist())}

    @cached_property
    def _contents(self) -> dict[str, bytes]:
        ids, said = self.table["lead_id"].to_pylist(), self.table["content"].to_pylist()
        return dict(zip(ids, said, strict=True))

    def _starting(self, column: str, start: str) -> set[int]:
        """Rows with an id in a list column that starts so."""
        if not start or not start.isascii():
            return set()
        ids, rows = self._sorted[column]
        first, last = np.searchsorted(ids, [start.encode(), start.encode() + b"\xff"])
        return set(rows[first:last].tolist())

    @cached_property
    def _sorted(self) -> dict[str, tuple[npt.NDArray[np.bytes_], Rows]]:
        """Ids of each list column in order, and the row of each."""
        found = {}
        for column in ("ids", "taken"):
            lists = self.table[column].combine_chunks()
            ids = np.array(lists.flatten().to_pylist(), "S12")
            order = np.argsort(ids, kind="stable")
            found[column] = ids[order], pc.list_parent_indices(lists).to_numpy()[order]
        return found

    def _supposing(self, hypothesis: str) -> npt.NDArray[np.bool_]:
        heads = _bools(pc.equal(self.table["hypothesis"], hypothesis))
        return heads | self._any("also", lambda values: pc.equal(values, hypothesis))

    def _saying(self, text: str) -> npt.NDArray[np.bool_]:
        subjects, of, called = self._lowered
        named = _bools(pc.match_substring(called.dictionary, text))
        found = named[called.indices.to_numpy()] if len(named) else np.zeros(len(self), np.bool_)
        found[of[_bools(pc.match_substring(subjects, text))]] = True
        if _ID.issuperset(text):
            found |= _bools(pc.starts_with(self.table["lead_id"], text))
        return found

    @cached_property
    def _lowered(self) -> tuple[pa.Array, Rows, pa.DictionaryArray]:
        """Keys of subjects in small letters and the row of each, and what anchors are called: many look."""
        lists = self.table["subjects"].combine_chunks()
        rows = pc.list_parent_indices(lists).to_numpy()
        called = pc.fill_null(self.table["called"], "").combine_chunks()
        return pc.utf8_lower(lists.flatten()), rows, pc.utf8_lower(called).dictionary_encode()

    def _any(self, column: str, test: Any) -> npt.NDArray[np.bool_]:
        """Rows of a list column in which one value passes."""
        lists = self.table[column].combine_chunks()
        hits = _bools(test(lists.flatten()))
        found = np.zeros(len(self), np.bool_)
        found[pc.list_parent_indices(lists).to_numpy()[hits]] = True
        return found

    def _inside(self, box: tuple[float, float, float, float]) -> npt.NDArray[np.bool_]:
        west, south, east, north = box
        latitude, longitude = self._column("latitude"), self._column("longitude")
        with np.errstate(invalid="ignore"):  # a lead without a place is in no box
            across = (longitude >= west) & (longitude <= east) | (longitude + 360 <= east)
            return np.asarray(across & (latitude >= south) & (latitude <= north))


def _bools(values: pa.ChunkedArray | pa.Array) -> npt.NDArray[np.bool_]:
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    whole = pc.fill_null(whole, fill_value=False) if whole.null_count else whole
    return np.asarray(whole.to_numpy(zero_copy_only=False))


def _written(key: Key) -> str:
    return msgspec.json.encode(key).hex()


def _read(cursor: str) -> Key:
    try:
        key: Key = msgspec.json.decode(bytes.fromhex(cursor), type=Key)
    except (ValueError, msgspec.MsgspecError) as error:
        raise ValueError(f"{cursor!r} is no cursor of this list") from error
    return key


__all__ = ["BEHIND", "SCHEMA", "About", "Filter", "NoLead", "Picture", "band", "digest_of", "packed"]
