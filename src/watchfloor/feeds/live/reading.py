"""From messages to rows of evidence: read, marked, held against the ceiling, and given their identities.

What comes out is what `feeds.intake` makes of the same messages when the log is rolled, row for row and
identity for identity; only `delivery` is not known yet, and is zero, and locators say nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from watchfloor.core.identity import Identities
from watchfloor.core.kinds import INSTANT, KINDS, Kind
from watchfloor.core.marking import Marking, parse
from watchfloor.feeds import privacy
from watchfloor.feeds.complete import OWN, Completion
from watchfloor.feeds.live.clocks import Clocks
from watchfloor.feeds.live.inbox import InboxBatch
from watchfloor.feeds.live.rows import NUMBERS, pack
from watchfloor.feeds.live.source import Source
from watchfloor.formats import redacted
from watchfloor.formats.base import Batch
from watchfloor.formats.sensors import receipt
from watchfloor.formats.sensors.capture import unfinished
from watchfloor.formats.sensors.frames import CLOSED, REDACTED, REFUSED, ROWS, TOLD, Messages, pack_messages
from watchfloor.formats.sensors.frames import pack as frame
from watchfloor.formats.sensors.wires.batch import Heard, Read
from watchfloor.formats.sensors.wires.readers import Wire
from watchfloor.policy.terms import Terms, undefined
from watchfloor.reference.polygons import Polygons
from watchfloor.store.ceiling import holds

Numbers = npt.NDArray[np.int64]

COUNTED: Final = ("accepted", "duplicate", "quarantined", "withheld")


class Work(NamedTuple):
    """One connection's part of a commit."""

    source: int
    channel: int
    told: Messages


class Outcome(NamedTuple):
    """Content of a commit: its frames, counts of each source, and the rows by kind."""

    frames: list[bytes]
    counts: dict[int, Counter[str]]
    rows: dict[str, pa.Table]


class Reader:
    """Reads what all sources bring.

    Args:
        key: the floor's secret.
        ceiling: of the floor.
        terms: of its policy; None: it has none.
        completions: by number of the source, what its feed adds.
        zones: in which no person is told; None: the floor has none.
    """

    def __init__(
        self,
        key: bytes,
        ceiling: Marking,
        terms: Terms | None,
        completions: Mapping[int, Completion],
        zones: Polygons | None = None,
    ) -> None:
        self._zones = zones
        self._key, self._ceiling, self._terms, self._completions = key, ceiling, terms, completions
        self._states: dict[tuple[int, int], Any] = {}
        self._identities: dict[str, Identities] = {}
        self._held: dict[str, bool] = {}
        self.clocks = Clocks()
        self._plain = {number: one.constant for number, one in completions.items()}
        self._names = pa.array(
            [
                completions[n].source if n in completions else ""
                for n in range(max(completions, default=0) + 1)
            ]
        )

    def begin(self) -> None:
        """A segment begins: it is a delivery of each source, and equal rows are counted within one."""
        self._identities.clear()

    def states(self, source: Source) -> dict[int, bytes]:
        """Return the state of each connection of a source."""
        of = {channel: state for (number, channel), state in self._states.items() if number == source.number}
        return {channel: source.wire.freeze(state) for channel, state in of.items()}

    def read(self, sources: Mapping[int, Source], taken: Mapping[int, InboxBatch]) -> Outcome:
        """The frames of what was taken from the sources: messages as they came, and rows.

        Messages with a person in a privacy zone do not stand there as they came: the rows that are left do.
        """
        work = [Work(number, *one) for number, part in taken.items() for one in part.channels.items()]
        work.sort(key=lambda one: one.told.received[0] if one.told.received else 0)
        counts = {number: Counter[str]() for number in taken}
        for one in work:
            counts[one.source]["duplicate"] += one.told.repeated
        tables: dict[str, list[tuple[pa.Table, Numbers]]] = {}
        instead: dict[tuple[int, int], bytes] = {}
        limits: dict[tuple[int, int], int] = {}
        for wire, part in _by_wire(sources, work).items():
            for read, of in self._read(wire, part, counts, instead, limits):
                tables.setdefault(read.kind.name, []).append(self._complete(read, of, counts))
        frames = [instead.get((one.source, one.channel)) or _framed(one, limits) for one in work]
        for read, of, framed in _told(taken):
            frames.append(framed)
            tables.setdefault(read.kind.name, []).append(self._complete(read, of, counts))
        frames += self._close(sources, taken, counts)
        rows = {name: table for name, parts in tables.items() if (table := self._joined(name, parts, counts))}
        frames += [frame(ROWS, NUMBERS[name], 0, 0, pack(table)) for name, table in rows.items()]
        return Outcome(frames, counts, rows)

    def _read(
        self,
        wire: Wire,
        work: list[Work],
        counts: dict[int, Counter[str]],
        instead: dict[tuple[int, int], bytes],
        limits: dict[tuple[int, int], int],
    ) -> Iterable[tuple[Read, Numbers]]:
        heard = [Heard(self._state(wire, one), one.told.messages, one.told.received) for one in work]
        found, gone = wire.read(heard), Counter[int]()
        ahead = self.clocks.judge(found, np.array([one.source for one in work], np.int64))
        if self._zones is not None:
            found, gone = privacy.heard(found, self._zones)
        if ahead:
            found = receipt.apart(found, [ahead.get(one.source) for one in work])
            limits |= {(one.source, one.channel): ahead[one.source] for one in work if one.source in ahead}
        for of, count in gone.items():
            one = work[of]
            counts[one.source]["withheld"] += count
            instead[one.source, one.channel] = _left(one, privacy.left(found, of, count), wire, heard[of])
        numbers = np.array([one.source for one in work], np.int64)
        for of, _ in found.faults:
            counts[work[of].source]["quarantined"] += 1
        return [(read, numbers[read.of]) for read in found.read]

    def _state(self, wire: Wire, work: Work) -> Any:
        key = work.source, work.channel
        if key not in self._states:
            self._states[key] = wire.begin()
        return self._states[key]

    def _close(
        self, sources: Mapping[int, Source], taken: Mapping[int, InboxBatch], counts: dict[int, Counter[str]]
    ) -> Iterable[bytes]:
        for number, part in taken.items():
            for channel, told in part.refused.items():
                counts[number]["quarantined"] += len(told)
                yield frame(REFUSED, number, channel, 0, msgspec.json.encode(told))
            for channel, rest in part.closed.items():
                self._states.pop((number, channel), None)
                if unfinished(sources[number].wire, rest):
                    counts[number]["quarantined"] += 1
                yield frame(CLOSED, number, channel, 0, rest)

    def _complete(self, read: Read, of: Numbers, counts: dict[int, Counter[str]]) -> tuple[pa.Table, Numbers]:
        """Rows with their source and marking, without those that may not be kept."""
        plain = OWN not in read.rows.column_names and all(
            self._plain[n] is not None for n in set(of.tolist())
        )
        if plain:
            texts = pa.array([self._plain.get(n) for n in range(len(self._names))], pa.string())
            rows = read.rows.append_column("marking", texts.take(pa.array(of)))
            return rows.append_column("source", self._names.take(pa.array(of))), of
        parts, numbers = [], []
        for number in dict.fromkeys(of.tolist()):
            mine = read.rows.filter(pa.array(of == number))
            rows, expired = self._completions[number].complete(Batch(read.kind, mine))
            counts[number]["withheld"] += expired
            parts.append(rows)
            numbers.append(np.full(rows.num_rows, number, np.int64))
        return pa.concat_tables(parts), np.concatenate(numbers)

    def _joined(
        self, name: str, parts: list[tuple[pa.Table, Numbers]], counts: dict[int, Counter[str]]
    ) -> pa.Table | None:
        """All rows of a kind, in the order of receipt, those only that the floor may hold."""
        kind = KINDS[name]
        rows = pa.concat_tables([rows for rows, _ in parts]).combine_chunks()
        of = np.concatenate([numbers for _, numbers in parts])
        received = rows.column("received_at").cast(pa.int64()).to_numpy()
        if len(of) > 1 and np.any(received[1:] < received[:-1]):
            order = np.argsort(received, kind="stable")
            rows, of = rows.take(pa.array(order)), of[order]
        keep = self._kept(rows.column("marking"))
        _count(counts, of[~keep], "withheld")
        if not keep.all():
            rows, of = rows.filter(pa.array(keep)), of[keep]
        _count(counts, of, "accepted")
        return self._identified(kind, rows) if len(of) else None

    def _kept(self, markings: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
        """Which rows the floor may hold: not above its ceiling, and marked with words that it knows."""
        coded = markings.combine_chunks().dictionary_encode()
        if isinstance(coded, pa.ChunkedArray):
            coded = coded.chunk(0)
        verdicts = np.array([self._may(text) for text in coded.dictionary.to_pylist()], np.bool_)
        return np.asarray(verdicts[coded.indices.to_numpy()], np.bool_)

    def _may(self, text: str) -> bool:
        if text not in self._held:
            marking = parse(text)
            self._held[text] = holds(self._ceiling, marking) and undefined(self._terms, marking) is None
        return self._held[text]

    def _identified(self, kind: Kind, rows: pa.Table) -> pa.Table:
        count = rows.num_rows
        nothing = pa.py_buffer(bytes(32 * count))
        made = {"delivery": pa.FixedSizeBinaryArray.from_buffers(pa.binary(32), count, [None, nothing])}
        wanted = pa.schema([field for field in kind.schema if field.name != "record_id"])
        columns = [_typed(made.get(field.name), rows, field) for field in wanted]
        rows = pa.table(columns, schema=wanted)
        identities = self._identities.setdefault(kind.name, Identities(kind, self._key))
        return rows.add_column(0, kind.schema.field("record_id"), identities.record_ids(rows))


def _framed(work: Work, limits: Mapping[tuple[int, int], int]) -> bytes:
    """Messages as a frame, with the limit that rows of them were refused by."""
    told = work.told._replace(ahead=limits.get((work.source, work.channel)))
    return pack_messages(work.source, work.channel, told)


def _told(taken: Mapping[int, InboxBatch]) -> Iterator[tuple[Read, Numbers, bytes]]:
    """Rows that no message holds, the number of the source of each, and the frame that keeps them."""
    for number, part in taken.items():
        for channel, told in part.told.items():
            for received, batch in told:
                rows = _received(batch.rows, received)
                payload = redacted.pack(redacted.Left(0, [Batch(batch.kind, rows)]))
                of = np.full(rows.num_rows, number, np.int64)
                yield Read(batch.kind, rows, of), of, frame(TOLD, number, channel, received, payload)


def _received(rows: pa.Table, moment: int) -> pa.Table:
    """Rows that are received then, microseconds since 1970."""
    at = rows.schema.get_field_index("received_at")
    when = pa.array([moment] * rows.num_rows, pa.int64()).cast(INSTANT)
    return rows.set_column(at, rows.schema.field(at), when)


def _left(work: Work, left: redacted.Left, wire: Wire, heard: Heard) -> bytes:
    """The frame of what is left of messages, with what was remembered after them."""
    told = work.told
    state = wire.freeze(heard.state)
    whole = msgspec.structs.replace(
        left, repeated=told.repeated, lost=told.lost, cursor=told.cursor, state=state
    )
    return frame(REDACTED, work.source, work.channel, told.received[0], redacted.pack(whole))


def _typed(made: pa.Array | None, rows: pa.Table, field: pa.Field) -> Any:
    if made is not None:
        return made
    column = rows.column(field.name)
    return column if column.type == field.type else column.cast(field.type)


def _by_wire(sources: Mapping[int, Source], work: Iterable[Work]) -> dict[Wire, list[Work]]:
    found: dict[Wire, list[Work]] = {}
    for one in work:
        if one.told.messages:
            found.setdefault(sources[one.source].wire, []).append(one)
    return found


def _count(counts: dict[int, Counter[str]], of: Numbers, what: str) -> None:
    for number, count in zip(*np.unique(of, return_counts=True), strict=True):
        counts[int(number)][what] += int(count)
