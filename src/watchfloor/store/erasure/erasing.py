"""Erasing records: content and salt go, and all that was made of them; leaves and proofs stay.

What goes: the rows, their salts, every derived row that rests on them, what was shown with them as
evidence, the quarantined pieces they were read from, and the original bytes of every delivery that held
them (a delivery is one compressed piece; cutting a record out of it would forge it). Then everything else
that still says what only they said: `traces` has where. What stays: the leaf hashes, the deliveries'
digests, and the records' keyed identities, so that the next delivery does not bring them back.

What is under legal hold goes by no reason, nor does the delivery that holds it; what was used for a decision
goes before its time only for a reason that waives that (`retention`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.store import blobs, catalogue, clock, files, log, segments
from watchfloor.store.database import Database
from watchfloor.store.erasure import (
    certificates,
    disclosure_snapshots,
    holds,
    residual_references,
    retention,
    subject_index,
)
from watchfloor.store.erasure.overwriting import overwrite
from watchfloor.store.errors import Erased
from watchfloor.store.segments import index, lookup, reading
from watchfloor.store.segments.reading import Payload
from watchfloor.store.writer_state import WriterState

# Changing how payloads lie on disk, never what was committed to: their rows' leaves stay where they are.


class Rewritten(NamedTuple):
    """A payload's new form, not yet named in the catalogue: a file for a file, bytes for bytes."""

    before: Payload
    after: files.Stored | bytes


def rewrite(root: Path, before: Payload, rows: pa.Table) -> Rewritten:
    """Write other rows in place of a payload's."""
    if before.path is None:
        return Rewritten(before, segments.to_stream(rows))
    path = Path(before.path).with_name(f"{files.unique()}.parquet").as_posix()
    return Rewritten(before, files.store(root, path, segments.to_parquet(rows)))


def insert_rewritten(database: Database, new: Rewritten) -> None:
    """Name the new form in place of the old, within the caller's transaction."""
    if isinstance(new.after, bytes):
        (number,) = new.before.segments
        database.execute("UPDATE small SET payload = ? WHERE segment = ?", (new.after, number))
        return
    database.execute("INSERT INTO files VALUES (?, ?, ?)", new.after)
    database.execute("UPDATE segments SET payload = ? WHERE payload = ?", (new.after.path, new.before.path))
    database.execute("DELETE FROM files WHERE path = ?", (new.before.path,))


def paths_of(new: Rewritten) -> list[str]:
    """The files of both forms; those that the catalogue does not name are to be swept."""
    return [path for path in (new.before.path, getattr(new.after, "path", None)) if path is not None]


CATEGORIES: Final = ("disposal", "expiry", *retention.WAIVES)
"""Why an erasure is done, in a word for its certificate; the reason itself stays in the log."""

ID_SIZE: Final = 16
"""Bytes of a record's identity."""

OWN: Final = (
    *("task", "outcome", "product", "watch-entry", "exhibit", "agreement", "triage", "section", "roster"),
    "plan",
)
"""Kinds whose ids this program makes."""

_CITATIONS = ("evidence", "coverage")
"""Columns of derived rows that name the records they rest on."""


class Order(NamedTuple):
    """An order to erase.

    Attributes:
        why: the reason; it stays in the log, so it must not name the person.
        category: one of `CATEGORIES`.
        subjects: typed keys of whom it is about, where it is about somebody as a whole.
        today: the day that decides what must still be kept.
    """

    why: str
    category: str = "disposal"
    subjects: tuple[str, ...] = ()
    today: date | None = None


class Erasure(NamedTuple):
    """Result of an erasure: position in the log, and the number of each.

    `models` are the digests of weight tables that were fitted on it, `disclosed` the bundles that carried it,
    `stays` the positions of acts that name the person and stay, `settled` whether the old pages of the
    catalogue and of the index are overwritten already: a reader who is still at work keeps them.
    """

    position: int
    records: int
    derived: int
    deliveries: int
    quarantined: int
    shown: int
    acts: int = 0
    models: tuple[str, ...] = ()
    disclosed: tuple[str, ...] = ()
    stays: tuple[int, ...] = ()
    settled: bool = True


class _Cut(NamedTuple):
    """A payload and which of its rows go."""

    kind: str
    before: reading.Payload
    rows: pa.Table
    gone: subject_index.Mask

    @property
    def going(self) -> pa.Table:
        """The rows that go."""
        return self.rows.filter(pa.array(self.gone))


class _Plan(NamedTuple):
    """Everything that goes, found before anything is touched, and how long the log was then."""

    size: int
    places: list[lookup.Place]
    evidence: list[_Cut]
    derived: list[_Cut]
    deliveries: list[bytes]
    pieces: list[int]
    seen: list[disclosure_snapshots.Resting]
    found: residual_references.Traces
    disclosed: list[str]

    @property
    def cuts(self) -> list[_Cut]:
        """The evidence and what was derived."""
        return [*self.evidence, *self.derived]


def erase(writer: WriterState, database: Database, record_ids: Sequence[bytes], order: Order) -> Erasure:
    """See `Writer.erase`."""
    plan = _planned(writer.root, database, record_ids, order)
    files.forget(writer.root)  # before: nobody makes it anew while this writer holds the lock
    rewritten = []
    try:
        rewritten = [
            rewrite(writer.root, cut.before, cut.rows.filter(pa.array(~cut.gone))) for cut in plan.cuts
        ]
        with catalogue.transaction(database):
            result = _insert(writer, database, plan, rewritten, order)
    finally:
        catalogue.drop_unnamed(writer.root, database, [path for new in rewritten for path in paths_of(new)])
    catalogue.sweep(writer.root, database)
    files.forget(writer.root)  # after: a run that read before, and holds no lock, may have kept some
    return result._replace(settled=overwrite(database, result.position))


def expired(root: Path, database: Database, today: date) -> list[retention.Retention]:
    """Records whose marking lets them be kept until a day before `today` only, kept ones too.

    One whose bytes came with a record under hold is held with it, or a night's work would be refused for it.
    """
    late = list(retention.of_records(root, database, retention.ended(today)))
    held = _held_deliveries(root, database)
    repeated = _repeated_in(database, held)
    beside = (held.get(one.delivery) or repeated.get(one.record_id, ()) for one in late)
    return [replace(one, holds=one.holds or with_it) for one, with_it in zip(late, beside, strict=True)]


def _held_deliveries(root: Path, database: Database) -> dict[bytes, tuple[int, ...]]:
    """Deliveries that brought or repeat a record under hold, and the holds."""
    found: dict[bytes, tuple[int, ...]] = {}
    for hold, held in _held_rows(root, database):
        for digest in held["delivery"].unique().to_pylist():
            found[digest] = (*found.get(digest, ()), hold.position)
        for digest in _deliveries_of(database, held["record_id"].to_pylist()):
            found[digest] = (*found.get(digest, ()), hold.position)
    return {digest: tuple(sorted(set(holds))) for digest, holds in found.items()}


def _held_rows(root: Path, database: Database, since: int = 0) -> Iterator[tuple[holds.Hold, pa.Table]]:
    """Each standing hold placed since a position, with the records that it is over, a payload at a time."""
    standing = holds.standing(database, since)
    for kind in retention.evidence_kinds(database) if standing else ():
        for part in reading.payloads(database, kind):
            rows = reading.load(root, part)
            for hold, covered in holds.covering(standing, rows):
                yield hold, rows.filter(pa.array(covered))


def _repeated_in(
    database: Database, deliveries: Mapping[bytes, tuple[int, ...]]
) -> dict[bytes, tuple[int, ...]]:
    """Records that some deliveries repeat, with what is said of the delivery."""
    rows = database.execute("SELECT digest, ids FROM repeats JOIN deliveries USING (position)")
    return {
        ids[at : at + ID_SIZE]: deliveries[digest]
        for digest, ids in rows
        if digest in deliveries
        for at in range(0, len(ids), ID_SIZE)
    }


def _planned(root: Path, database: Database, record_ids: Sequence[bytes], order: Order) -> _Plan:
    if not order.why.strip():
        raise ValueError("an erasure needs its reason")
    size, _ = log.head(database)
    _refuse_erased(database, record_ids)
    places = lookup.places(root, database, record_ids)
    evidence = _evidence(root, database, places)
    _refuse_held(database, evidence, order)
    _refuse_kept(root, database, places, order)
    words = _words(root, database, evidence, order)
    if words.within(order.why):
        raise ValueError("the reason names who is to be erased, and stays in the log; name a file number")
    found = residual_references.find(root, database, words)
    derived = _derived(root, database, record_ids, words)
    deliveries = _deliveries(database, [*evidence, *derived], record_ids, found.originals)
    pieces = sorted({*_pieces(database, places), *found.pieces})
    seen = disclosure_snapshots.resting(database, record_ids, found.shown)
    sent = _disclosed(database, record_ids)
    plan = _Plan(size, places, evidence, derived, deliveries, pieces, seen, found, sent)
    _refuse_beside(root, database, plan, order)
    return plan


def _refuse_erased(database: Database, record_ids: Iterable[bytes]) -> None:
    for record_id in record_ids:
        found = database.execute("SELECT position FROM erased WHERE record_id = ?", (record_id,)).fetchone()
        if found:
            raise Erased(f"record {record_id.hex()} was erased already, at position {found[0]} of the log")


def _refuse_held(database: Database, evidence: Iterable[_Cut], order: Order, since: int = 0) -> None:
    """Refuse what a hold placed since then is over; a restored backup follows the floor that lifted it."""
    if order.category == "restored":
        return
    standing = holds.standing(database, since)
    for cut in evidence:
        for hold, covered in holds.covering(standing, cut.going):
            (record_id, *_) = cut.going.filter(pa.array(covered))["record_id"].to_pylist()
            raise holds.UnderHold(f"record {record_id.hex()}", [hold.position])


def _refuse_kept(root: Path, database: Database, places: Iterable[lookup.Place], order: Order) -> None:
    today = order.today or clock.now(root).date()
    if order.category not in retention.WAIVES:
        found = retention.of_places(root, database, places)
        retention.refuse_kept(found, order.category, today)


def _refuse_beside(root: Path, database: Database, plan: _Plan, order: Order, since: int = 0) -> None:
    """Refuse where a delivery, or what was shown, goes that a record under hold is in too."""
    if order.category == "restored":
        return
    going, seen = pa.array(plan.deliveries, pa.binary(32)), {one.position for one in plan.seen}
    for hold, held in _held_rows(root, database, since):
        ids = held["record_id"].to_pylist()
        if pc.any(pc.is_in(held["delivery"], going)).as_py():
            raise holds.UnderHold("another record in a delivery whose bytes would go", [hold.position])
        if _deliveries_of(database, ids) & set(plan.deliveries):
            raise holds.UnderHold("a record that a delivery repeats whose bytes would go", [hold.position])
        if disclosure_snapshots.rests_on(database, seen, ids):
            raise holds.UnderHold("a record behind what was shown and would go", [hold.position])


def _evidence(root: Path, database: Database, places: Sequence[lookup.Place]) -> list[_Cut]:
    wanted = np.array([place.segment << 32 | place.leaf for place in places], np.uint64)
    cuts = []
    for kind in sorted({place.kind for place in places}):
        numbers = sorted({place.segment for place in places if place.kind == kind})
        for part in reading.payloads(database, kind, numbers=numbers):
            rows = reading.load(root, part)
            cuts.append(_Cut(kind, part, rows, np.isin(index.places(rows), wanted)))
    return cuts


def _words(root: Path, database: Database, evidence: Sequence[_Cut], order: Order) -> subject_index.Words:
    """Words that only the rows that go say: nothing else on the floor may be taken for theirs."""
    going = [_without_own_ids(cut) for cut in evidence]
    keys = {key for rows in going for _, key in subject_index.keys_in(rows)} | set(order.subjects)
    words = subject_index.words_of(going, keys)
    for kind in retention.evidence_kinds(database):
        for _, rows in reading.loaded(root, reading.payloads(database, kind)):
            words -= subject_index.Words(words).found_in(rows.filter(pa.array(~_going(evidence, rows))))
    return subject_index.Words(words)


def _without_own_ids(cut: _Cut) -> pa.Table:
    """The rows that go; the ids of what was written here are keyed hashes, and name nobody."""
    own = cut.kind in OWN and "report_key" in cut.rows.column_names
    return cut.going.drop_columns(["report_key"]) if own else cut.going


def _going(evidence: Iterable[_Cut], rows: pa.Table) -> subject_index.Mask:
    """Which rows of a payload are among those that go."""
    gone = [index.places(cut.rows)[cut.gone] for cut in evidence]
    return np.isin(index.places(rows), np.concatenate(gone) if gone else [])


def _derived(
    root: Path, database: Database, record_ids: Sequence[bytes], words: subject_index.Words
) -> list[_Cut]:
    """Derived rows that rest on the records or still say their words; a table that does not say what it rests
    on goes as a whole.
    """
    ids = pa.array(record_ids, pa.binary(16))
    cuts: list[_Cut] = []
    for (kind,) in database.execute(
        "SELECT DISTINCT kind FROM segments WHERE position IN (SELECT position FROM runs) ORDER BY kind"
    ).fetchall():
        for parts, rows in reading.loaded(root, reading.payloads(database, kind)):
            gone = _citing(rows, ids) | words.rows(rows)
            cuts += _cuts(kind, parts, rows, gone) if gone.any() else []
    return cuts


def _cuts(kind: str, parts: Iterable[Payload], rows: pa.Table, gone: subject_index.Mask) -> Iterator[_Cut]:
    """Yield the payloads of which rows go, each with its own of the rows of all."""
    for part in parts:
        mine = np.isin(rows.column(index.SEGMENT), list(part.segments))
        if gone[mine].any():
            yield _Cut(kind, part, rows.filter(pa.array(mine)), gone[mine])


def _citing(rows: pa.Table, ids: pa.Array) -> subject_index.Mask:
    columns = [rows.column(name) for name in _CITATIONS if name in rows.column_names]
    gone = np.zeros(rows.num_rows, np.bool_) if columns else np.ones(rows.num_rows, np.bool_)
    for column in columns:
        hits = pc.is_in(pc.list_flatten(column), ids).to_numpy()
        gone[pc.list_parent_indices(column).to_numpy()[hits]] = True
    return gone


def _insert(
    writer: WriterState,
    database: Database,
    plan: _Plan,
    rewritten: Sequence[Rewritten],
    order: Order,
) -> Erasure:
    _refuse_held(database, plan.evidence, order, plan.size)  # a hold is placed without the writer lock
    _refuse_beside(writer.root, database, plan, order, plan.size)
    position = log.head(database)[0] + 1
    for digest in plan.deliveries:
        blobs.forget(database, digest, position)
    _forget_pieces(database, plan.pieces)
    disclosure_snapshots.forget(database, [one.position for one in plan.seen], position)
    residual_references.forget(database, plan.found)
    detail = _detail(plan, order)
    certified = certificates.digest_of(certificates.body_of(writer.root, database, detail))
    writer.log_act(database, "erasure", detail | {"certificate": certified})
    for new in rewritten:
        insert_rewritten(database, new)
    database.executemany(
        "INSERT INTO erased VALUES (?, ?, ?)",
        [(place.record_id, place.kind, position) for place in plan.places],
    )
    for cut in plan.cuts:
        where = [index.segment_and_leaf(at) for at in index.places(cut.rows)[cut.gone]]
        database.executemany("INSERT INTO gone VALUES (?, ?, ?)", [(*at, position) for at in where])
    return Erasure(
        position,
        len(plan.places),
        detail["derived"],
        len(plan.deliveries),
        len(plan.pieces),
        len(plan.seen),
        len(plan.found.acts),
        tuple(detail["models"]),
        tuple(detail["disclosed"]),
        tuple(plan.found.stays),
    )


def _detail(plan: _Plan, order: Order) -> dict[str, Any]:
    """Return the detail of the erasure's own act; nothing in it tells whom it was about."""
    return {
        "why": order.why,
        "category": order.category,
        "rows": [[place.segment, place.leaf] for place in plan.places],
        "kinds": dict(sorted(Counter(place.kind for place in plan.places).items())),
        "derived": sum(int(cut.gone.sum()) for cut in plan.cuts) - len(plan.places),
        "deliveries": [digest.hex() for digest in plan.deliveries],
        "quarantined": plan.pieces,
        "shown": [one.position for one in plan.seen],
        "models": [one.digest.hex() for one in plan.seen if one.what == disclosure_snapshots.FIT],
        "disclosed": plan.disclosed,
        "acts": [[position, act, actor] for position, act, actor in plan.found.acts],
        "stays": plan.found.stays,
    }


def _disclosed(database: Database, record_ids: Sequence[bytes]) -> list[str]:
    """Ids of bundles that carried something of it to another node."""
    ids = pa.array(record_ids, pa.binary(16))
    return [
        bundle
        for bundle, _, rests in disclosure_snapshots.sent(database)
        if pc.any(pc.is_in(rests, ids)).as_py()
    ]


def _deliveries(
    database: Database, cuts: Iterable[_Cut], record_ids: Sequence[bytes], also: Iterable[bytes]
) -> list[bytes]:
    """Digests of the deliveries that held the records: where each came from, and where it was repeated."""
    found = {
        digest
        for cut in cuts
        if "delivery" in cut.rows.column_names
        for digest in cut.going["delivery"].to_pylist()
    }
    here = {
        digest for (digest,) in database.execute("SELECT digest FROM blobs WHERE erased IS NULL AND size > 0")
    }
    return sorted((found | _deliveries_of(database, record_ids) | set(also)) & here)


def _deliveries_of(database: Database, record_ids: Sequence[bytes]) -> set[bytes]:
    """Digests of the deliveries that repeat one of the records."""
    wanted = index.halves(pa.array(record_ids, pa.binary(ID_SIZE)))
    rows = database.execute("SELECT digest, ids FROM repeats JOIN deliveries USING (position)")
    return {digest for digest, ids in rows if index.contains_any(ids, *wanted)}


def _pieces(database: Database, places: Sequence[lookup.Place]) -> set[int]:
    """Quarantined pieces that the deliveries of these records had read again."""
    return {
        number
        for place in places
        for (number,) in database.execute(
            "SELECT quarantine.id FROM quarantine JOIN segments ON resolved = segments.position "
            "WHERE raw IS NOT NULL AND segments.id = ?",
            (place.segment,),
        )
    }


def _forget_pieces(database: Database, pieces: Iterable[int]) -> None:
    database.executemany(
        "UPDATE quarantine SET raw = NULL, salt = NULL, locator = '', reason = 'erased' WHERE id = ?",
        [(number,) for number in pieces],
    )
