"""Erasing records: content and salt go, and all that was made of them; leaves and proofs stay.

What goes: the rows, their salts, every derived row that rests on them, what was shown with them as
evidence, the quarantined pieces they were read from, and the original bytes of every delivery that held
them (a delivery is one compressed piece; cutting a record out of it would forge it). What stays: the leaf
hashes, the deliveries' digests, and the records' keyed identities, so that the next delivery does not bring
them back.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.records.marking import parse
from watchfloor.store import blobs, catalogue, index, log, lookup, payload, reading, shown, sweep
from watchfloor.store.database import Database, overwrite
from watchfloor.store.errors import Erased

if TYPE_CHECKING:
    from watchfloor.store.writer import Writer

_CITATIONS = ("evidence", "coverage")
"""Columns of derived rows that name the records they rest on."""


class Erasure(NamedTuple):
    """What an erasure took away: position in the log, and the number of each."""

    position: int
    records: int
    derived: int
    deliveries: int
    quarantined: int
    shown: int


class _Cut(NamedTuple):
    """A payload and which of its rows go."""

    before: reading.Payload
    rows: pa.Table
    gone: npt.NDArray[np.bool_]


def erase(writer: "Writer", database: Database, record_ids: Sequence[bytes], why: str) -> Erasure:
    """See `Writer.erase`."""
    if not why.strip():
        raise ValueError("an erasure needs its reason")
    _refuse_erased(database, record_ids)
    places = lookup.places(writer.root, database, record_ids)
    cuts = [*_evidence(writer, database, places), *_derived(writer, database, record_ids)]
    rewritten = []
    try:
        rewritten = [
            payload.rewrite(writer.root, cut.before, cut.rows.filter(pa.array(~cut.gone))) for cut in cuts
        ]
        with catalogue.transaction(database):
            result = _insert(writer, database, places, cuts, rewritten, why)
    finally:
        sweep.unnamed(writer.root, database, [path for new in rewritten for path in payload.paths(new)])
    sweep.leftovers(writer.root, database)
    overwrite(database)
    return result


def expired(writer: "Writer", database: Database, today: date) -> list[bytes]:
    """Records whose marking lets them be kept until a day before `today` only."""
    found: list[bytes] = []
    for kind in _kinds(database, derived=False):
        for part in reading.payloads(database, kind):
            rows = reading.load(writer.root, part, ["record_id", "marking"])
            late = [text for text in pc.unique(rows["marking"]).to_pylist() if _is_over(text, today)]
            found += rows.filter(pc.is_in(rows["marking"], pa.array(late, pa.string())))[
                "record_id"
            ].to_pylist()
    return found


def _is_over(marking: str, today: date) -> bool:
    until = parse(marking).retain_until
    return until is not None and until < today


def _kinds(database: Database, *, derived: bool) -> list[str]:
    found = database.execute(_DERIVED if derived else _EVIDENCE)
    return [kind for (kind,) in found]


_DERIVED = "SELECT DISTINCT kind FROM segments WHERE position IN (SELECT position FROM runs) ORDER BY kind"
_EVIDENCE = _DERIVED.replace("position IN", "position NOT IN")


def _refuse_erased(database: Database, record_ids: Iterable[bytes]) -> None:
    for record_id in record_ids:
        found = database.execute("SELECT position FROM erased WHERE record_id = ?", (record_id,)).fetchone()
        if found:
            raise Erased(f"record {record_id.hex()} was erased already, at position {found[0]} of the log")


def _evidence(writer: "Writer", database: Database, places: Sequence[lookup.Place]) -> list[_Cut]:
    wanted = np.array([place.segment << 32 | place.leaf for place in places], np.uint64)
    cuts = []
    for kind in sorted({place.kind for place in places}):
        numbers = sorted({place.segment for place in places if place.kind == kind})
        for part in reading.payloads(database, kind, numbers=numbers):
            rows = reading.load(writer.root, part)
            cuts.append(_Cut(part, rows, np.isin(index.places(rows), wanted)))
    return cuts


def _derived(writer: "Writer", database: Database, record_ids: Sequence[bytes]) -> list[_Cut]:
    """Derived rows that rest on the records; a table that does not say what it rests on goes as a whole."""
    ids = pa.array(record_ids, pa.binary(16))
    cuts = []
    for kind in _kinds(database, derived=True):
        for part in reading.payloads(database, kind):
            rows = reading.load(writer.root, part)
            gone = _citing(rows, ids)
            if gone.any():
                cuts.append(_Cut(part, rows, gone))
    return cuts


def _citing(rows: pa.Table, ids: pa.Array) -> npt.NDArray[np.bool_]:
    columns = [rows.column(name) for name in _CITATIONS if name in rows.column_names]
    gone = np.zeros(rows.num_rows, np.bool_) if columns else np.ones(rows.num_rows, np.bool_)
    for column in columns:
        hits = pc.is_in(pc.list_flatten(column), ids).to_numpy()
        gone[pc.list_parent_indices(column).to_numpy()[hits]] = True
    return gone


def _insert(
    writer: "Writer",
    database: Database,
    places: Sequence[lookup.Place],
    cuts: Sequence[_Cut],
    rewritten: Sequence[payload.Rewritten],
    why: str,
) -> Erasure:
    position = log.head(database)[0] + 1
    record_ids = [place.record_id for place in places]
    held = _deliveries(database, cuts, record_ids)
    for digest in held:
        blobs.forget(database, digest, position)
    pieces = _forget_pieces(database, places)
    seen = shown.forget(database, record_ids, position)
    derived = sum(int(cut.gone.sum()) for cut in cuts) - len(places)
    detail = {
        "why": why,
        "rows": [[place.segment, place.leaf] for place in places],
        "derived": derived,
        "deliveries": [digest.hex() for digest in held],
        "quarantined": pieces,
        "shown": seen,
    }
    log.append(database, writer.actor, [("erasure", detail)])
    for new in rewritten:
        payload.insert(database, new)
    database.executemany(
        "INSERT INTO erased VALUES (?, ?, ?)", [(place.record_id, place.kind, position) for place in places]
    )
    for cut in cuts:
        where = [index.segment_and_leaf(at) for at in index.places(cut.rows)[cut.gone]]
        database.executemany("INSERT INTO gone VALUES (?, ?, ?)", [(*at, position) for at in where])
    return Erasure(position, len(places), derived, len(held), len(pieces), len(seen))


def _deliveries(database: Database, cuts: Sequence[_Cut], record_ids: Sequence[bytes]) -> list[bytes]:
    """Digests of the deliveries that held the records: where each came from, and where it was repeated."""
    found = {
        digest
        for cut in cuts
        if "delivery" in cut.rows.column_names
        for digest in cut.rows.filter(pa.array(cut.gone))["delivery"].to_pylist()
    }
    wanted = index.halves(pa.array(record_ids, pa.binary(16)))
    for digest, ids in database.execute("SELECT digest, ids FROM repeats JOIN deliveries USING (position)"):
        if index.contains_any(ids, *wanted):
            found.add(digest)
    held = database.execute("SELECT digest FROM blobs WHERE erased IS NULL AND size > 0")
    return sorted(found & {digest for (digest,) in held})


def _forget_pieces(database: Database, places: Sequence[lookup.Place]) -> list[int]:
    """Erase quarantined pieces that the deliveries of these records had read again."""
    found = {
        number
        for place in places
        for (number,) in database.execute(
            "SELECT quarantine.id FROM quarantine JOIN segments ON resolved = segments.position "
            "WHERE raw IS NOT NULL AND segments.id = ?",
            (place.segment,),
        )
    }
    pieces = sorted(found)
    database.executemany(
        "UPDATE quarantine SET raw = NULL, salt = NULL WHERE id = ?", [(number,) for number in pieces]
    )
    return pieces
