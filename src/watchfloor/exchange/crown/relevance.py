"""Relevance: all that a floor holds on a case and that is not clearly irrelevant, whichever way it speaks.

R. v. Stinchcombe, [1991] 3 SCR 326: the Crown owes the defence what is not clearly irrelevant, whether it
helps the prosecution or hurts it. So nothing here weighs: a row belongs to a case when it names one of its
subjects, leads, tasks or reports in any column, when a signal about it rests on the row, when it repeats an
origin that such a signal rests on, or when it is another edition of such a row. Signals that were taken back,
decisions `different`, refused tasks and hypotheses with little chance belong to it as the others do.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell import current_signals
from watchfloor.cell.acts import Unusable
from watchfloor.cell.leads import lead_id_of
from watchfloor.cell.weighing.weights import Weights
from watchfloor.core.kinds import KINDS, RECORD_ID
from watchfloor.core.messages import declare, reason
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

NO_LEAD: Final = declare("crown.not-a-lead", "lead")
SEVERAL_LEADS: Final = declare("crown.several-leads", "lead", "count")

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "exhibit": ("exhibit", "parent"),
    "outcome": ("lead", "task"),
    "product": ("product",),
    "task": ("task", "lead"),
    "watch-entry": ("entry",),
}
"""Columns of a row of a case whose values name more of it: its task, its report, its lead."""

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Keys that find the rows of a case.

    Attributes:
        texts: subjects, ids of leads, tasks, reports and entries, origins.
        ids: records and signals.
        editions: source and report key, joined.
    """

    texts: frozenset[str]
    ids: frozenset[bytes] = frozenset()
    editions: frozenset[str] = frozenset()

    def __or__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.texts | other.texts, self.ids | other.ids, self.editions | other.editions)


@dataclass(frozen=True, slots=True)
class Relevant:
    """Rows that belong to a case, in one reader's view.

    Attributes:
        subjects: that it is about.
        leads: ids of its leads under every hypothesis.
        signals: that stand and that were taken back.
        records: by kind; each table has the kind's columns and `position`.
        tokens: what they were found by.
    """

    subjects: frozenset[str]
    leads: frozenset[str]
    signals: pa.Table
    records: Mapping[str, pa.Table] = field(default_factory=dict)
    tokens: Tokens = field(default_factory=lambda: Tokens(frozenset()))


def subjects_of(floor: Floor, reader: Reader, weights: Weights, asked: Iterable[str]) -> frozenset[str]:
    """The subjects that are meant by subjects and starts of ids of leads, also of leads that are gone.

    Raises:
        Unusable: no lead, or several, have such an id.
    """
    found: set[str] = set()
    by_lead: dict[str, frozenset[str]] | None = None
    for one in asked:
        if ":" in one:
            found.add(one)
            continue
        by_lead = by_lead if by_lead is not None else _by_lead(floor, reader, weights)
        meant = {lead for lead in by_lead if one and lead.startswith(one)}
        if len(meant) != 1:
            several = reason(SEVERAL_LEADS, lead=one, count=len(meant))
            raise Unusable(several if meant else reason(NO_LEAD, lead=one))
        found |= by_lead[meant.pop()]
    return frozenset(found)


def collect(floor: Floor, reader: Reader, weights: Weights, subjects: frozenset[str]) -> Relevant:
    """Everything about some subjects that this reader may see."""
    both = (current_signals.signals(floor, reader), current_signals.taken_back(floor, reader))
    signals = pa.concat_tables([_having(table, Tokens(subjects)) for table in both])
    leads = frozenset(
        lead_id_of(floor.key, name, subject) for name in weights.hypotheses for subject in subjects
    )
    tokens = Tokens(subjects | leads | _flat(signals, "origins")) | Tokens(
        frozenset(), _flat(signals, "evidence") | _flat(signals, "coverage") | _column(signals, "row_id")
    )
    found: dict[str, pa.Table] = {}
    while True:
        found = {kind: _having(floor.read(kind, reader, columns=_columns(kind)), tokens) for kind in KINDS}
        grown = tokens | _named(found)
        if grown == tokens:
            return Relevant(subjects, leads, signals, {k: t for k, t in found.items() if t.num_rows}, tokens)
        tokens = grown


def without(case: Relevant, excluded: frozenset[bytes]) -> Relevant:
    """The case without some records and signals, and without every row that rests on one or names it."""
    tokens = Tokens(frozenset(), excluded)
    kept = {kind: _lacking(table, tokens) for kind, table in case.records.items()}
    return replace(case, signals=_lacking(case.signals, tokens), records=kept)


def editions(case: Relevant, ids: frozenset[bytes]) -> frozenset[bytes]:
    """These records with every other edition of the same report."""
    found = set(ids)
    for table in case.records.values():
        mine = table.filter(pc.is_in(table["record_id"], value_set=pa.array(sorted(ids), RECORD_ID)))
        keys = Tokens(frozenset(), frozenset(), _keys(mine))
        found |= set(_having(table, keys)["record_id"].to_pylist())
    return frozenset(found)


def _by_lead(floor: Floor, reader: Reader, weights: Weights) -> dict[str, frozenset[str]]:
    """The subjects of each lead, by every id it has or had: of each subject under each hypothesis."""

    from watchfloor.cell.queue import every, queue

    known: dict[str, frozenset[str]] = {}
    for table in (current_signals.signals(floor, reader), current_signals.taken_back(floor, reader)):
        for subject in _flat(table, "subjects"):
            for name in weights.hypotheses:
                known[lead_id_of(floor.key, name, subject)] = frozenset({subject})
    for lead in every(queue(floor, reader, weights, floor.now())):
        for one in (lead.lead_id, *lead.took_up):
            known[one] = frozenset(lead.subjects or (lead.subject,))
    return known


def _columns(kind: str) -> list[str]:
    return [*KINDS[kind].schema.names, "position"]


def _named(found: Mapping[str, pa.Table]) -> Tokens:
    """Return the keys in the rows of a case, beside those they were found by."""
    texts = {
        value
        for kind, columns in NAMES.items()
        for column in columns
        if kind in found
        for value in found[kind][column].to_pylist()
        if value
    }
    keys = [_keys(table) for table in found.values()]
    return Tokens(frozenset(texts), frozenset(), frozenset().union(*keys))


def _keys(table: pa.Table) -> frozenset[str]:
    return frozenset(filter(None, _edition(table).to_pylist()))


def _edition(table: pa.Table) -> pa.ChunkedArray:
    """Source and report key in one; null for a row without a key."""
    return pc.binary_join_element_wise(table["source"], table["report_key"], "\x1f")


def _flat(table: pa.Table, column: str) -> frozenset[Any]:
    return frozenset(value for values in table[column].to_pylist() for value in values or ())


def _column(table: pa.Table, column: str) -> frozenset[Any]:
    return frozenset(table[column].to_pylist())


def _having(table: pa.Table, tokens: Tokens) -> pa.Table:
    return table.filter(pa.array(_found(table, tokens)))


def _lacking(table: pa.Table, tokens: Tokens) -> pa.Table:
    return table.filter(pa.array(~_found(table, tokens)))


def _found(table: pa.Table, tokens: Tokens) -> npt.NDArray[np.bool_]:
    """Which rows hold one of the tokens, whole, in any column."""
    texts = pa.array(sorted(tokens.texts), pa.string())
    ids = pa.array(sorted(tokens.ids), RECORD_ID)
    hit = np.zeros(table.num_rows, np.bool_)
    for name in table.column_names:
        array = table[name].combine_chunks()
        for rows in _in(array, np.arange(table.num_rows), texts, ids):
            hit[rows] = True
    if tokens.editions and "report_key" in table.column_names:
        known = pa.array(sorted(tokens.editions), pa.string())
        hit |= np.asarray(pc.is_in(_edition(table), value_set=known).to_numpy(), np.bool_)
    return hit


def _in(array: pa.Array, rows: Rows, texts: pa.Array, ids: pa.Array) -> Iterator[Rows]:
    """Rows whose value, or a value within it, is one of the texts or ids."""
    kind = array.type
    if pa.types.is_list(kind):
        yield from _in(pc.list_flatten(array), rows[pc.list_parent_indices(array).to_numpy()], texts, ids)
    elif pa.types.is_struct(kind):
        for at in range(kind.num_fields):
            yield from _in(pc.struct_field(array, at), rows, texts, ids)
    elif pa.types.is_string(kind):
        yield rows[pc.is_in(array, value_set=texts).to_numpy(zero_copy_only=False)]
    elif kind == RECORD_ID:
        yield rows[pc.is_in(array, value_set=ids).to_numpy(zero_copy_only=False)]
