from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.cell.entity_clusters import Context
from watchfloor.cell.leads import Together, leads, together
from watchfloor.cell.learning.acted import as_it_stands
from watchfloor.cell.weighing.weights import Hypothesis, Weights
from watchfloor.core.derived import SIGNAL
from watchfloor.core.messages import Reason, declare, reason

SEEN = declare("test.cell.seen", en="seen {what}", fr="vu {what}")
NOW = datetime(2026, 11, 24, tzinfo=UTC)
TABLE = Weights(
    {
        "listed": Hypothesis(
            "listed", -10.0, {("name", "match"): 8.0, ("name", "weak"): 3.0, ("name", "cleared"): -6.0}
        )
    },
    "digest",
)


def signal(number, subject="person:a:1", *, strength="match", evidence=(b"e" * 16,), **over):
    row = {
        "row_id": number.to_bytes(16, "big"),
        "revision": 0,
        "at": NOW - timedelta(days=1),
        "since": None,
        "until": None,
        "retracted": False,
        "desk": "toy",
        "rule": "name",
        "subjects": [subject],
        "strength": strength,
        "score": 0.9,
        "reason": reason(SEEN, what=strength).stored(),
        "evidence": list(evidence),
        "coverage": [],
        "origins": [],
        "marking": "U//TLP:CLEAR",
    }
    return row | over


def weigh(*rows, key=bytes(32)):
    return leads(pa.Table.from_pylist(list(rows), schema=SIGNAL), TABLE, NOW, key)


def test_the_contributions_add_up_exactly():
    (lead,) = weigh(signal(1), signal(2, strength="weak", evidence=[b"f" * 16]))
    total = lead.prior
    for contribution in lead.contributions:
        total += contribution.bits
    assert lead.bits == total == 1.0
    assert lead.probability == pytest.approx(2 / 3)


def test_one_record_counts_once_whoever_cites_it():
    (lead,) = weigh(signal(1), signal(2), signal(3, strength="weak"))
    assert [c.bits for c in lead.contributions] == [8.0, 0.0, 0.0]
    assert lead.contributions[1].note.message == "cell.repeats"


def test_one_origin_counts_once_however_often_it_is_repeated():
    echoes = [signal(i, evidence=[bytes([i]) * 16], origins=["first"]) for i in range(1, 6)]
    (lead,) = weigh(*echoes)
    assert lead.bits == -2.0


def test_a_revision_replaces_and_a_retraction_removes():
    (lead,) = weigh(signal(1), signal(1, strength="weak", revision=1))
    assert lead.bits == -7.0
    assert weigh(signal(1), signal(1, revision=1, retracted=True)) == []


def test_a_decision_counts_until_it_expires_and_then_says_so():
    (kept,) = weigh(signal(1, strength="cleared", until=NOW + timedelta(days=1)))
    assert kept.bits == -16.0
    assert [c.bits for c in kept.speaks_against] == [-6.0]
    (due,) = weigh(signal(1, strength="cleared", until=NOW - timedelta(days=1)))
    assert due.bits == -10.0
    assert due.contributions[0].note == Reason("cell.review-due", {"day": "2026-11-23"})


def test_a_strength_without_a_weight_is_shown_with_no_bits():
    (lead,) = weigh(signal(1, strength="new"))
    assert lead.bits == -10.0
    assert lead.contributions[0].note == Reason("cell.unweighed", {"rule": "name", "strength": "new"})


def test_no_signals_make_no_leads():
    assert weigh() == []


def test_what_would_lift_it_is_the_distance_to_the_next_word():
    (lead,) = weigh(signal(1))
    assert lead.probability == pytest.approx(0.2)
    assert lead.to_next_band == pytest.approx(0.0)


@settings(deadline=None, max_examples=draws(50))
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["match", "weak", "cleared", "new"]), st.integers(0, 4)),
        max_size=12,
    ),
    st.randoms(),
)
def test_the_order_of_signals_changes_nothing(drawn, random):
    rows = [
        signal(i, f"person:a:{who}", strength=strength, evidence=[bytes([record]) * 16])
        for i, (who, strength, record) in enumerate(drawn)
    ]
    shuffled = rows[:]
    random.shuffle(shuffled)
    assert weigh(*rows) == weigh(*shuffled)
    assert {lead.subject for lead in weigh(*rows)} == {f"person:a:{who}" for who, _, _ in drawn}


def test_an_id_tells_nothing_to_who_has_no_key():
    (mine,), (theirs,) = weigh(signal(1)), weigh(signal(1), key=b"another floor's secret, of 32 bytes")
    assert mine.lead_id != theirs.lead_id


FOUND = replace(TABLE, findings={"unfounded": -5.0, "seized": 9.0})


def finding(lead, result, number=1, *, days=0.5, marking="PA"):
    """An outcome of a lead, reported so many days ago."""
    told = {"record_id": bytes([number]) * 16, "lead": lead.lead_id, "result": result, "why": "we looked"}
    return told | {"by": "ann", "observed_at": NOW - timedelta(days=days), "marking": marking}


def with_findings(rows, *found):
    context = Context(
        findings={row["lead"]: [one for one in found if one["lead"] == row["lead"]] for row in found}
    )
    return leads(pa.Table.from_pylist(list(rows), schema=SIGNAL), FOUND, NOW, bytes(32), context)


def test_a_finding_changes_rank_and_probability_and_nothing_is_left_of_one_taken_back():
    rows = [signal(1), signal(2, "person:a:2", strength="weak", evidence=[b"f" * 16])]
    before = with_findings(rows)
    strong, weak = before
    after = with_findings(rows, finding(strong, "unfounded"))
    assert [one.lead_id for one in after] == [weak.lead_id, strong.lead_id]
    assert after[1].bits == strong.bits - 5.0
    assert after[1].at == strong.at
    assert after[1].marking == "PA//TLP:CLEAR"
    assert after[1].contributions[-1].evidence == (bytes([1]) * 16,)
    assert with_findings(rows, finding(strong, "not-acted-on")) == before
    (raised, _) = with_findings(rows, finding(weak, "seized"))
    assert (raised.lead_id, raised.bits) == (weak.lead_id, weak.bits + 9.0)


def test_a_finding_counts_once_and_a_later_signal_brings_the_lead_back():
    rows = [signal(1), signal(2, "person:a:2", strength="weak", evidence=[b"f" * 16])]
    strong, _ = with_findings(rows)
    twice = [finding(strong, "unfounded", number) for number in (1, 2)]
    assert with_findings(rows, *twice)[1].bits == strong.bits - 5.0
    late = signal(3, evidence=[b"g" * 16], at=NOW)
    assert with_findings([*rows, late], *twice)[0].lead_id == strong.lead_id


def test_a_fit_sees_a_lead_as_before_anybody_looked():
    (lead,) = with_findings([signal(1)])
    (after,) = with_findings([signal(1)], finding(lead, "unfounded", marking="U//TLP:CLEAR"))
    assert as_it_stands(after, FOUND) == as_it_stands(lead, FOUND)


BOTH = Weights(
    {
        "listed": Hypothesis("listed", -6.0, {("name", "match"): 6.0}),
        "precursor": Hypothesis("precursor", -6.0, {("report", "B2"): 5.0}),
        "group": Hypothesis("group", -9.0, {("name", "match"): 4.0, ("report", "B2"): 3.0}),
    },
    "digest",
)


def under_all(*rows):
    return leads(pa.Table.from_pylist(list(rows), schema=SIGNAL), BOTH, NOW, bytes(32))


def report(number, subject="person:a:1", **over):
    return signal(number, subject, evidence=[b"r" * 16], rule="report", strength="B2", **over)


def test_hypotheses_on_evidence_apart_are_judged_together_and_the_queue_stands_by_it():
    one, other = under_all(signal(1), report(2), signal(3, "person:a:2", score=0.95, evidence=[b"f" * 16]))
    found = together(one)
    assert [each.hypothesis for each in found.leads] == ["listed", "precursor"]
    assert found.probability == pytest.approx(1 - (1 - 1 / 2) * (1 - 1 / 3))
    assert one.subject == "person:a:1"
    assert together(other) == Together((other,), other.bits)


def test_a_hypothesis_on_the_same_record_is_not_counted_again():
    (one,) = under_all(signal(1), report(2) | {"evidence": [b"e" * 16]})
    assert together(one).leads == (one,)


@settings(max_examples=draws(60), deadline=None)
@given(st.lists(st.floats(-3000, 900), min_size=1, max_size=5))
def test_one_at_least_is_as_likely_as_the_likeliest_and_no_likelier_than_the_sum(bits):
    (base,) = weigh(signal(1))
    (signal_,) = base.contributions
    apart = [replace(signal_, signal_id=bytes([n]), evidence=()) for n in range(len(bits))]
    parts = [
        replace(base, bits=b, contributions=(one,))
        for b, one in zip(sorted(bits, reverse=True), apart, strict=True)
    ]
    found = together(replace(parts[0], also=tuple(parts[1:])))
    chances = [part.probability for part in parts]
    assert max(chances) - 1e-9 <= found.probability <= min(1.0, sum(chances)) + 1e-9
    assert found.probability == pytest.approx(1 - np.prod([1 - p for p in chances]), abs=1e-9)
