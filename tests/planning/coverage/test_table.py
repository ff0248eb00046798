"""The table of coverage: cells rest on assets, and a change touches what it served and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.planning.coverage.detection import detection_probability, exposure
from watchfloor.planning.coverage.table import Part, Table

KINDS, KM, HOURS = ("walker", "boat"), 7, 5


@st.composite
def parts(draw):
    random = np.random.default_rng(draw(st.integers(0, 2**32)))

    def one():
        cells = random.permutation(KM * HOURS)[: random.integers(0, KM * HOURS)]
        chance = random.random((len(KINDS), len(cells))) * (random.random(len(cells)) < 0.8)
        return Part(*np.divmod(np.sort(cells), HOURS), chance)

    return {f"asset-{number}": one() for number in range(draw(st.integers(1, 5)))}


@given(parts())
def test_a_cell_is_one_minus_what_all_assets_miss(found):
    table = Table.build(KINDS, KM, HOURS, found)
    missed = np.ones((len(KINDS), KM, HOURS))
    for part in found.values():
        for at, (km, hour) in enumerate(zip(part.km, part.hour, strict=True)):
            missed[:, km, hour] *= 1 - part.chance[:, at]
    np.testing.assert_allclose(table.probability, 1 - missed, atol=1e-12)
    assert ((table.probability >= 0) & (table.probability <= 1)).all()


@given(parts(), st.data())
def test_without_an_asset_exactly_its_cells_change_as_if_it_had_never_been(found, data):
    gone = data.draw(st.sampled_from(sorted(found)))
    table = Table.build(KINDS, KM, HOURS, found)
    before = table.missed.copy()
    touched = table.replace(gone, None)
    fresh = Table.build(KINDS, KM, HOURS, {name: part for name, part in found.items() if name != gone})
    np.testing.assert_array_equal(table.missed, fresh.missed)  # to the last bit
    served = found[gone].km * HOURS + found[gone].hour
    assert set(touched.tolist()) == set(served.tolist())
    others = np.setdiff1d(np.arange(KM * HOURS), served)
    np.testing.assert_array_equal(
        table.missed.reshape(len(KINDS), -1)[:, others], before.reshape(len(KINDS), -1)[:, others]
    )
    table.replace(gone, found[gone])
    np.testing.assert_array_equal(table.missed, before)


@given(parts())
def test_the_reasons_of_a_cell_are_the_assets_that_see_something_there(found):
    table = Table.build(KINDS, KM, HOURS, found)
    for (km, hour), by in table.by_cell(2, 5).items():
        assert 2 <= km < 5
        missed = np.prod([1 - chance for chance in by.values()], axis=0)
        np.testing.assert_allclose(table.probability[:, km, hour], 1 - missed, atol=1e-12)
    reasoned = {(km, hour) for km, hour in table.by_cell(0, KM)}
    assert reasoned == set(zip(*np.nonzero(table.probability.any(0)), strict=True))


def test_looks_beside_drawing_when_the_round_begins():
    random = np.random.default_rng(1)
    for detects, within, revisit in [(0.7, 50.0, 120.0), (0.3, 500.0, 120.0), (0.9, 120.0, 120.0)]:
        phases = random.uniform(0, revisit, 40_000)  # seconds until the next look
        looks = np.where(phases < within, np.ceil((within - phases) / revisit), 0)
        drawn = np.mean(random.random(40_000) < 1 - (1 - detects) ** looks)
        assert detection_probability(detects, np.array(within), np.array(revisit)) == pytest.approx(
            drawn, abs=0.012
        )


def test_a_crosser_is_in_sight_along_the_chord():
    metres = np.array([0.0, 600.0, 1_000.0, 2_000.0])
    assert exposure(1_000.0, metres, 2.0).tolist() == [1_000.0, 800.0, 0.0, 0.0]
