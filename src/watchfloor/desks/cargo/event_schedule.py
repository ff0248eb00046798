"""The rows of a batch that say something, in their turn, and the rules that look at each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.desks.cargo import findings, folding, suspects
from watchfloor.desks.cargo.assertions import Standings, Statement
from watchfloor.desks.cargo.columns import ITEM, Lines, lines_of
from watchfloor.desks.cargo.findings import Findings
from watchfloor.desks.cargo.folding import Fold, Marks
from watchfloor.desks.cargo.goods_norms import Norms
from watchfloor.desks.cargo.hashing import exact, seed_of
from watchfloor.desks.cargo.installed import Installed
from watchfloor.desks.cargo.ledger import RULES, TEXTS
from watchfloor.desks.cargo.rules import (
    counting,
    hs_withdrawn,
    like_found,
    mass_differs,
    odd_line,
    past_finding,
    responded,
)
from watchfloor.desks.cargo.rules.counting import Grown, RuleLines
from watchfloor.desks.cargo.rules.mass_differs import Weighing
from watchfloor.desks.cargo.rules.split_consignment import least
from watchfloor.desks.standing import CurrentEvidence, place_of, standing_rows
from watchfloor.desks.state import Row, several, table, within

EVERY: Final = 1 << 40
"""More lines than an item has."""


class DeskInputs(NamedTuple):
    """The desk's inputs from outside: the floor's key, margins, norms and model."""

    key: bytes
    margins: Row
    norms: Norms
    installed: Installed | None


@dataclass(slots=True)
class State:
    """State of the desk.

    Attributes:
        fold: the compiled fold.
        grown: what rules that count have said.
        odd: what rules about one line have said.
        findings: examinations, and what past findings have led to say.
        weighed: lines and weighings of items that were weighed.
        answered: answers to advance data.
        items: numbers of items that were ever weighed.
    """

    fold: Fold = several(Fold, folding.frozen, folding.thawed)
    grown: Grown = within(Grown)
    odd: Standings = within(Standings, "odd")
    findings: Findings = within(Findings)
    weighed: CurrentEvidence = standing_rows(mass_differs.KEPT, mass_differs.thing_of)
    answered: CurrentEvidence = standing_rows(responded.KEPT, responded.thing_of)
    items: set[int] = table(
        set,
        lambda items: pa.table({"item": pa.array(sorted(items), pa.uint64())}),
        lambda _, rows: set(rows["item"].to_pylist()),
    )


class Batch(NamedTuple):
    """Declarations as they were folded, and what the rules look up of them.

    Attributes:
        start: number of the first line.
        declared: records.
        lines: their columns.
        marks: what the fold marked.
        beyond: by place, what a line says against the reference by itself.
        chances: by place, scores that reach the model's level.
        weighed, suspect: which lines may be of an item that was weighed, and may touch a finding.
    """

    start: int
    declared: pa.Table
    lines: Lines
    marks: Marks
    beyond: dict[int, list[Statement]]
    chances: dict[int, float]
    weighed: Any
    suspect: Any


def taken(known: DeskInputs, state: State, rows: pa.Table) -> list[dict[str, Any]]:
    """Fold rows of all kinds in their order; gives signals."""
    mine = np.asarray(pc.equal(rows["kind"], "declaration").to_numpy())
    others = rows.filter(pa.array(~mine))
    seed = seed_of(known.key)
    hashes = exact(others["subject"], seed ^ np.uint64(3))
    batch = _folded(known, state, rows.filter(pa.array(mine)), seed, *_touched(known, state, others, hashes))
    look = _look(batch)
    state.fold.ledger.keep(batch.start + np.flatnonzero(look), batch.declared.filter(pa.array(look)))
    telling = _telling(state, others)
    told = _rows(others.filter(pa.array(telling)))
    turns = _turns(batch, mine, look, telling)
    made = [signal for turn in turns for signal in _said(known, state, batch, told, hashes, *turn)]
    if mine.any():
        _forget(state, int(batch.lines.time[-1]))
    return made


def _touched(known: DeskInputs, state: State, others: pa.Table, hashes: Any) -> tuple[set[int], set[int]]:
    """Numbers of the items that are weighed, and of those in which something may be found."""
    weighings = pc.and_(
        pc.equal(others["kind"], "reading"), pc.equal(others["method"], mass_differs.WEIGHING)
    )
    weighed = set(hashes[np.asarray(pc.fill_null(weighings, False).to_numpy(), np.bool_)].tolist())
    acts = others.filter(pc.equal(others["kind"], "inspection")).select(findings.KEPT_ROWS.names)
    return weighed, suspects.touched(state.findings, known.key, acts.to_pylist())


def _folded(
    known: DeskInputs, state: State, declared: pa.Table, seed: np.uint64, weighed: set[int], found: set[int]
) -> Batch:
    ledger = state.fold.ledger
    first, start = ledger.count, ledger.base + ledger.count
    state.items |= weighed
    lines = lines_of(seed, known.norms, declared)
    marks = folding.fold_lines(
        state.fold, lines, declared.select(TEXTS.names).cast(TEXTS), least(known.norms)
    )
    suspect = suspects.suspects(state.findings, state.fold, first, found)
    killed = np.maximum(marks.killed - ledger.base, 0)
    items = lines.keys[:, ITEM], np.where(marks.killed >= 0, ledger.book.keys[killed, ITEM], 0)
    hit = np.logical_or(*(suspects.among(one, state.items) for one in items))
    chances = like_found.reached(known.installed, declared)
    return Batch(
        start, declared, lines, marks, odd_line.beyond(known.norms, declared, lines), chances, hit, suspect
    )


def _telling(state: State, others: pa.Table) -> Any:
    """Which rows of other kinds may change anything: most answers accept what nothing was asked of."""
    kinds = others["kind"]
    acts = pc.and_(pc.equal(kinds, "inspection"), pc.is_in(others["state"], pa.array(suspects.ACTS)))
    answers = pc.and_(pc.equal(kinds, "response"), responded.may_count(state.answered, others))
    telling = pc.or_(pc.equal(kinds, "reading"), pc.or_(acts, answers))
    return np.asarray(telling.to_numpy(), np.bool_)


def _look(batch: Batch) -> Any:
    """Which lines may say something or change what was said."""
    marks = batch.marks
    look = (marks.fires != 0) | (marks.odd != 0) | (marks.killed >= 0) | batch.weighed | batch.suspect
    for k in (*batch.beyond, *batch.chances):
        look[k] = True
    return look


def _turns(batch: Batch, mine: Any, look: Any, telling: Any) -> Iterator[tuple[bool, int, int]]:
    """In order: whether it is a line, its place among its own, and the last line up to then."""
    wanted = np.zeros(len(mine), np.bool_)
    wanted[np.flatnonzero(~mine)] = telling
    wanted[np.flatnonzero(mine)[look]] = True
    before = np.cumsum(mine)
    for at in np.flatnonzero(wanted).tolist():
        line, lines = bool(mine[at]), int(before[at])
        yield line, lines - 1 if line else at - lines, batch.start + lines - 1


def _said(
    known: DeskInputs,
    state: State,
    batch: Batch,
    rows: Iterator[dict[str, Any]],
    hashes: Any,
    line: bool,
    at: int,
    as_of: int,
) -> Iterator[dict[str, Any]]:
    if line:
        yield from _line(known, state, batch, at, as_of)
        return
    row = next(rows)
    if row["kind"] == "inspection":
        yield from past_finding.examined(state.findings, known.key, state.fold, row, as_of)
    elif row["kind"] == "response":
        yield from responded.update(known.key, state.answered, row)
    else:
        yield from _reading(known, state, row, int(hashes[at]), as_of)


_OTHERS: Final = sorted({*findings.KEPT_ROWS.names, *responded.KEPT.names, *mass_differs.KEPT.names})


BATCH: Final = 1 << 11
"""Rows of other kinds whose values are in Python at a time; to convert each alone cost half of the desk."""


def _rows(others: pa.Table) -> Iterator[dict[str, Any]]:
    for part in others.select(_OTHERS).to_batches(BATCH):
        yield from part.to_pylist()


def _line(known: DeskInputs, state: State, batch: Batch, k: int, number: int) -> Iterator[dict[str, Any]]:
    """A line that the fold marked, or that takes the place of another."""
    old = int(batch.marks.killed[k])
    asked = RuleLines(known.key, state.fold.ledger, known.norms)
    row = _Once(lambda: {**state.fold.ledger.rows([number])[0], "kind": "declaration", "method": None})
    if old >= 0:
        yield from counting.corrected(state.grown, asked, old, number)
        if old in state.odd.of_line:
            yield from odd_line.corrected(state.odd, old, row.get())
        if past_finding.rests(state.findings, state.fold, old):
            yield from past_finding.corrected(state.findings, known.key, state.fold, old, number, row.get())
    if batch.weighed[k] and _counts(state.weighed, row.get()):
        yield from Weighing(known.key, known.margins).update(state.weighed, row.get())
    said = list(_new(known, state, batch, k, number, row))
    yield from said
    if said:
        new = state.fold.ledger.book.new[number - state.fold.ledger.base]
        facts = [(str(side), odd_line.new_party(row.get(), side)) for side in (1, 2) if new & side]
        facts += [("", one) for one in (hs_withdrawn.say(row.get()),) if one]
        yield from odd_line.signals(state.odd, known.key, state.fold.ledger, number, facts)


def _new(
    known: DeskInputs, state: State, batch: Batch, k: int, number: int, row: "_Once"
) -> Iterator[dict[str, Any]]:
    """Yield the signals of a line that were not told before."""
    marks, ledger = batch.marks, state.fold.ledger
    asked = RuleLines(known.key, ledger, known.norms)
    if batch.suspect[k]:
        yield from past_finding.declared(state.findings, known.key, state.fold, number)
    for rule in range(RULES) if marks.fires[k] else ():
        if marks.fires[k] >> rule & 1:
            yield from counting.grew(state.grown, asked, number, rule, int(marks.chain[k, rule]))
    if marks.odd[k]:
        odd = odd_line.statements(row.get(), marks, k, batch.lines.measured[k])
        yield from odd_line.signals(state.odd, known.key, ledger, number, odd)
    if k in batch.beyond:
        beyond = (("beyond", one) for one in batch.beyond[k])
        yield from odd_line.signals(state.odd, known.key, ledger, number, beyond)
    if k in batch.chances and known.installed is not None:
        like = like_found.say(known.installed, batch.declared, k, batch.chances[k], row.get())
        yield from odd_line.signals(state.odd, known.key, ledger, number, [("", like)])


class _Once:
    """A row that is fetched when it is first asked for."""

    def __init__(self, fetch: Callable[[], Row]) -> None:
        self.fetch = fetch
        self.row: Row | None = None

    def get(self) -> Row:
        """The row."""
        if self.row is None:
            self.row = self.fetch()
        return self.row


def _reading(
    known: DeskInputs, state: State, row: Row, item_hash: int, as_of: int
) -> Iterator[dict[str, Any]]:
    """A reading: where it is the first weighing of an item that stands, the item's lines come with it."""
    item = mass_differs.thing_of(row)
    if item is None and place_of(row) not in state.weighed.things:
        return
    if item is not None and not _weighed(state.weighed, item):
        for place in [place for place in state.weighed.about.get(item, ()) if place[0] == "declaration"]:
            state.weighed.put(state.weighed.rows[place], None)
        for line in findings.lines_of_item(state.fold, item_hash, as_of, EVERY):
            (declared,) = state.fold.ledger.rows([line])
            declared = {**declared, "kind": "declaration", "method": None}
            state.weighed.put({name: declared[name] for name in mass_differs.KEPT.names}, item)
    yield from Weighing(known.key, known.margins).update(state.weighed, row)


def _counts(weighed: CurrentEvidence, row: Row) -> bool:
    """Whether a line is of an item that a weighing stands of, or takes the place of one that is."""
    before = weighed.things.get(place_of(row))
    return _weighed(weighed, row["subject"]) or (before is not None and _weighed(weighed, before))


def _weighed(weighed: CurrentEvidence, item: str) -> bool:
    return any(place[0] == "reading" for place in weighed.about.get(item, ()))


def _forget(state: State, now: int) -> None:
    """Let go of lines, and of what was said of them, that nothing to come can touch."""
    base = state.fold.ledger.base
    folding.forget(state.fold, now)
    if state.fold.ledger.base == base:
        return
    state.grown.forget(state.fold.ledger.base, now)
    state.odd.forget(state.fold.ledger.base)
    findings.forget(state.findings, state.fold.ledger.base)
