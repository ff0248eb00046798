"""What stands beside a probability, against brute force and simulation."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.cell.leads import Contribution, Lead
from watchfloor.cell.weighing.assessment import (
    OPEN,
    confidence,
    interval,
    smallest_fall,
    smallest_rise,
    stated,
)
from watchfloor.cell.weighing.weights import Hypothesis
from watchfloor.cell.wording.estimative_language import WORDS, probability, word
from watchfloor.core.messages import declare, reason

SEEN = declare("test.assessment", en="seen", fr="vu")
ROWS = {("name", "match"): 6.0, ("name", "weak"): 1.0, ("boat", "seen"): 3.0, ("name", "cleared"): -5.0}
TABLE = Hypothesis("crime", -6.0, ROWS, sd={("name", "match"): 0.5}, default_sd=1.0, prior_sd=2.0)


def contribution(number, rule="name", strength="match", bits=None, origins=()):
    return Contribution(
        signal_id=bytes([number]),
        subject="person:x:1",
        rule=rule,
        strength=strength,
        bits=ROWS[rule, strength] if bits is None else bits,
        score=None,
        at=datetime(2026, 11, 24, tzinfo=UTC),
        reason=reason(SEEN),
        evidence=(bytes([number]),),
        origins=tuple(origins),
    )


def lead(*contributions, prior=-6.0):
    bits = prior + sum(c.bits for c in contributions)
    return Lead("id", "person:x:1", "crime", prior, bits, contributions, "PB", "digest")


def test_the_interval_holds_nine_tenths_of_what_the_weights_could_be():
    one = lead(contribution(1), contribution(2, "boat", "seen"))
    rng = np.random.default_rng(1)
    bits = one.bits + rng.normal(0, 2.0, 200_000) + rng.normal(0, 0.5, 200_000) + rng.normal(0, 1.0, 200_000)
    low, high = np.quantile(1 / (1 + 2**-bits), [0.05, 0.95])
    assert interval(one, TABLE) == pytest.approx((low, high), abs=0.005)


def test_what_counts_in_part_is_off_in_proportion():
    whole, part = (lead(contribution(1, "boat", "seen", bits=b), prior=-6.0) for b in (3.0, 1.5))
    exact = replace(TABLE, prior_sd=0.0)

    def width(one):
        low, high = interval(one, exact)
        return np.log2(high / (1 - high)) - np.log2(low / (1 - low))

    assert width(part) == pytest.approx(width(whole) / 2)


@pytest.mark.parametrize(
    ("contributions", "level"),
    [
        ((), "low"),
        ((contribution(1),), "low"),
        ((contribution(1, origins=["a"]), contribution(2, origins=["a"])), "low"),
        ((contribution(1), contribution(2)), "moderate"),
        ((contribution(1), contribution(2), contribution(3)), "moderate"),
        ((contribution(1), contribution(2), contribution(3, "boat", "seen")), "high"),
        ((contribution(1), contribution(2, bits=0.0)), "low"),
    ],
)
def test_confidence_is_how_many_sides_the_evidence_comes_from(contributions, level):
    sure = replace(TABLE, sd={}, default_sd=0.0, prior_sd=0.0)
    found, why = confidence(lead(*contributions), sure)
    assert found == level
    assert why.render("en") != why.render("fr")


@given(st.lists(st.sampled_from(sorted(ROWS)), max_size=5), st.floats(0, 6))
def test_no_word_is_surer_than_the_interval_and_confidence_is_not_high_where_it_is_wide(rows, spread):
    one = lead(*(contribution(n, *row) for n, row in enumerate(rows)))
    table = replace(TABLE, prior_sd=spread)
    low, high = interval(one, table)
    said = stated(one, table)
    assert said in (word(low), f"{word(low)} to {word(high)}")
    assert (" to " in said) == (word(low) != word(high))
    names = [name for _, name, _ in WORDS]
    touched = names.index(word(high)) - names.index(word(low)) + 1
    level, _ = confidence(one, table)
    assert level == "low" or touched <= OPEN[1]
    assert level != "high" or touched <= OPEN[0]


LEADS = st.lists(st.sampled_from(sorted(ROWS)), max_size=5).map(
    lambda rows: lead(*(contribution(n, *row) for n, row in enumerate(rows)))
)


@given(LEADS)
def test_the_smallest_rise_is_the_weakest_row_that_changes_the_word(one):
    up = [
        bits
        for bits in ROWS.values()
        if bits > 0 and word(probability(one.bits + bits)) != word(one.probability)
    ]
    found = smallest_rise(one, TABLE)
    assert (found and found.bits) == (min(up) if up else None)


@given(LEADS)
def test_the_smallest_fall_is_the_weakest_signal_that_carries_the_word(one):
    carrying = [
        c.bits
        for c in one.contributions
        if c.bits > 0 and word(probability(one.bits - c.bits)) != word(one.probability)
    ]
    found = smallest_fall(one)
    assert (found and -found.bits) == (min(carrying) if carrying else None)
