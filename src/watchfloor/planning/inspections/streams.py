"""The stream that a plan chooses from, with all that is known of it: from files, or from a floor."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.casework.referrals.grounds import split
from watchfloor.casework.tasking.tasks import OPEN, Task
from watchfloor.cell.current_signals import signals as standing
from watchfloor.cell.leads import Lead
from watchfloor.cell.queue import queue
from watchfloor.cell.weighing.weights import Weights
from watchfloor.core.messages import Language, Reason, reason
from watchfloor.desks.cargo import model as models
from watchfloor.desks.cargo.model import FitError, Model
from watchfloor.feeds.files import KEY, Files, rows_of, silent
from watchfloor.feeds.references import references as references_of
from watchfloor.planning.inspections import evidence, messages
from watchfloor.planning.inspections.candidates import Candidates, by_model, by_rules
from watchfloor.planning.inspections.days import days_of
from watchfloor.planning.inspections.evidence import Evidence
from watchfloor.planning.inspections.items import Items, items, named
from watchfloor.planning.inspections.plan import NOBODY_FIRST, First, some
from watchfloor.planning.inspections.plan_notes import about_model, nothing, of_files
from watchfloor.planning.inspections.referring import Grounds
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

# What lookouts and leads of a floor put first in a plan.


LIKELY: Final = 0.05
"""Probability from which a lead puts the items that it names first."""


def named_first(
    floor: Floor,
    reader: Reader,
    found: Items,
    leads: Sequence[Lead],
    weights: Weights,
    now: datetime,
    language: Language,
) -> First:
    """Lookouts first, then leads by their order; each item once."""
    rows: dict[int, tuple[str, Reason, str]] = {}
    lookouts = [
        one
        for one in Task.read(floor, reader).values()
        if one.order.form == "lookout" and one.standing(now) in OPEN
    ]
    for task in lookouts:
        why = reason(messages.BY_LOOKOUT, lookout=task.id)
        for row in named(found, task.order.subjects).tolist():
            rows.setdefault(row, ("lookout", why, task.order.marking))
    for lead in (one for one in leads if one.probability >= LIKELY):
        title = weights.hypotheses[lead.hypothesis].called(language)
        why = reason(messages.BY_LEAD, lead=lead.lead_id, title=title)
        for row in named(found, lead.subjects).tolist():
            rows.setdefault(row, ("lead", why, lead.marking))
    return First(
        pa.array(list(rows), pa.int64()).to_numpy(),
        [by for by, _, _ in rows.values()],
        {row: why for row, (_, why, _) in rows.items()},
        {row: marking for row, (_, _, marking) in rows.items()},
    )


# What acts on referrals say of items: which are done, whose grounds are recorded, what waits for a means.


UNENDED: Final = ("referred", "amended")
"""States of a referral that asks for an examination."""


def subjects(acts: pa.Table, states: Sequence[str]) -> pa.Array:
    """Items whose last act is one of some states."""
    mine = pc.is_in(acts["state"], value_set=pa.array(states, pa.string()))
    return pc.unique(acts["subject"].filter(mine))


def grounds(acts: pa.Table) -> dict[str, Grounds]:
    """Officers' recorded grounds, by item: those of its last act that states any and was not withdrawn.

    Who wrote the record is not who suspects: only a text that ends with the badge of an officer, as
    `casework.referrals.grounds` keeps it, is an officer's.
    """
    stands = pc.and_(pc.is_valid(acts["grounds"]), pc.not_equal(acts["state"], "withdrawn"))
    rows = acts.filter(stands).sort_by([("observed_at", "ascending"), ("edition", "ascending")])
    found = {}
    for row in rows.select(["subject", "grounds"]).to_pylist():
        words, badge = split(row["grounds"])
        if words.strip() and badge:
            found[row["subject"]] = Grounds(words, badge)
    return found


def used(acts: pa.Table, day: date) -> dict[str, int]:
    """Items that wait for each means and can still be held on a day."""
    held = pc.greater_equal(pc.cast(acts["deadline"], pa.date32()), pa.scalar(day, pa.date32()))
    mine = pc.and_(
        pc.is_in(acts["state"], value_set=pa.array(UNENDED, pa.string())), pc.fill_null(held, True)
    )
    counts = pc.value_counts(pc.fill_null(acts["means"].filter(mine), ""))
    return {one["values"]: one["counts"] for one in counts.to_pylist() if one["values"]}


MODEL: Final = "cargo-model"
"""A floor's model, as `feeds.references` names it."""
WANTED: Final = ("declaration", "inspection", "reading", "response")
"""Kinds that a stream is read from."""
Say = Callable[[str], None]


class Stream(NamedTuple):
    """Inputs of a plan.

    Attributes:
        candidates: every item with its chance.
        first: what lookouts and leads name.
        grounds: officers' recorded grounds, by item.
        used: items that each means is to examine already.
        day: of the plan.
        notes: what has to be told.
        faulty: whether something of the files could not be read.
    """

    candidates: Candidates
    first: First
    grounds: Mapping[str, Grounds]
    used: Mapping[str, int]
    day: date
    notes: list[Reason]
    faulty: bool = False


def learned(history: Files, given: Files, seed: int = 0) -> tuple[Model | None, list[Reason]]:
    """A model of what examinations in a history found; None where they are too few to fit one.

    Args:
        history: inspections, and declarations of the items.
        given: declarations to choose from; those of items that were examined are learned from, too.
        seed: of the fit.
    """
    acts, lines = rows_of(history, "inspection"), rows_of(given, "declaration")
    examined = lines.filter(pc.is_in(lines["subject"], value_set=pc.unique(acts["subject"])))
    try:
        model = models.fit(pa.concat_tables([rows_of(history, "declaration"), examined]), acts, seed=seed)
    except FitError as error:
        return None, [reason(messages.TOO_LITTLE, why=str(error))]
    return model, about_model(model)


def from_files(
    given: Files, history: Files, model: Model | None, weights: Weights, day: date | None, say: Say = silent
) -> Stream:
    """A stream from files.

    Args:
        given: declarations to choose from, and readings of them. Inspections among them are not looked at.
        history: declarations and inspections of items before.
        model: that orders the items; None: rules alone do.
        weights: the cell's table.
        day: only items of that day; None: all.
        say: told what is being done.
    """
    lines, notes = rows_of(given, "declaration"), of_files(given, history)
    every, acts = items(_on(lines, day)), rows_of(history, "inspection")
    found = _left(every, subjects(acts, ("examined",)), notes)
    notes += nothing(lines, every, day)
    inputs = {kind: pa.concat_tables([rows_of(one, kind) for one in (history, given)]) for kind in WANTED}
    inputs["inspection"] = acts
    refs = evidence.references(KEY)
    found = _known(
        found, evidence.identified(evidence.signals(inputs, refs, say, evidence.LABORATORY)), notes
    )
    said = evidence.signals(inputs, refs, say)
    now = _last(lines)
    candidates = _candidates(found, said, weights, model, now, KEY, say)
    faulty = bool(given.faults or history.faults)
    newest = day or _newest(lines, datetime.now(UTC))
    return Stream(candidates, NOBODY_FIRST, grounds(acts), {}, newest, notes, faulty)


def from_floor(
    floor: Floor,
    reader: Reader,
    model: Model | None,
    weights: Weights,
    now: datetime,
    day: date | None,
    language: Language = "en",
    say: Say = silent,
) -> Stream:
    """A stream from the records that a reader may see.

    Args:
        floor: whose.
        reader: who asks; what he may not see has no part in it.
        model: that orders the items; None: the floor's own, else rules alone do.
        weights: the cell's table.
        now: the moment of asking.
        day: items of that day; None: the newest day on which an item is declared.
        language: of the titles of leads.
        say: told what is being done.
    """
    say("reading declarations")
    lines = floor.read("declaration", reader, latest=True)
    day = day or _newest(lines, now)
    every, acts = items(_on(lines, day)), floor.read("inspection", reader, latest=True)
    notes: list[Reason] = []
    found = _left(every, subjects(acts, ("examined", *UNENDED)), notes)
    notes += nothing(lines, every, day)
    if model is None and (stored := references_of(floor)[MODEL]):
        model = models.load(stored)
    say("signals and leads")
    said = standing(floor, reader)
    found = _known(found, evidence.identified(said), notes)
    candidates = _candidates(found, said, weights, model, now, floor.key, say)
    first = named_first(floor, reader, found, queue(floor, reader, weights, now), weights, now, language)
    return Stream(candidates, first, grounds(acts), used(acts, day), day, notes)


def _candidates(
    found: Items,
    said: pa.Table,
    weights: Weights,
    model: Model | None,
    now: datetime,
    key: bytes,
    say: Say,
) -> Candidates:
    say("weighing")
    mine = evidence.about(found, said, () if model is None else evidence.OF_MODEL)
    known: Evidence = evidence.weighed(found, mine, weights, now, key)
    return by_rules(found, known) if model is None else by_model(found, known, model)


def _on(lines: pa.Table, day: date | None) -> pa.Table:
    return lines if day is None else lines.filter(pc.equal(days_of(lines), pa.scalar(day, pa.date32())))


def _left(every: Items, done: pa.Array, notes: list[Reason]) -> Items:
    """The items without those that are done; told."""
    gone = pc.is_in(pa.array(every.subject, pa.string()), value_set=done)
    count = int(pc.sum(gone).as_py() or 0)
    if not count:
        return every
    notes.append(reason(messages.DONE, count=count))
    return every.only(pc.invert(gone).to_numpy(zero_copy_only=False))


def _known(every: Items, subject: pa.Array, notes: list[Reason]) -> Items:
    """The items without those in which a laboratory has identified something already; told by name."""
    known = pc.is_in(pa.array(every.subject, pa.string()), value_set=subject)
    rows = np.flatnonzero(known.to_numpy(zero_copy_only=False)).tolist()
    if not rows:
        return every
    notes.append(reason(messages.IDENTIFIED, count=len(rows), items=some(every, rows)))
    return every.only(pc.invert(known).to_numpy(zero_copy_only=False))


def _last(lines: pa.Table) -> datetime:
    """When the last line was declared; 1970 where there is none."""
    found: datetime | None = pc.max(lines["observed_at"]).as_py()
    return found or datetime.fromtimestamp(0, UTC)


def _newest(lines: pa.Table, now: datetime) -> date:
    """The newest day of an item; that of `now` where there is none."""
    found: date | None = pc.max(days_of(lines)).as_py()
    return found or now.date()
