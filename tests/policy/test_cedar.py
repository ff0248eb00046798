"""Cedar, a peer, decides some thousand drawn cases as we do."""

from benchmarks.policy.cedar import decisions
from benchmarks.policy.draw import markings, readers
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.casework.releasing import why_not
from watchfloor.policy.policy import allowed


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 1 << 16))
def test_cedar_decides_as_we_do(seed):
    some, marked = readers(40, seed), markings(60, seed)
    ours = [allowed(reader, marking) for reader in some for marking in marked]
    assert decisions(some, marked) == ours
    assert 0 < sum(ours) < len(ours), "both answers are among them"


@given(st.integers(0, 1 << 16))
def test_what_is_refused_has_a_reason_and_nothing_else_has(seed):
    (reader,), (marking,) = readers(1, seed), markings(1, seed)
    assert (why_not(reader, marking) is None) == allowed(reader, marking)
