"""Notes on a stream: how its files were read, what orders it, why there is nothing in it."""

from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.messages import Reason, reason
from watchfloor.desks.cargo.model import Model
from watchfloor.feeds.files import Files, rows_of
from watchfloor.planning.inspections import messages
from watchfloor.planning.inspections.days import days_of
from watchfloor.planning.inspections.items import Items


def about_model(model: Model | None) -> list[Reason]:
    """Return the notes on a model, or on there being none."""
    if model is None:
        return [reason(messages.RULES_ONLY)]
    examined, found = model.examined
    notes = [reason(messages.LEARNED, examined=examined, found=found)]
    if model.contradictory:
        notes.append(reason(messages.CONTRADICTORY, count=model.contradictory))
    return notes


def of_files(given: Files, history: Files) -> list[Reason]:
    """Return the notes on how the files were read."""
    notes = []
    for one in (given, history):
        if one.repeated or one.superseded:
            told: dict[str, Any] = {"repeated": one.repeated, "superseded": one.superseded}
            notes.append(reason(messages.REPEATED, **told))
        if one.faults:
            notes.append(reason(messages.FAULTS, count=one.faults))
    if outcomes := rows_of(given, "inspection").num_rows:
        notes.append(reason(messages.OUTCOMES, count=outcomes))
    return notes


def nothing(lines: pa.Table, every: Items, day: date | None) -> list[Reason]:
    """Why there is nothing to choose from."""
    if every.subject:
        return []
    if day is None or not lines.num_rows:
        return [reason(messages.NO_ITEMS)]
    ends = pc.min_max(days_of(lines)).as_py()
    count = int(pc.count_distinct(lines["subject"]).as_py())
    told = {"first": ends["min"].isoformat(), "last": ends["max"].isoformat()}
    return [reason(messages.NO_ITEMS_ON, day=day.isoformat(), count=count, **told)]
