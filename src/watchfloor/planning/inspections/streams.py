"""The stream that a plan chooses from, with all that is known of it: from files, or from a floor."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.current_signals import signals as standing
from watchfloor.cell.queue import queue
from watchfloor.cell.weights import Weights
from watchfloor.desks.cargo import model as models
from watchfloor.desks.cargo.model import FitError, Model
from watchfloor.feeds.files import KEY, Files, rows_of, silent
from watchfloor.feeds.references import references as references_of
from watchfloor.planning.inspections import evidence, messages
from watchfloor.planning.inspections.acts import UNENDED, grounds, subjects, used
from watchfloor.planning.inspections.candidates import Candidates, by_model, by_rules
from watchfloor.planning.inspections.days import days_of
from watchfloor.planning.inspections.evidence import Evidence
from watchfloor.planning.inspections.items import Items, items
from watchfloor.planning.inspections.naming import first as named_first
from watchfloor.planning.inspections.plan import NOBODY_FIRST, First, some
from watchfloor.planning.inspections.referring import Grounds
from watchfloor.planning.inspections.telling import about_model, nothing, of_files
from watchfloor.records.messages import Language, Reason, reason
from watchfloor.release.policy import Reader
from watchfloor.store.floor import Floor

MODEL: Final = "cargo-model"
"""A floor's model, as `feeds.references` names it."""
WANTED: Final = ("declaration", "inspection", "reading", "response")
"""Kinds that a stream is read from."""
Say = Callable[[str], None]


class Stream(NamedTuple):
    """What a plan is made from.

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
