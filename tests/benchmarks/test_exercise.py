"""The queue without a cell, which the exercise's benchmark prints beside ours."""

from datetime import UTC, datetime

import pyarrow as pa
from benchmarks.exercise.alone import one_lead_a_signal

from watchfloor.cell.weighing.weights import load
from watchfloor.core.derived import SIGNAL
from watchfloor.core.messages import Reason

AT = datetime(2026, 11, 20, tzinfo=UTC)


def signal(number, strength, rule="listed-name"):
    return {
        "row_id": bytes([number]) * 16,
        "revision": 0,
        "at": AT,
        "retracted": False,
        "desk": "listings",
        "rule": rule,
        "subjects": [f"person:feed:{number}"],
        "strength": strength,
        "reason": Reason("x").stored(),
        "evidence": [],
        "coverage": [],
        "origins": [],
        "marking": "U",
    }


def test_each_signal_is_a_lead_the_likeliest_first():
    rows = [signal(1, "corroborate"), signal(2, "exact"), signal(3, "exact", rule="nobody-weighs-it")]
    weights = load()
    found = one_lead_a_signal(pa.Table.from_pylist(rows, schema=SIGNAL), weights)
    assert [lead.subject for lead in found] == ["person:feed:2", "person:feed:1"]
    listed = weights.hypotheses["listed-entity"]
    assert found[0].bits == listed.prior + listed.bits["listed-name", "exact"]
    assert [len(lead.speaks_for) for lead in found] == [1, 0]
