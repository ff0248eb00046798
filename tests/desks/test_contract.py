"""The contract, for every registered desk and for toy desks, one for each way of folding."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import snapshots
from tests.desks import toys
from tests.thorough import THOROUGH, draws

from watchfloor.desks import registry
from watchfloor.desks.base import ROWS
from watchfloor.run import INLINE
from watchfloor.run.order import arranged, clock
from watchfloor.testing import desks as contract
from watchfloor.testing.desks import Cut

DESKS = [*registry.desks().values(), *toys.TOYS]
SEEDS = st.integers(0, 3)
CUTS = st.lists(
    st.builds(Cut, st.integers(1, 400), st.floats(0, 1), st.booleans()),
    max_size=12,
    unique_by=lambda c: c.end,
)

every_desk = pytest.mark.parametrize("desk", DESKS, ids=lambda desk: desk.name)


SAMPLES, WHOLE = {}, {}
"""What was drawn for a desk and a seed, and what a fold of all of it gave, by the sample's identity."""


def sample(desk, seed=0):
    key = desk.name, seed
    if key not in SAMPLES:
        SAMPLES[key] = toys.sample(seed) if desk in toys.TOYS else registry.sample(desk, seed)
    return SAMPLES[key]


@pytest.fixture(scope="module", autouse=True)
def folded_once():
    """Fold each sample as a whole once: most of these tests compare something with that."""
    fold = contract.run

    def run(desk, inputs, refs, runner=INLINE, until=None):
        own = any(inputs is one for one, _ in SAMPLES.values())
        if not own or runner is not INLINE or until:
            return fold(desk, inputs, refs, runner, until)
        if (key := (desk.name, id(inputs))) not in WHOLE:
            WHOLE[key] = fold(desk, inputs, refs)
        return WHOLE[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contract, "run", run)
        yield


@pytest.mark.timeout(1200)  # the first of a desk compiles its kernels: a minute, or five on a busy machine
@every_desk
@settings(max_examples=draws(100, quick=2), deadline=None)
@given(seed=SEEDS, cuts=CUTS)
def test_the_cut_does_not_matter(desk, seed, cuts):
    contract.check_cuts(desk, *sample(desk, seed), cuts)


@every_desk
def test_each_row_may_be_a_batch(desk):
    """Of a long sample, a quick run cuts the beginning and the end so."""
    inputs, refs = sample(desk)
    cuts = contract.every_row(arranged(desk, inputs).num_rows)
    contract.check_cuts(desk, inputs, refs, cuts if THOROUGH else [*cuts[:20], *cuts[20:][-20:]])


@every_desk
@settings(max_examples=draws(60, quick=2), deadline=None)
@given(seed=SEEDS, share=st.floats(0, 1))
def test_what_was_held_does_not_depend_on_what_came_later(desk, seed, share):
    inputs, refs = sample(desk, seed)
    at = clock(desk, arranged(desk, inputs))
    contract.check_causality(desk, inputs, refs, int(at.min() + share * (at.max() - at.min())))


@pytest.mark.parametrize("desk", [d for d in DESKS if d.cut is not None], ids=lambda d: d.name)
@settings(max_examples=draws(60, quick=3), deadline=None)
@given(seed=SEEDS, count=st.sampled_from([contract.FINEST, 1, 2, 3, 7, 40]), drawn=st.integers(0, 99))
def test_parts_are_folded_apart(desk, seed, count, drawn):
    contract.check_parts(desk, *sample(desk, seed), count, drawn)


@pytest.mark.parametrize("desk", [d for d in DESKS if d.cut is ROWS], ids=lambda d: d.name)
@pytest.mark.parametrize("seed", range(3))
def test_order_does_not_matter_where_each_row_is_judged_by_itself(desk, seed):
    contract.check_order(desk, *sample(desk, seed), seed)


@every_desk
def test_nothing_ambient_is_looked_at(desk):
    contract.check_nothing_ambient(desk, *sample(desk))


@every_desk
def test_each_row_says_why_and_rests_on_records(desk):
    derived = contract.check_reasons(desk, *sample(desk))
    assert any(rows.num_rows for rows in derived.values()), f"{desk.name}: the sample makes it say nothing"
    if desk not in toys.TOYS:
        found = {f"{desk.name} {kind}": snapshots.digest(rows) for kind, rows in derived.items()}
        snapshots.check("desks.txt", found, f"{desk.name} ")


@every_desk
def test_a_pool_of_processes_gives_the_same(desk, pool):
    contract.check_runner(desk, *sample(desk), pool)


@pytest.mark.sail
@every_desk
def test_sail_gives_the_same(desk, sail):
    contract.check_runner(desk, *sample(desk), sail)
