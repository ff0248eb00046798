"""A whole run: everything a desk reads, folded once, by any runner."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from watchfloor.desks.base import Desk, Refs
from watchfloor.run.fold import refuse_foreknowledge
from watchfloor.run.inline import INLINE
from watchfloor.run.order import arranged, clock, micros, moment, up_to
from watchfloor.run.revisions import settled

Runner = Callable[[Desk[Any], Refs, pa.Table, datetime], dict[str, pa.Table]]
"""`runner(desk, refs, rows, until)`: what the folds derive from rows in their order, by derived kind.

The rows of one `row_id` come in the order they were derived; nothing else is promised.
"""


def run(
    desk: Desk[Any],
    inputs: Mapping[str, pa.Table],
    refs: Refs,
    runner: Runner = INLINE,
    until: datetime | None = None,
) -> dict[str, pa.Table]:
    """Fold all that `desk` reads and give what it derives, by derived kind.

    Args:
        desk: who folds.
        inputs: rows by kind, in the order they were delivered.
        refs: the references that the desk uses, and the key of row ids.
        runner: where to fold: `INLINE`, a `Pool`, a `Connect`. The answer is the same, byte for byte.
        until: the moment to run up to: rows observed after it are left out, and an absence is known up to it.
            The moment of the last row where None.

    Returns:
        For each derived kind its history: rows with their revisions, ordered by `row_id` and `revision`.
        `watchfloor.core.derived.net` gives the ones that stand.

    Raises:
        DeskError: inputs or references are missing or of another type, or the desk fails or breaks a rule.
    """
    rows = arranged(desk, inputs)
    inputs = {}  # where nobody else holds them, they need not lie beside the rows that are made of them
    pa.default_memory_pool().release_unused()
    if until is not None:
        rows = up_to(desk, rows, micros(until))
    elif not rows.num_rows:
        return {kind: schema.empty_table() for kind, schema in desk.yields.items()}
    end = micros(until) if until else int(np.max(clock(desk, rows)))
    made = runner(desk, refs, rows, moment(end))
    for kind, table in made.items():
        refuse_foreknowledge(desk, kind, table, end)
    return {kind: history(table) for kind, table in made.items()}


def history(derived: pa.Table) -> pa.Table:
    """Return rows in the order they were derived as `run` gives them."""
    return settled(derived).sort_by([("row_id", "ascending"), ("revision", "ascending")])
