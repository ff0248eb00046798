"""One delivery on its way in: its rows, what was wrong with it, and the sum that must come out.

received = accepted + duplicate + quarantined + withheld
"""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.identity import Content, Identities
from watchfloor.core.kinds import KINDS, Kind
from watchfloor.core.marking import PUBLIC, Marking, join, parse
from watchfloor.formats.base import Fault
from watchfloor.policy.terms import undefined
from watchfloor.store import blobs, log
from watchfloor.store.ceiling import above, holds, strictest, within
from watchfloor.store.database import Database
from watchfloor.store.errors import AccountingError, UnknownRecord, explained
from watchfloor.store.ledger import Account
from watchfloor.store.log import merkle
from watchfloor.store.segments import identifier_cache, index
from watchfloor.store.segments.draft import EVIDENCE, SMALL, Draft, Piece
from watchfloor.store.writer_state import WriterState


class Accepted(NamedTuple):
    """Counts of the rows of one call."""

    accepted: int
    duplicate: int
    withheld: int


class Intake:
    """A delivery being taken in; made by `Writer.delivery`.

    Attributes:
        source: the feed that delivers.
        name: of the delivery, as the feed calls it.
        digest: SHA-256 of the delivered bytes.
        size: bytes delivered.
        earlier: position at which the same bytes came before, or None.
        repeated: pieces that could not be read, as when the same feed delivered the same bytes before.
        position: of this delivery in the log, once it is committed; 0 before.
        stated: the marking that somebody stated for it; None: it has that of its kind.
    """

    def __init__(
        self, writer: WriterState, source: str, name: str, blob: blobs.Blob, resolves: tuple[int, ...]
    ) -> None:
        self.source, self.name, self.digest, self.size = source, name, blob.digest, blob.size
        self.earlier = writer.earlier(blob.digest)
        self.position = self.repeated = 0
        self.stated: Marking | None = None
        self._writer, self._blob, self._resolves = writer, blob, resolves
        self._draft = Draft(writer.root, EVIDENCE, writer.numbers)
        self._identities: dict[str, Identities] = {}
        self._runs: dict[str, list[index.Run]] = {}
        self._repeats: list[bytes] = []
        self._faults: list[Fault] = []
        self._before: dict[Marking, set[tuple[str, str, bool]]] = {}
        self._marking = PUBLIC
        self._texts: set[str] = set()
        self._withheld: Counter[str] = Counter()
        self._accepted = self._duplicate = 0
        self._expected: int | None = None
        self._segments: list[dict[str, object]] = []
        self._changes: list[identifier_cache.Change] = []
        self._pieces: list[_Piece] = []
        self._erasure = int(index.NOWHERE)

    def open(self) -> BinaryIO:
        """The delivered bytes from their start, as they are kept."""
        return blobs.open_blob(self._writer.root, self._blob)

    def accept(self, kind: Kind | str, rows: pa.Table) -> Accepted:
        """Take rows in; those already here are counted and not kept again.

        Args:
            kind: their kind.
            rows: all columns of the kind in any order, in the order delivered. `record_id`, `delivery` and
                `source` may be missing: they are computed, or are this delivery's.

        Raises:
            ValueError: a column is missing, unknown, of the wrong type or has nulls where it may not.
        """
        kind = KINDS[kind] if isinstance(kind, str) else kind
        rows = self._completed(kind, rows)
        self._texts.update(pc.unique(rows.column("marking")).to_pylist())
        rows, above = self._below_ceiling(rows)
        rows, undefined = self._defined(rows)
        rows, content = self._identified(kind, rows)
        rows, erased = self._not_erased(kind, rows)
        with explained(self._writer.root):
            fresh = self._fresh(kind, rows, content)
        duplicate = rows.num_rows - fresh.num_rows
        self._accepted += fresh.num_rows
        self._duplicate += duplicate
        return Accepted(fresh.num_rows, duplicate, above + undefined + erased)

    def quarantine(self, faults: Iterable[Fault], marking: Marking | None = None) -> int:
        """Set aside pieces that could not be read; gives how many are new.

        One that the same bytes of the same feed brought before, for the same reason, is a duplicate. So is
        one that is read again while another delivery of the same bytes has it waiting, whatever the reason.

        Args:
            faults: the pieces.
            marking: who may see them; None, or one above the floor's ceiling: the strictest that it holds.
        """
        found, ceiling = [_writable(fault) for fault in faults], self._writer.ceiling
        kept = marking if marking and holds(ceiling, marking) else strictest(ceiling)
        brought = self._brought(kept)
        fresh = [one for one in found if self._key(one.locator, one.reason, one.rest) not in brought]
        self._faults.extend(fresh)
        self.repeated += len(found) - len(fresh)
        self._duplicate += len(found) - len(fresh)
        self._marking |= kept
        return len(fresh)

    def _brought(self, marking: Marking) -> set[tuple[str, str, bool]]:
        """Return the earlier faults of these bytes, marked no stricter, without what is being resolved."""
        if self.earlier is None:
            return set()
        if marking not in self._before:
            there = self._writer.faults(self.source, self.digest, marking, self._resolves)
            self._before[marking] = {self._key(*one) for one in there}
        return self._before[marking]

    def _key(self, locator: str, reason: str, rest: bool) -> tuple[str, str, bool]:
        """Return what makes two pieces one; a retry has another reader, and so other reasons."""
        return locator, "" if self._resolves else reason, rest

    def withhold(self, count: int, reason: str) -> None:
        """Count rows that this floor may not or does not want to keep, and why."""
        if count:
            self._withheld[reason] += count

    def repeat(self, count: int) -> None:
        """Count pieces that were left out, since they repeat others of this delivery."""
        self._duplicate += count

    def expect(self, received: int) -> None:
        """Say how many pieces the delivery held; a commit with another sum is refused."""
        self._expected = received

    @property
    def account(self) -> Account:
        """The sum so far."""
        quarantined, withheld = len(self._faults), self._withheld.total()
        received = self._accepted + self._duplicate + quarantined + withheld
        return Account(received, self._accepted, self._duplicate, quarantined, withheld)

    @property
    def withheld(self) -> dict[str, int]:
        """Rows withheld so far, by reason."""
        return dict(self._withheld)

    @property
    def repeats(self) -> bytes:
        """Identities of its rows that were here before it, joined."""
        return b"".join(self._repeats)

    def _completed(self, kind: Kind, rows: pa.Table) -> pa.Table:
        count = rows.num_rows
        if "source" not in rows.column_names:
            rows = rows.append_column("source", pa.repeat(pa.scalar(self.source), count))
        if "delivery" not in rows.column_names:
            rows = rows.append_column("delivery", pa.repeat(pa.scalar(self.digest, pa.binary(32)), count))
        return conforming(kind, rows)

    def _below_ceiling(self, rows: pa.Table) -> tuple[pa.Table, int]:
        ceiling = self._writer.ceiling
        below = within(ceiling, rows.column("marking"))
        if below.all():
            return rows, 0
        keep = pa.array(below)
        outside = Counter(rows.column("marking").filter(pc.invert(keep)).to_pylist())
        for text, count in outside.items():
            self.withhold(count, above(ceiling, parse(text)))
        return rows.filter(keep), outside.total()

    def _defined(self, rows: pa.Table) -> tuple[pa.Table, int]:
        """The rows whose markings use words that are known here only, and how many others there were."""
        before = rows.num_rows
        for text in pc.unique(rows.column("marking")).to_pylist():
            if why := undefined(self._writer.terms, parse(text)):
                keep = pc.not_equal(rows.column("marking"), text).to_numpy()
                rows, _ = self._kept(rows, keep, why.render())
        return rows, before - rows.num_rows

    def _identified(self, kind: Kind, rows: pa.Table) -> tuple[pa.Table, Content | None]:
        """Return rows with their identities, and what they say, where it was encoded for these."""
        if "record_id" in rows.column_names:
            return rows, None
        identities = self._identities.setdefault(kind.name, Identities(kind, self._writer.key))
        content = identities.content(rows)
        ids = identities.record_ids(rows, content)
        return rows.add_column(0, kind.schema.field("record_id"), ids), content

    def _not_erased(self, kind: Kind, rows: pa.Table) -> tuple[pa.Table, int]:
        erased = self._writer.erased.get(kind.name)
        if erased is None:
            return rows, 0
        found = index.find([erased], *index.halves(rows.column("record_id")))
        self._erasure = min(self._erasure, int(np.min(found, initial=index.NOWHERE)))
        return self._kept(rows, found == index.NOWHERE, "erased from this floor before")

    def _kept(self, rows: pa.Table, keep: npt.NDArray[np.bool_], reason: str) -> tuple[pa.Table, int]:
        gone = len(keep) - int(np.count_nonzero(keep))
        self.withhold(gone, reason)
        return (rows.filter(pa.array(keep)) if gone else rows), gone

    def _fresh(self, kind: Kind, rows: pa.Table, content: Content | None) -> pa.Table:
        """Draft the rows that are nowhere yet."""
        high, low = index.halves(rows.column("record_id"))
        mine = self._runs.setdefault(kind.name, [])
        here = index.find(self._writer.known_ids(kind.name).runs(), high, low) != index.NOWHERE
        keep = ~here & (index.find(mine, high, low) == index.NOWHERE) & index.first(high, low)
        if here.any():
            self._repeats.append(index.joined(high[here], low[here]))
        fresh = rows if keep.all() else rows.filter(pa.array(keep))
        whole = content is not None and len(content.common) == fresh.num_rows
        places = self._draft.add(kind.name, fresh, content if whole else None)
        index.add(mine, index.run_of(high[keep], low[keep], places))
        return fresh

    def finish(self) -> None:
        """Write out what is still in memory and check the sum."""
        if self.earlier is not None and self._accepted == 0:
            self._repeats.clear()  # the same bytes, read to the same rows: erasure finds them by their digest
        self._segments = self._draft.finish()
        self._pieces = [_salted(fault) for fault in self._faults]
        account = self.account
        rows = sum(piece.manifest.rows for piece in self._draft.pieces)
        if rows != account.accepted:
            raise AccountingError(
                f"{self.name}: {account.accepted} rows accepted, {rows} in segments; nothing is kept"
            )
        if self._expected not in (None, account.received):
            raise AccountingError(
                f"{self.name}: {self._expected} pieces delivered, {account.received} accounted for "
                f"({', '.join(f'{n} {word}' for word, n in account._asdict().items())}); nothing is kept"
            )
        self._changes = [
            identifier_cache.plan(self._writer.root, name, self._writer.known_ids(name), index.merge(runs))
            for name, runs in self._runs.items()
            if any(
                piece.manifest.kind == name and piece.manifest.rows > SMALL for piece in self._draft.pieces
            )
        ]

    def insert(self, database: Database) -> None:
        """Name everything in the catalogue, within the caller's transaction."""
        account = self.account
        detail = {
            "source": self.source,
            "name": self.name,
            "digest": self.digest.hex(),
            "bytes": self.size,
            **account._asdict(),
            "resolved": len(self._resolves),
            "segments": self._segments,
            "faults_marking": str(self._marking),
            "faults": merkle.root_of(b"".join(piece[-1] for piece in self._pieces)).hex(),
        }
        if self.stated is not None:
            detail["marking_stated"] = str(self.stated)
        self.position = self._writer.log_act(database, "ingest", detail, self._level())
        blobs.keep(database, self._blob)
        if self._erasure != index.NOWHERE:  # the bytes hold a record that was erased before
            blobs.forget(database, self.digest, self._erasure)
        database.execute(
            "INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (self.position, self.source, self.name, self.digest, *account, len(self._resolves)),
        )
        self._draft.insert(database, self.position)
        for change in self._changes:
            identifier_cache.insert(database, change)
        self._insert_apart(database)

    def _level(self) -> str | None:
        """Return the join of all that came; of nothing, what the writer may see."""
        if not self._texts and not self._faults and not self.repeated:
            return self._writer.level()
        return join([*self._texts, str(self._marking)])

    def _insert_apart(self, database: Database) -> None:
        at = self.position
        database.executemany(
            "INSERT INTO withheld VALUES (?, ?, ?)", [(at, *item) for item in self._withheld.items()]
        )
        (last,) = database.execute("SELECT coalesce(max(id), 0) FROM quarantine").fetchone()
        database.executemany(
            "INSERT INTO quarantine (id, position, locator, reason, raw, rest, salt, leaf) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(number, at, *piece) for number, piece in enumerate(self._pieces, last + 1)],
        )
        database.executemany(
            "INSERT INTO repeats VALUES (?, ?, ?)",
            [(at, part, ids) for part, ids in enumerate(self._repeats)],
        )
        for number in self._resolves:
            done = database.execute(
                "UPDATE quarantine SET resolved = ? WHERE id = ? AND resolved IS NULL", (at, number)
            )
            if not done.rowcount:
                raise UnknownRecord(f"quarantine {number} does not exist, or was resolved before")

    def close(self) -> None:
        """Let go of what is kept until it is committed."""
        self._draft.close()

    @property
    def pieces(self) -> list[Piece]:
        """Its segments, once it is finished."""
        return self._draft.pieces

    @property
    def is_small(self) -> bool:
        """Whether all its rows lie in the catalogue, once it is finished."""
        return not self._changes and not self._draft.written

    def small(self) -> list[tuple[str, int]]:
        """Kind and rows of each of its segments that lies in the catalogue."""
        found = [piece.manifest for piece in self._draft.pieces if piece.manifest.rows <= SMALL]
        return [(manifest.kind, manifest.rows) for manifest in found]

    def settle(self) -> None:
        """Let later deliveries know of these rows, once they are committed."""
        changed = {change.kind for change in self._changes}
        for change in self._changes:
            identifier_cache.apply(self._writer.root, self._writer.known_ids(change.kind), change)
        for name, runs in self._runs.items():
            if name not in changed and runs:
                index.add(self._writer.known_ids(name).recent, index.merge(runs))

    @property
    def written(self) -> list[str]:
        """Files to sweep when it is not committed."""
        blob = self._blob.stored
        return [*self._draft.written, *(c.stored.path for c in self._changes), *([blob.path] if blob else [])]


_Piece = tuple[str, str, bytes, bool, bytes, bytes]


def _writable(fault: Fault) -> Fault:
    """Replace NUL in the quotes of a fault by its symbol: PostgreSQL keeps none in a text."""
    if "\0" not in fault.locator + fault.reason:
        return fault
    locator, reason = (text.replace("\0", "\N{SYMBOL FOR NULL}") for text in (fault.locator, fault.reason))
    return replace(fault, locator=locator, reason=reason)


def _salted(fault: Fault) -> _Piece:
    salt = os.urandom(log.SALT_SIZE)
    piece = (fault.locator, fault.reason, fault.raw, fault.rest)
    return (*piece, salt, merkle.leaf_hash(salt + piece_bytes(*piece)))


def piece_bytes(locator: str, reason: str, raw: bytes, rest: bool) -> bytes:
    """A quarantined piece as its leaf hashes it, behind its salt."""
    return log.encode([locator, reason, raw.hex(), bool(rest)])


def conforming(kind: Kind, rows: pa.Table) -> pa.Table:
    """The rows with the kind's columns in its order and types.

    Raises:
        ValueError: names the first column that is missing, unknown, of another type or null where it may
            not be.
    """
    schema, known, names = kind.schema, kind.schema.names, rows.column_names  # made anew when asked for
    missing = [name for name in known if name not in names and name != "record_id"]
    unknown = [name for name in names if name not in known]
    if missing or unknown:
        word = (
            f"lack the column {missing[0]!r}"
            if missing
            else f"have a column {unknown[0]!r} that it does not know"
        )
        raise ValueError(f"rows of kind {kind.name!r} {word}")
    wanted = schema if len(names) == len(schema) else pa.schema([one for one in schema if one.name in names])
    given = rows.select(wanted.names)
    full = all(of.nullable or not given.column(at).null_count for at, of in enumerate(wanted))
    if full and given.schema.types == wanted.types:
        return pa.Table.from_arrays(given.columns, schema=wanted)
    try:
        return given.cast(wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
        raise ValueError(f"rows of kind {kind.name!r} do not have its types: {error}") from error
