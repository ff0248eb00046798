"""Offers to a peer: signals, pointers and evidence, in the form in which they would travel."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell import current_signals
from watchfloor.cell.acts import refuse
from watchfloor.core.derived import SIGNAL
from watchfloor.core.kinds import DISCLOSURE, KINDS, RECORD_ID
from watchfloor.core.marking import join
from watchfloor.core.messages import declare
from watchfloor.core.subjects import SubjectError, parts
from watchfloor.exchange.bundles import origins
from watchfloor.exchange.bundles.bundle import EVIDENCE, schema_of
from watchfloor.exchange.bundles.peers import me
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

SIGNAL_FORM: Final = "signal"
POINTER_FORM: Final = "pointer"
EVIDENCE_FORM: Final = "evidence"

POINTER: Final = declare("exchange.pointer", "node")
NO_SIGNAL: Final = declare("exchange.no-such-signal", "start")
NOT_EVIDENCE: Final = declare("exchange.not-evidence", "given", "kinds")
NO_SUBJECT: Final = declare("exchange.no-subject", "problem")

NAMING: Final[Mapping[str, tuple[str, ...]]] = {
    "party": ("subject",),
    "report": ("subjects",),
    "payment": ("payer", "payee", "conductor"),
    "account": ("subject", "holder"),
    "reading": ("subject", "substance"),
    "declaration": ("subject", "importer", "consignee", "shipper"),
    "intelligence-object": ("subjects",),
    "map-feature": (),
    "detection": ("claimed",),
    DISCLOSURE.name: ("subjects",),
}
"""Columns in which a kind names subjects."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Rows in the form in which they would travel, and what each rests on here.

    Attributes:
        rows: by kind, with the columns of `exchange.bundles.bundle.columns_of`.
        rests_on: for each row of a kind the ids of the records here that it rests on.
    """

    rows: Mapping[str, pa.Table]
    rests_on: Mapping[str, pa.ChunkedArray]

    @property
    def count(self) -> int:
        """How many rows are offered."""
        return sum(rows.num_rows for rows in self.rows.values())


def offer(
    floor: Floor,
    reader: Reader,
    *,
    signals: pa.Table | None = None,
    pointers: Iterable[str] = (),
    records: Mapping[str, pa.Table] | None = None,
) -> Offer:
    """Put rows into the form in which they travel.

    Args:
        floor: whose rows.
        reader: who offers: nobody offers what he may not see.
        signals: standing signals, such as rows of `Floor.signals`.
        pointers: subjects about which it is told that something is held, and nothing else.
        records: rows of evidence by kind, whole.
    """
    told = [_of_signals(floor, signals)] if signals is not None and signals.num_rows else []
    told += [_of_pointers(floor, reader, list(dict.fromkeys(pointers)))] if pointers else []
    rows = {DISCLOSURE.name: pa.concat_tables([one for one, _ in told])} if told else {}
    rests = {DISCLOSURE.name: _chained([on for _, on in told])} if told else {}
    for kind, given in (records or {}).items():
        if given.num_rows:
            rows[kind], rests[kind] = _of_records(floor, kind, given)
    return Offer(rows, rests)


def signals_of(floor: Floor, reader: Reader, starts: Iterable[str], subjects: Iterable[str]) -> pa.Table:
    """Standing signals by the starts of their ids, `all` for all, and by the subjects that they name."""
    held = current_signals.signals(floor, reader)
    ids = [one.hex() for one in held["row_id"].to_pylist()]
    chosen = np.zeros(len(ids), np.bool_)
    for start in starts:
        found = np.array([start == "all" or one.startswith(start.lower()) for one in ids], np.bool_)
        if not found.any() and start != "all":
            refuse(NO_SIGNAL, start=start)
        chosen |= found
    wanted = pa.array(list(map(checked, subjects)), pa.string())
    return held.filter(pa.array(chosen | _naming(held["subjects"], wanted)))


def records_of(floor: Floor, reader: Reader, given: Iterable[str]) -> dict[str, pa.Table]:
    """Evidence: `KIND` for all of a kind, `KIND/SUBJECT` for what names a subject, or starts of ids."""
    found: dict[str, list[pa.Table]] = {}
    for one in given:
        kind, slash, subject = one.partition("/")
        if kind in EVIDENCE:
            rows = floor.read(kind, reader)
            found.setdefault(kind, []).append(_about(kind, rows, checked(subject)) if slash else rows)
        else:
            for kind, rows in _by_id(floor, reader, one):
                found.setdefault(kind, []).append(rows)
    return {kind: _distinct(pa.concat_tables(tables)) for kind, tables in found.items()}


def held(floor: Floor, reader: Reader, subject: str) -> list[tuple[str, bytes]]:
    """Marking and id of each record about a subject that the reader may see."""
    found: list[tuple[str, bytes]] = []
    for kind in NAMING:
        rows = _about(kind, floor.read(kind, reader), subject)
        found += zip(rows["marking"].to_pylist(), rows["record_id"].to_pylist(), strict=True)
    return found


def by_form(kind: str, rows: pa.Table) -> dict[str, pa.Table]:
    """Rows of a kind by their form."""
    if kind != DISCLOSURE.name:
        return {EVIDENCE_FORM: rows}
    forms = pc.unique(rows["form"]).to_pylist()
    return {form: rows.filter(pc.equal(rows["form"], form)) for form in forms}


def forms_of(parts_: Mapping[str, pa.Table]) -> dict[str, int]:
    """How many rows there are of each form."""
    counted: Counter[str] = Counter()
    for kind, rows in parts_.items():
        counted.update({form: those.num_rows for form, those in by_form(kind, rows).items()})
    return dict(sorted(counted.items()))


def pointing(node: str) -> dict[str, str]:
    """Return the values of a pointer in the columns that no row may be without: nothing, and whom to ask."""
    said = {"message": POINTER.id, "params": f'{{"node":"{node}"}}'}
    return dict.fromkeys(("desk", "rule", "strength"), "") | said


def checked(subject: str) -> str:
    """A subject key. Refused where it is none."""
    try:
        parts(subject)
    except SubjectError as error:
        refuse(NO_SUBJECT, problem=str(error))
    return subject


def _of_signals(floor: Floor, signals: pa.Table) -> tuple[pa.Table, pa.ChunkedArray]:
    signals = signals.select(SIGNAL.names).combine_chunks()
    reasons = signals["reason"]
    given = {name: signals[name] for name in signals.column_names}
    made = given | {
        "origins": origins.outgoing(floor.key, me(floor).name, signals["origins"], signals["evidence"]),
        "form": _all(SIGNAL_FORM, signals.num_rows),
        "since": pc.coalesce(signals["since"], signals["at"]),
        "message": pc.struct_field(reasons, "message"),
        "params": pc.struct_field(reasons, "params"),
        "onward": pa.nulls(signals.num_rows, pa.bool_()),
    }
    return _shaped(DISCLOSURE.name, made), signals["evidence"]


def _of_pointers(floor: Floor, reader: Reader, subjects: list[str]) -> tuple[pa.Table, pa.ChunkedArray]:
    """A pointer for each subject of which something is held; it says the subject and nothing else."""
    node = me(floor).name
    found = [(subject, held(floor, reader, checked(subject))) for subject in subjects]
    rows = [
        {
            "row_id": _pointer_id(floor.key, subject),
            "revision": 0,
            "origins": [],
            "marking": join(marking for marking, _ in rows),
            "form": POINTER_FORM,
            "retracted": False,
            "subjects": [subject],
            **pointing(node),
        }
        for subject, rows in found
        if rows
    ]
    rests = [[record for _, record in rows] for _, rows in found if rows]
    table = pa.Table.from_pylist(rows, schema_of(DISCLOSURE.name))
    return table, pa.chunked_array([pa.array(rests, pa.list_(RECORD_ID))])


def _of_records(floor: Floor, kind: str, rows: pa.Table) -> tuple[pa.Table, pa.ChunkedArray]:
    """Evidence without this floor's own numbers: its key and its origins are told by tokens."""
    node = me(floor).name
    ids = rows["record_id"].combine_chunks()
    alone = pa.ListArray.from_arrays(pa.array(range(len(ids) + 1), pa.int32()), ids)
    keys = record_names(floor.key, kind, rows)
    stated = origins.outgoing(floor.key, node, rows["origins"], pa.chunked_array([alone]))
    made = {name: rows[name] for name in rows.column_names} | {
        "report_key": pa.array(keys),
        "origins": stated,
    }
    return _shaped(kind, made), pa.chunked_array([alone])


def record_names(key: bytes, kind: str, rows: pa.Table) -> list[str]:
    """Name records of a kind between nodes, by their source and report key, or by their id without one."""
    columns = (rows[name].to_pylist() for name in ("source", "report_key", "record_id"))
    return [
        origins.token(key, f"{kind}/{source}/{own}") if own else id_.hex()
        for source, own, id_ in zip(*columns, strict=True)
    ]


def _shaped(kind: str, columns: Mapping[str, pa.Array | pa.ChunkedArray]) -> pa.Table:
    schema = schema_of(kind)
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _chained(parts_: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    of = pa.list_(RECORD_ID)
    return pa.chunked_array([c.cast(of) for part in parts_ for c in part.chunks], of)


def _all(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), count)


def _naming(column: pa.ChunkedArray, wanted: pa.Array) -> np.ndarray:
    """Whether each value, or list of values, has one that is wanted."""
    if not pa.types.is_list(column.type):
        return np.asarray(pc.is_in(column, value_set=wanted).to_numpy(zero_copy_only=False), np.bool_)
    hits = pc.is_in(pc.list_flatten(column), value_set=wanted)
    rows = pc.list_parent_indices(column).filter(hits).to_numpy()
    found = np.zeros(len(column), np.bool_)
    found[rows] = True
    return found


def _about(kind: str, rows: pa.Table, subject: str) -> pa.Table:
    wanted = pa.array([subject], pa.string())
    named = np.zeros(rows.num_rows, np.bool_)
    for name in NAMING[kind]:
        named |= _naming(rows[name], wanted)
    return rows.filter(pa.array(named))


def _by_id(floor: Floor, reader: Reader, start: str) -> list[tuple[str, pa.Table]]:
    if not 0 < len(start) <= 32 or set(start.lower()) - set("0123456789abcdef"):
        refuse(NOT_EVIDENCE, given=start, kinds=", ".join(EVIDENCE))
    found = [(kind, row) for kind, row in floor.records(start, reader) if kind in EVIDENCE]
    if not found:
        refuse(NOT_EVIDENCE, given=start, kinds=", ".join(EVIDENCE))
    return [(kind, pa.Table.from_pylist([row], KINDS[kind].schema)) for kind, row in found]


def _distinct(rows: pa.Table) -> pa.Table:
    ids = rows["record_id"].to_pylist()
    first = {id_: at for at, id_ in reversed(list(enumerate(ids)))}
    return rows.take(pa.array(sorted(first.values()), pa.int64()))


def _pointer_id(key: bytes, subject: str) -> bytes:
    return blake2b(subject.encode(), digest_size=16, key=key[:64], person=b"pointer").digest()
